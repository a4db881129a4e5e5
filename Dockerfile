# docker build -t overlap . && docker run --init -p 127.0.0.1:8501:8501 -v overlap-data:/data overlap
#
# What is installed stands in requirements.lock, every file with its hash; deploy/lock.py makes it from
# requirements.txt, and tests/test_compose.py holds the two together. Torch alone comes by version: its CPU
# build, several GB smaller than the one with CUDA, is in an index of its own with files of its own. The
# embedding model is inside one of the packages, so the image needs no internet to run.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    OVERLAP_DATA_DIR=/data

WORKDIR /app

# A layer of its own: changing the app does not install everything again. Nothing is compiled or resolved
# here, and the check at the end finds what the lock file may lack.
COPY requirements.lock .
RUN pip install --no-deps --only-binary :all: --require-hashes -r requirements.lock \
    && pip install --no-deps --only-binary :all: --index-url https://download.pytorch.org/whl/cpu torch==2.13.0 \
    && pip check

RUN useradd --create-home --uid 10001 --shell /usr/sbin/nologin overlap \
    && install -d -o overlap -g overlap /data
COPY .streamlit .streamlit
COPY core core
COPY pages pages
COPY app.py .

USER overlap
VOLUME /data
EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

# All interfaces of the container; who can reach it is decided by what is published.
CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]

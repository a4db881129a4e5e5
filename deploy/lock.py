"""Makes requirements.lock from requirements.txt: what the image installs, each package with its hashes.

    pip install uv && python deploy/lock.py

Run it when requirements.txt has changed. Torch is left out, with the CUDA packages that its build on PyPI
wants: the Dockerfile takes the CPU build from PyTorch's own index. What torch needs besides is in.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Of the image. On arm64 the same versions come out, and the hashes are of every platform.
PLATFORM, PYTHON = "x86_64-manylinux_2_28", "3.11"
LEFT_OUT = ("torch==", "triton==", "nvidia-", "cuda-")
HEAD = """\
# Made by deploy/lock.py from requirements.txt; run it again instead of editing this.
# Torch is not in here: see the Dockerfile.
"""


def main() -> None:
    """Write the lock file of the image, with the hashes of every package but those left out."""
    argv = ["uv", "pip", "compile", "requirements.txt", "--generate-hashes", "--no-annotate", "--no-header"]
    argv += ["--quiet", "--python-version", PYTHON, "--python-platform", PLATFORM]
    argv += ["--default-index", "https://pypi.org/simple"]
    found = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    # A package is a line that does not begin with a space, and its hashes are the lines after it.
    packages = found.replace("\n    ", "\0    ").splitlines(keepends=True)
    kept = [package for package in packages if not package.startswith(LEFT_OUT)]
    (ROOT / "requirements.lock").write_text(HEAD + "".join(kept).replace("\0", "\n"))


if __name__ == "__main__":
    main()

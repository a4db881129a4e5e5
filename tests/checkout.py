"""A checkout as a newcomer has it: the project's files, a virtual environment inside, a `.env`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from core.runtime.paths import REPOSITORY

PARTS = ("app.py", "core", "pages", ".streamlit", "requirements.txt", ".env.example")


def make_checkout(folder: Path, dotenv: str) -> str:
    """Put one into `folder`; returns its Python.

    The environment is this one under another path: libraries that look for a `.env` upwards from where
    they lie find the checkout's.
    """
    for part in PARTS:
        source = REPOSITORY / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    (folder / ".env").write_text(dotenv, encoding="utf-8")
    return str(folder / ".venv" / "bin" / "python")

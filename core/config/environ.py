"""What libraries and child processes get of this process's environment.

Only `core.config.settings` reads the settings: libraries and children get none of them, secrets least of all.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

# What any program needs to run at all.
_NEEDED = (
    "PATH",
    "HOME",
    "USERPROFILE",  # Windows's name for it
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "PYTHONPATH",
)
# Settings that no child of ours needs: what one has to know travels in a way of its own.
_SECRETS = ("OPENAI_API_KEY", "MILVUS_TOKEN", "MILVUS_URI", "HF_TOKEN")

_DOTENV_SWITCH = "PYTHON_DOTENV_DISABLED"


def bare_environ(*names: str) -> dict[str, str]:
    """The environment for a child that is to know nothing of us: what it needs to run, and `names`."""
    return {name: os.environ[name] for name in (*_NEEDED, *names) if name in os.environ}


def environ_without_secrets() -> dict[str, str]:
    """The environment for a child that needs the machine's own settings, such as a proxy's."""
    return {name: value for name, value in os.environ.items() if name not in _SECRETS}


def keep_from_pymilvus() -> None:
    """Keep `.env` and MILVUS_URI from pymilvus; call it before pymilvus is imported in this process.

    When it is imported, it loads the nearest `.env` into os.environ, keys and tokens too, and connects
    its module of settings to MILVUS_URI, which for us may be a path: its import would fail. So this
    imports that one module first, with the loading switched off, and empties what it took.
    """
    name = "pymilvus.settings"
    try:
        package = importlib.util.find_spec("pymilvus")
    except ModuleNotFoundError:
        return  # `core.runtime.requirements` says so
    if package is None or package.origin is None or name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, Path(package.origin).with_name("settings.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = os.environ.get(_DOTENV_SWITCH)
    os.environ[_DOTENV_SWITCH] = "1"
    try:
        spec.loader.exec_module(module)
    finally:
        if before is None:
            del os.environ[_DOTENV_SWITCH]
        else:
            os.environ[_DOTENV_SWITCH] = before
    module.Config.MILVUS_URI = module.Config.LEGACY_URI = ""
    sys.modules[name] = module

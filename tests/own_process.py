"""A script in a process of its own: what it imports and leaves behind is its own."""

from __future__ import annotations

import subprocess
import sys

from core.config.environ import bare_environ
from core.runtime.paths import REPOSITORY

TIMEOUT_S = 120


def output_of(script: str, **environ: str) -> str:
    """What `script` prints, run with no setting but `environ`; an AssertionError with its last words."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env=bare_environ() | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

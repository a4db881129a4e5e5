"""The command line with its imports done: waits for one line of orders, and carries it out.

Started by `core.bench.standby`. The line is JSON: the arguments of `python -m core`, and the environment.
"""

from __future__ import annotations

import json
import os
import sys

# What a run needs, imported while there is time.
import core.cli.bench_run
import core.cli.commands  # noqa: F401
from core.cli.main import main as run
from core.store import import_store_class


def main() -> int:
    """Returns the exit code of what was ordered; 0 when nothing was."""
    import_store_class()
    line = sys.stdin.readline()
    if not line:
        return 0  # the app has ended, or nobody wants a run any more
    orders = json.loads(line)
    os.environ.clear()
    os.environ.update(orders["env"])
    return run(orders["argv"])


if __name__ == "__main__":
    sys.exit(main())

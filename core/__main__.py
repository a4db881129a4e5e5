"""``python -m core``: the command line, whose home is `core.cli.main`."""

import sys

from core.cli.main import main

if __name__ == "__main__":
    code = main()
    # Most commands have not imported it, which takes longer than they do.
    if "core.store" in sys.modules:
        from core.store import close_all_lite

        close_all_lite()
    sys.exit(code)

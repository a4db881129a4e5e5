"""``python -m core``: the command line, whose home is `core.cli.main`."""

import sys

from core.cli.main import main
from core.store.connection import close_all_lite

if __name__ == "__main__":
    code = main()
    close_all_lite()
    sys.exit(code)

"""Where this project lies."""

from pathlib import Path

# Child processes are started here, so that `python -m core...` finds the package.
REPOSITORY = Path(__file__).resolve().parents[2]

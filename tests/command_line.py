"""What the command line makes of words, what a command has printed, and a file for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

from core.cli.bench_flags import BenchFlags
from core.cli.commands import app


@dataclass(frozen=True)
class Done:
    """What a command has left."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


def parsed(*words: str) -> dict[str, Any]:
    """The values that a command would be called with. Raises typer.TyperException for wrong words."""
    command: Any = _all()
    rest = list(words)
    while isinstance(command, TyperGroup):
        command = command.commands[rest.pop(0)]
    return dict(command.make_context(words[0], rest).params)


def bench_flags(*words: str) -> BenchFlags:
    """The flags of `bench` that some words are."""
    return BenchFlags(**parsed("bench", *words))


@cache
def _all() -> TyperGroup:
    return get_group(app)


def fee_file(folder: Path, euros: int) -> str:
    """The path of a text that says how much the fee is, written anew."""
    path = folder / "fee.txt"
    path.write_text(f"The membership fee is {euros} euros a year.")
    return str(path)

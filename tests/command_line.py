"""What the command line makes of words, without carrying it out."""

from __future__ import annotations

from functools import cache
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

from core.cli.bench_flags import BenchFlags
from core.cli.commands import app


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

"""All commands of ``python -m core``, put together. Each is a module beside this one."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from core import __version__
from core.cli import kb
from core.cli.ask import ask
from core.cli.bench import bench
from core.cli.completion import BASH
from core.cli.doctor import doctor
from core.cli.evaluate import evaluate
from core.cli.exit_codes import EXIT_CODES, EXIT_USAGE
from core.cli.ingest import ingest
from core.cli.read import read
from core.cli.server import server


def overlap(
    context: typer.Context,
    show_completion: Annotated[
        bool, typer.Option("--show-completion", help="Print what lets bash complete commands and flags.")
    ] = False,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Overlap without a browser."""
    if show_version:
        print(f"overlap {__version__}")
        raise typer.Exit
    if show_completion:
        print(BASH)
        raise typer.Exit
    show_help(context)


def show_help(context: typer.Context) -> None:
    """Print the help where no command is named.

    Raises:
        Exit: After printing it.
    """
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(EXIT_USAGE)


class _Command(TyperCommand):
    def get_help_option(self, ctx: Any) -> Any:
        return _false_if_not_given(super().get_help_option(ctx))


class _Group(TyperGroup):
    def get_help_option(self, ctx: Any) -> Any:
        return _false_if_not_given(super().get_help_option(ctx))


def _false_if_not_given(option: Any) -> Any:
    """`--help` as False and not as None, for whose conversion typer imports pydantic, which takes 0.15 s."""
    option.default = False
    return option


# Scripts read what is printed: no tables, no colours. The completion is ours, see `core.cli.completion`.
_STYLE: dict[str, Any] = {
    "cls": _Group,
    "add_completion": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
    "invoke_without_command": True,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}

app = typer.Typer(**_STYLE, callback=overlap, epilog=EXIT_CODES)
app.command("ingest", cls=_Command)(ingest)
app.command("read", cls=_Command)(read)
app.command("ask", cls=_Command)(ask)
app.command("evaluate", cls=_Command, short_help="Measure how often the right passage is found.")(evaluate)
app.command("bench", cls=_Command)(bench)
app.command("server", cls=_Command)(server)
app.command("doctor", cls=_Command)(doctor)

kbs = typer.Typer(**_STYLE, callback=show_help, help="List and manage knowledge bases.")
kbs.command("list", cls=_Command)(kb.show)
kbs.command("create", cls=_Command)(kb.create)
kbs.command("rename", cls=_Command)(kb.rename)
kbs.command("change-model", cls=_Command, short_help="Make one anew for another embedding model.")(
    kb.change_model
)
kbs.command("delete", cls=_Command)(kb.delete)
app.add_typer(kbs, name="kb")

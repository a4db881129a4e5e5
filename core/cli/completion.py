"""Completion of the words after ``python -m core`` in bash."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer.core import TyperGroup

# What the shell sets when it asks.
VARIABLE = "_OVERLAP_COMPLETE"

# typer's own script completes a program by its name; ours begins two words later, after `-m core`. Anything
# else after `python` is completed as without it.
BASH = f"""\
_overlap_completion() {{
    [[ "${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}" == "-m core" && $COMP_CWORD -gt 2 ]] || return 0
    local IFS=$'\\n'
    COMPREPLY=( $( COMP_WORDS="${{COMP_WORDS[*]:2}}" COMP_CWORD=$((COMP_CWORD - 2)) \\
                   {VARIABLE}=complete_bash "${{COMP_WORDS[0]}}" -m core 2> /dev/null ) )
}}
complete -o default -F _overlap_completion python python3"""


def complete(commands: TyperGroup, program: str) -> int:
    """Answer the shell, which says in the environment what was typed so far; returns the exit code."""
    from typer.completion import completion_init, shell_complete  # type: ignore[attr-defined]

    completion_init()
    return shell_complete(commands, {}, program, VARIABLE, os.environ[VARIABLE])


def one_of(choices: Sequence[str]) -> Callable[[str], list[str]]:
    """Completes one of `choices`, or the last one of a list of them with commas."""

    def completed(incomplete: str) -> list[str]:
        before, comma, _ = incomplete.rpartition(",")
        return [f"{before}{comma}{choice}" for choice in choices]

    return completed

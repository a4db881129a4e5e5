"""The flags of the command `bench`, and the plan that they ask for."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from typer import Option

from core.bench.plan.constraints import choices_of, limits_of
from core.bench.plan.plan import Plan, whole_numbers
from core.bench.plan.presets import PRESETS, preset_plan
from core.cli.completion import one_of
from core.config.settings import SYNTHETIC_DATA
from core.errors import PlanError

DEFAULT_PRESET = "tutorial"


_PLANNED = {setting.name: setting for setting in fields(Plan)}


def _number(flag: str, setting: str, what: str, *, unit: str = "N") -> Any:
    """A number. Its limits are the plan's, which refuses others with a sentence of its own."""
    return Option(flag, metavar=unit, help=f"{what} ({limits_of(_PLANNED[setting])}).")


def _choice(flag: str, setting: str, what: str, *, metavar: str = "NAME") -> Any:
    """One word or several; what it may be is the plan's to refuse."""
    return _words(flag, choices_of(_PLANNED[setting]), what, metavar=metavar)


def _words(flag: str, choices: Sequence[str], what: str, *, metavar: str = "NAME") -> Any:
    told = f"{what}: {', '.join(choices)}."
    return Option(flag, metavar=metavar, help=told, autocompletion=one_of(choices))


def _hidden(flag: str) -> Any:
    return Option(flag, hidden=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchFlags:
    """What was asked for. None: as in the preset."""

    preset: Annotated[str, _words("--preset", tuple(PRESETS), "What to start from")] = DEFAULT_PRESET
    target: Annotated[
        str | None, Option("--target", metavar="URI", help="lite, or a URI; without it MILVUS_URI, or lite.")
    ] = None
    token_env: Annotated[
        str | None,
        Option("--token-env", metavar="VAR", help="Environment variable that holds the target's token."),
    ] = None
    op: Annotated[str | None, _choice("--op", "operations", "Operations, with commas", metavar="LIST")] = None
    lanes: Annotated[
        str | None, _choice("--lanes", "lanes", "Ways to run them, with commas", metavar="LIST")
    ] = None
    counts: Annotated[
        str | None,
        Option(
            "--counts",
            metavar="LIST",
            help=f"Operations per trial, such as 10,100,1000 (each {limits_of(_PLANNED['counts'])}).",
        ),
    ] = None
    repeats: Annotated[
        int | None, _number("--repeats", "repeats", "Measured trials of every lane at every count")
    ] = None
    warmup: Annotated[
        int | None,
        _number("--warmup", "warmup", "Trials before those, which are left out of the figures"),
    ] = None
    dim: Annotated[int | None, _number("--dim", "dim", "Dimensions of a vector")] = None
    metric: Annotated[str | None, _choice("--metric", "metric", "Measure of similarity")] = None
    top_k: Annotated[int | None, _number("--top-k", "top_k", "Hits per search")] = None
    consistency: Annotated[
        str | None, _choice("--consistency", "consistency", "Milvus' consistency level")
    ] = None
    concurrency: Annotated[
        int | None,
        _number("--concurrency", "concurrency", "Most requests under way at once, of a bounded lane"),
    ] = None
    batch_size: Annotated[
        int | None, _number("--batch-size", "batch_size", "Operations per request of a batch lane")
    ] = None
    index: Annotated[str | None, _choice("--index", "index", "Index of the vectors")] = None
    fields: Annotated[str | None, _choice("--fields", "fields", "What a hit carries back")] = None
    rtt_ms: Annotated[
        int | None,
        _number("--rtt-ms", "rtt_ms", "Simulated network round trip in milliseconds", unit="MS"),
    ] = None
    rate_per_s: Annotated[
        float | None,
        _number(
            "--rate",
            "rate_per_s",
            "Operations that arrive per second; 0: as fast as they go",
            unit="PER_S",
        ),
    ] = None
    stall_s: Annotated[
        float | None,
        _number("--stall", "stall_s", "Seconds for which the link freezes in each trial", unit="S"),
    ] = None
    processes: Annotated[
        int | None, _number("--processes", "processes", "Client processes that share a trial")
    ] = None
    sweep: Annotated[str | None, _choice("--sweep", "sweep", "What is varied")] = None
    sweep_values: Annotated[
        str | None,
        Option(
            "--sweep-values",
            metavar="LIST",
            help="What a sweep goes through, such as 0,20,60 (milliseconds) or 1,8,64 (requests at once).",
        ),
    ] = None
    data: Annotated[
        str | None,
        Option(
            "--data",
            metavar="NAME",
            help=f"Where vectors come from: {', '.join(SYNTHETIC_DATA)}, or a knowledge base's name.",
            autocompletion=one_of(SYNTHETIC_DATA),
        ),
    ] = None
    document: Annotated[
        Path | None,
        Option("--document", metavar="FILE", help="What --op ingest adds; without it a bundled handbook."),
    ] = None
    first_calls: Annotated[
        str | None,
        _choice("--first-calls", "first_calls", "Connecting and first calls, before the clock or inside it"),
    ] = None
    seed: Annotated[int | None, _number("--seed", "seed", "Seed of everything random")] = None
    time_limit_s: Annotated[
        float | None,
        _number("--time-limit", "time_limit_s", "Seconds after which a trial is cut", unit="S"),
    ] = None
    # The page hands over a whole plan as JSON, and the passages of a knowledge base that it holds open
    # itself, or a document that was uploaded. It names the run before it starts, so that it finds the record
    # whatever happens.
    plan: Annotated[str | None, _hidden("--plan")] = None
    data_file: Annotated[Path | None, _hidden("--data-file")] = None
    run_id: Annotated[str | None, _hidden("--run-id")] = None
    out: Annotated[
        Path | None,
        Option("--out", metavar="FILE", help="Record file; without it runs/<id>.json in the data folder."),
    ] = None
    overwrite: Annotated[bool, Option("--overwrite", help="Write over a file that is there already.")] = False
    as_json: Annotated[bool, Option("--json", help="Print the record.")] = False
    wait: Annotated[bool, Option("--wait", help="Wait while another benchmark is running.")] = False
    fail_under: Annotated[
        str | None,
        Option(
            "--fail-under",
            metavar="BOUNDS",
            help="Exit 1 when a speed-up at the largest count is less, in any case of a sweep, such as "
            '"search.async>=10", or in one case "search.async[rtt_ms=60]>=10".',
        ),
    ] = None
    events: Annotated[bool, Option("--events", help="Print JSON lines for a program that watches.")] = False


# Settings of a plan that are flags of the same name, taken as they are.
_SETTINGS = ({setting.name for setting in fields(Plan)} & {flag.name for flag in fields(BenchFlags)}) - {
    "preset",
    "target",
    "lanes",
    "counts",
    "sweep_values",
}


def plan_of(flags: BenchFlags, label: str) -> Plan:
    """The plan that the flags ask for, at the target of that label.

    Raises:
        PlanError: When a flag's value can't be used, or one does not fit another.
    """
    if flags.plan is not None:
        return _plan_from_json(flags.plan)
    changes: dict[str, Any] = {"target": label}
    for setting, words in (("operations", flags.op), ("lanes", flags.lanes)):
        if words is not None:
            changes[setting] = [part.strip() for part in words.split(",") if part.strip()]
    for setting, words, example in (
        ("counts", flags.counts, "10,100,1000"),
        ("sweep_values", flags.sweep_values, "0,20,60"),
    ):
        if words is not None:
            changes[setting] = whole_numbers(f"{setting} is", words, example)
    given = {setting: getattr(flags, setting) for setting in _SETTINGS}
    changes |= {setting: value for setting, value in given.items() if value is not None}
    if changes.get("rate_per_s") == 0:
        changes["rate_per_s"] = None
    plan = preset_plan(flags.preset, **changes)
    if flags.sweep_values is not None and plan.sweep not in {"distance", "concurrency"}:
        raise PlanError("sweep_values needs --sweep distance or concurrency; add it, or leave them out.")
    return plan


def with_flag(error: str) -> str:
    """What is wrong with a setting, which a plan names first, said of its flag."""
    setting, space, rest = error.partition(" ")
    hints = get_type_hints(BenchFlags, include_extras=True)
    # typer takes the first word of an annotation for the flag, and its class for a default.
    flags = {name: hint.__metadata__[0].default for name, hint in hints.items()}
    flags["operations"] = flags["op"]
    return f"{flags.get(setting.replace('-', '_'), setting)}{space}{rest}"


def _plan_from_json(text: str) -> Plan:
    try:
        values = json.loads(text)
    except ValueError as exc:
        raise PlanError(f"plan is not JSON: {exc}.") from exc
    if not isinstance(values, dict):
        raise PlanError("plan is not a JSON object.")
    return Plan.from_dict(values)


def with_flags(run: Callable[[BenchFlags], int]) -> Callable[..., int]:
    """`run` as a function that typer can read: its parameters are the flags."""
    hints = get_type_hints(BenchFlags, include_extras=True)

    def command(**words: Any) -> int:
        return run(BenchFlags(**words))

    command.__doc__ = run.__doc__
    command.__annotations__ = hints
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                flag.name, inspect.Parameter.KEYWORD_ONLY, default=flag.default, annotation=hints[flag.name]
            )
            for flag in fields(BenchFlags)
        ]
    )
    return command

"""The command `bench`: flags to a plan, progress to stderr, the result to stdout."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.bench.analysis.bounds import Bound, check_bounds, missed, parse_bounds
from core.bench.load.dataset import OwnData, load_own
from core.bench.load.own_data import read_own
from core.bench.load.runner import Emit, run_plan
from core.bench.one_at_a_time import alone
from core.bench.plan.plan import LANES, SYNTHETIC_DATA, Plan, whole_numbers
from core.bench.plan.presets import PRESETS, preset_plan
from core.bench.records.archive import to_json
from core.bench.records.run import Run, is_id, new_id
from core.cli.bench_terminal import bar_printer, event_printer, table
from core.config.settings import Settings, Target
from core.errors import ConfigError, OverlapError, PlanError

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_STOPPED = 0, 1, 2, 130

# Flag, setting of the plan, type.
_SETTINGS: list[tuple[str, str, Any]] = [
    ("--repeats", "repeats", int),
    ("--warmup", "warmup", int),
    ("--dim", "dim", int),
    ("--metric", "metric", str),
    ("--top-k", "top_k", int),
    ("--consistency", "consistency", str),
    ("--concurrency", "concurrency", int),
    ("--batch-size", "batch_size", int),
    ("--index", "index", str),
    ("--fields", "fields", str),
    ("--rtt-ms", "rtt_ms", int),
    ("--rate", "rate_per_s", float),
    ("--stall", "stall_s", float),
    ("--processes", "processes", int),
    ("--sweep", "sweep", str),
    ("--data", "data", str),
    ("--first-calls", "first_calls", str),
    ("--seed", "seed", int),
    ("--time-limit", "time_limit_s", float),
]


def add_bench_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `bench` to the command line; `run_bench` takes what it parses."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "bench", help="measure sync against async add and search", description=__doc__
    )
    parser.add_argument("--preset", default="tutorial", help=f"{', '.join(PRESETS)} (default: tutorial)")
    parser.add_argument("--target", help="lite, or a URI (default: MILVUS_URI, or lite)")
    parser.add_argument("--token-env", metavar="VAR", help="environment variable that holds the token")
    parser.add_argument("--op", help="add,search")
    parser.add_argument("--lanes", help=",".join(LANES))
    parser.add_argument("--counts", help="operations per trial, such as 10,100,1000")
    for flag, setting, kind in _SETTINGS:
        parser.add_argument(flag, dest=setting, type=kind)
    parser.add_argument("--sweep-values", help="what a sweep goes through, such as 0,20,60 (ms) or 1,8,64")
    # The page hands over a whole plan as JSON, and the passages of a knowledge base that it holds open
    # itself.
    parser.add_argument("--plan", default=None, help=argparse.SUPPRESS)
    parser.add_argument("--data-file", type=Path, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="record file (default: runs/<id>.json in the data folder)")
    parser.add_argument("--overwrite", action="store_true", help="write over a file that is there already")
    # The page names the run before it starts, so that it finds the record whatever happens.
    parser.add_argument("--run-id", default=None, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print the record")
    parser.add_argument("--wait", action="store_true", help="wait while another benchmark is running")
    parser.add_argument(
        "--fail-under",
        metavar="BOUNDS",
        help="exit 1 when a speed-up at the largest count is less, in any case of a sweep, such as "
        '"search.async>=10", or in one case "search.async[rtt_ms=60]>=10"',
    )
    parser.add_argument("--events", action="store_true", help="print JSON lines for a program that watches")
    return parser


def run_bench(args: argparse.Namespace, settings: Settings) -> int:
    """Measure and print. Returns the exit code: 0, 1 failed, 2 wrong flags, 130 stopped."""
    emit = event_printer(sys.stdout) if args.events else bar_printer(sys.stderr)
    try:
        target, label = _target(args, settings)
        plan, own = _with_own_data(plan_of(args, label), args, settings)
        bounds = () if args.fail_under is None else parse_bounds(args.fail_under)
        check_bounds(bounds, plan)
        _check_out(args)
        if args.run_id and not is_id(args.run_id):
            raise PlanError(f"run-id is {args.run_id[:40]!r}, which is not the id of a run.")
    except (PlanError, ConfigError) as exc:
        return _refuse(args, emit, str(exc), EXIT_USAGE)
    except OverlapError as exc:
        return _refuse(args, emit, str(exc), EXIT_FAILED)
    run_id = args.run_id or new_id()
    try:
        with alone(settings.data_dir, run_id, waits=args.wait, say=_say):
            return _measure(args, settings, plan, target, own, run_id=run_id, bounds=bounds, emit=emit)
    except OverlapError as exc:
        return _refuse(args, emit, str(exc), EXIT_FAILED)


def _measure(
    args: argparse.Namespace,
    settings: Settings,
    plan: Plan,
    target: Target,
    own: OwnData | None,
    *,
    run_id: str,
    bounds: tuple[Bound, ...],
    emit: Emit,
) -> int:
    path = args.out or settings.runs_dir / f"{run_id}.json"
    if plan.target == "lite":
        target = Target(uri=str(settings.data_dir / "bench" / f"{run_id}.db"))
    try:
        run = run_plan(plan, target, run_id=run_id, path=path, emit=emit, own=own)
    except OSError as exc:
        return _refuse(args, emit, f"The record {path} can't be written: {exc.strerror}.", EXIT_FAILED)
    try:
        return _report(run, path, args, bounds, emit)
    except BrokenPipeError:
        # Whoever read the output is gone; without this Python complains again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_STOPPED


def _check_out(args: argparse.Namespace) -> None:
    """Raise PlanError where the record would take the place of another file."""
    if args.out is None or not os.path.lexists(args.out):
        return
    if args.out.is_dir():
        raise PlanError(f"out is {args.out}, which is a folder; name a file in it.")
    if not args.overwrite:
        raise PlanError(
            f"out is {args.out}, which is there already; choose another name, or add --overwrite."
        )


def _target(args: argparse.Namespace, settings: Settings) -> tuple[Target, str]:
    """The target and its label. A Lite file of the app is never used: the run gets its own."""
    token = os.environ.get(args.token_env, "") if args.token_env else ""
    if args.token_env and not token:
        raise ConfigError(
            f"token-env names {args.token_env}, which is not set. Set it, or leave the flag out."
        )
    if args.target is None:
        chosen = settings.target
    elif args.target == "lite":
        return Target(uri="bench.db"), "lite"
    else:
        chosen = Target.parse(args.target, token, key="--target")
        if chosen.label == settings.target.label and not chosen.token:
            chosen = settings.target
    return chosen, chosen.label


def plan_of(args: argparse.Namespace, label: str) -> Plan:
    """The plan that the flags ask for, at the target of that label. Raises PlanError."""
    if args.plan is not None:
        return _plan_from_json(args.plan)
    changes: dict[str, Any] = {"target": label}
    for flag, setting in (("op", "operations"), ("lanes", "lanes")):
        if getattr(args, flag) is not None:
            changes[setting] = [part.strip() for part in getattr(args, flag).split(",") if part.strip()]
    for flag, example in (("counts", "10,100,1000"), ("sweep_values", "0,20,60")):
        if getattr(args, flag) is not None:
            changes[flag] = whole_numbers(f"{flag} is", getattr(args, flag), example)
    for _, setting, _ in _SETTINGS:
        if getattr(args, setting) is not None:
            changes[setting] = getattr(args, setting)
    if changes.get("rate_per_s") == 0:
        changes["rate_per_s"] = None
    return preset_plan(args.preset, **changes)


def _plan_from_json(text: str) -> Plan:
    try:
        values = json.loads(text)
    except ValueError as exc:
        raise PlanError(f"plan is not JSON: {exc}.") from exc
    if not isinstance(values, dict):
        raise PlanError("plan is not a JSON object.")
    return Plan.from_dict(values)


def _with_own_data(plan: Plan, args: argparse.Namespace, settings: Settings) -> tuple[Plan, OwnData | None]:
    """The plan with the dimension and metric of the knowledge base that it is about, and its passages."""
    if plan.data in SYNTHETIC_DATA:
        return plan, None
    if args.data_file:
        own = load_own(args.data_file)
        # Passages of a visitor's documents are not left lying about.
        args.data_file.unlink(missing_ok=True)
    else:
        own = read_own(settings, plan.data, max(plan.counts))
    return replace(plan, dim=own.dim, metric="COSINE"), own


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _refuse(args: argparse.Namespace, emit: Emit, message: str, code: int) -> int:
    if args.events:
        emit({"event": "error", "message": message})
    else:
        sys.stderr.write(f"{message}\n")
    return code


def _report(run: Run, path: Path, args: argparse.Namespace, bounds: tuple[Bound, ...], emit: Emit) -> int:
    if args.events:
        if run.status == "failed":
            emit({"event": "error", "message": run.note})
        emit({"event": "finished", "status": run.status, "path": str(path)})
    else:
        sys.stdout.write(f"{to_json(run) if args.json else table(run)}\n")
        sys.stderr.write(f"{f'{run.note} ' if run.note else ''}Run {run.id} {run.status}: {path}\n")
    if run.status != "complete":
        return EXIT_STOPPED if run.status == "stopped" else EXIT_FAILED
    sentences = missed(run, bounds)
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return EXIT_FAILED if sentences else EXIT_OK

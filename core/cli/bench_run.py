"""A run from the flags of `bench`: its plan, progress to stderr, the result to stdout."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.bench.analysis.fail_under import Bound, check_bounds, missed, parse_bounds
from core.bench.folder_lock import alone
from core.bench.load.dataset import OwnData, load_own
from core.bench.load.events import error_event, finished_event
from core.bench.load.measure_ingest import IngestOrder
from core.bench.load.own_data import read_own
from core.bench.load.runner import Emit, run_plan
from core.bench.plan.plan import HANDBOOK, Plan
from core.bench.records.archive import to_json
from core.bench.records.run import Run, is_id, new_id
from core.cli.bench_flags import BenchFlags, plan_of, with_flag
from core.cli.bench_terminal import bar_printer, event_printer, table
from core.cli.exit_codes import EXIT_FAILED, EXIT_OK, EXIT_STOPPED, EXIT_USAGE, WrongUseError
from core.cli.options import secret_from
from core.cli.wording import in_a_terminal
from core.config.settings import SYNTHETIC_DATA, Secret, Settings, Target
from core.documents.file_identity import clean_file_name
from core.documents.sources.incoming import NamedBytes
from core.embedding.model import shared_embedder
from core.errors import BenchError, ConfigError, OverlapError, PlanError
from core.evaluation.samples import handbook
from core.runtime.console import plain
from core.runtime.surrogates import as_unicode


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A run as it was asked for, checked.

    Attributes:
        own: The passages of the knowledge base that it is about, if it is.
        ingest: The document of an ingest.
        path: Where its record goes.
    """

    run_id: str
    plan: Plan
    target: Target
    own: OwnData | None
    ingest: IngestOrder | None
    bounds: tuple[Bound, ...]
    path: Path


def run_bench(flags: BenchFlags, settings: Settings) -> int:
    """Measure and print. Returns the exit code: 0, 1 failed, 2 wrong flags, 130 stopped."""
    emit = event_printer(sys.stdout) if flags.events else bar_printer(sys.stderr)
    try:
        order = _order(flags, settings)
        with alone(settings.data_dir, order.run_id, waits=flags.wait, say=_say):
            run = _measure(order, emit)
    except OverlapError as exc:
        if flags.events:
            emit(error_event(str(exc)))
        else:
            _say(f"error: {_here(str(exc), flags)}")
        return EXIT_USAGE if isinstance(exc, WrongUseError) else EXIT_FAILED
    return _report(run, order, flags, emit)


def _order(flags: BenchFlags, settings: Settings) -> Order:
    """What is to be measured, made from the flags.

    Raises:
        WrongUseError: When a flag has a value that can't be used.
        OverlapError: When a knowledge base can't be read.
    """
    run_id = flags.run_id or new_id()
    try:
        target, label = _target(flags, settings)
        plan, ingest = _with_document(plan_of(flags, label), flags, settings)
        plan, own = _with_own_data(plan, flags, settings)
        bounds = () if flags.fail_under is None else parse_bounds(flags.fail_under)
        check_bounds(bounds, plan)
        _check_out(flags)
        if not is_id(run_id):
            raise PlanError(f"run-id is {run_id[:40]!r}, which is not the id of a run.")
    except (PlanError, ConfigError) as exc:
        raise WrongUseError(str(exc) if flags.events else with_flag(str(exc))) from exc
    if plan.target == "lite":
        target = Target(uri=str(settings.data_dir / "bench" / f"{run_id}.db"))
    path = flags.out or settings.runs_dir / f"{run_id}.json"
    return Order(run_id=run_id, plan=plan, target=target, own=own, ingest=ingest, bounds=bounds, path=path)


def _measure(order: Order, emit: Emit) -> Run:
    try:
        return run_plan(
            order.plan,
            order.target,
            run_id=order.run_id,
            path=order.path,
            emit=emit,
            own=order.own,
            order=order.ingest,
        )
    except OSError as exc:
        raise BenchError(f"The record {order.path} can't be written: {exc.strerror}.") from exc


def _check_out(flags: BenchFlags) -> None:
    """Refuse to put the record in the place of another file.

    Raises:
        PlanError: When there is one, or a folder; not for a file with --overwrite.
    """
    if flags.out is None or not os.path.lexists(flags.out):
        return
    if flags.out.is_dir():
        raise PlanError(f"out is {flags.out}, which is a folder; name a file in it.")
    if not flags.overwrite:
        raise PlanError(
            f"out is {flags.out}, which is there already; choose another name, or add --overwrite."
        )


def _target(flags: BenchFlags, settings: Settings) -> tuple[Target, str]:
    """The target and its label. A Lite file of the app is never used: the run gets its own."""
    token = secret_from("--token-env", flags.token_env)
    if flags.target is None:
        chosen = replace(settings.target, token=Secret(value=token)) if token else settings.target
    elif flags.target == "lite":
        return Target(uri="bench.db"), "lite"
    else:
        chosen = Target.parse(flags.target, token, key="--target")
        if chosen.is_lite:
            raise PlanError(
                f"target is {flags.target}, but a run makes a file of Milvus Lite of its own; write lite."
            )
        if chosen.label == settings.target.label and not chosen.token:
            chosen = settings.target
    return chosen, chosen.label


def _with_document(plan: Plan, flags: BenchFlags, settings: Settings) -> tuple[Plan, IngestOrder | None]:
    """The plan with the name of the document that it ingests, and that document.

    Raises:
        PlanError: When there is none to ingest, it can't be read, or one is named without an ingest.
    """
    if not plan.is_ingest:
        if flags.document is not None:
            raise PlanError("document is for an ingest; add --op ingest, or leave it out.")
        return plan, None
    if flags.data_file:
        data = flags.data_file.read_bytes()
        flags.data_file.unlink(missing_ok=True)
    elif flags.document is not None:
        try:
            data = flags.document.read_bytes()
        except OSError as exc:
            raise PlanError(f"document is {flags.document}, which can't be read: {exc.strerror}.") from exc
        plan = replace(plan, data=clean_file_name(as_unicode(flags.document.name)))
    elif plan.data == HANDBOOK:
        data = handbook()
    else:
        raise PlanError(f"data is {plan.data!r}, but an ingest takes its document from --document FILE.")
    load = partial(shared_embedder, settings)
    return plan, IngestOrder(document=NamedBytes(name=plan.data, data=data), load=load)


def _with_own_data(plan: Plan, flags: BenchFlags, settings: Settings) -> tuple[Plan, OwnData | None]:
    """The plan with the dimension and metric of the knowledge base that it is about, and its passages."""
    if plan.is_ingest or plan.data in SYNTHETIC_DATA:
        return plan, None
    if flags.data_file:
        own = load_own(flags.data_file)
        # Passages of a visitor's documents are not left lying about.
        flags.data_file.unlink(missing_ok=True)
    else:
        own = read_own(settings, plan.data, max(plan.counts))
        for name, value, its in (("dim", flags.dim, own.dim), ("metric", flags.metric, "COSINE")):
            if value not in (None, its):
                raise PlanError(
                    f"{name} is {value}, but knowledge base {plan.data!r} has {its}; leave it out."
                )
    return replace(plan, dim=own.dim, metric="COSINE"), own


def _note(run: Run, flags: BenchFlags) -> str:
    """Why it ended as it did, before the line that says that it did; "" where there is nothing to say."""
    if run.status == "failed":
        return f"error: {_here(run.note, flags)}\n"
    return f"{run.note} " if run.note else ""


def _say(text: str) -> None:
    sys.stderr.write(f"{plain(text)}\n")


def _here(error: str, flags: BenchFlags) -> str:
    """An error in the words of a terminal; where the target is a flag's, that is what is to be corrected."""
    names = () if flags.document is None else (flags.document.name,)
    if flags.target is not None:
        error = error.replace("correct MILVUS_URI", "correct --target")
    return in_a_terminal(error, names=names)


def _report(run: Run, order: Order, flags: BenchFlags, emit: Emit) -> int:
    if flags.events:
        if run.status == "failed":
            emit(error_event(run.note))
        emit(finished_event(run, order.path))
    else:
        sys.stdout.write(f"{to_json(run) if flags.as_json else table(run)}\n")
        _say(f"{_note(run, flags)}Run {run.id} {run.status}: {order.path}")
    if run.status != "complete":
        return EXIT_STOPPED if run.status == "stopped" else EXIT_FAILED
    sentences = missed(run, order.bounds)
    for sentence in sentences:
        _say(f"error: {sentence}")
    return EXIT_FAILED if sentences else EXIT_OK

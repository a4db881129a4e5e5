"""What `bench` shows on a terminal: progress, the table of trials, events for a program."""

from __future__ import annotations

import json
from typing import TextIO

from core.bench.analysis.findings import explain, headline
from core.bench.analysis.first_calls import INCLUDED, first_calls_words
from core.bench.analysis.metrics import Measured, Place, metrics_of
from core.bench.analysis.trust import is_disproven
from core.bench.load.events import Event
from core.bench.load.runner import Emit
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.cli.terminal import fitted

BAR_WIDTH = 24


def table(run: Run) -> str:
    """The trials as aligned text, then what was found."""
    is_swept = run.plan.sweep != "none"
    where = f"{'case':26} " if is_swept else ""
    metrics = metrics_of(Place.TERMINAL)
    titles = " ".join(f"{metric.label.lower():>{metric.width}}" for metric in metrics)
    lines = [f"{'operation':9} {'lane':13} {where}{'count':>6} {'time':>10} {titles}"]
    for trial in run.trials:
        measured = Measured.of(trial, is_disproven=is_disproven(run, [trial]))
        case = f"{_case(trial.case):26} " if is_swept else ""
        cells = " ".join(f"{metric.text(measured) or '-':>{metric.width}}" for metric in metrics)
        head = f"{trial.operation:9} {trial.lane:13} {case}{trial.count:6d} {trial.elapsed_s:8.2f} s"
        lines.append(f"{head} {cells}{_remarks(trial)}")
    passed = sum(check.passed for check in run.checks)
    lines += ["", f"Checks passed: {passed} of {len(run.checks)}.", headline(run), explain(run) or ""]
    lines += [INCLUDED if run.plan.first_calls == "included" else first_calls_words(run)]
    return "\n".join(lines).rstrip()


def _case(case: Case) -> str:
    parts = [case.consistency, f"{case.rtt_ms} ms", f"{case.concurrency} at once", case.blocking]
    return ", ".join(filter(None, parts))


def _remarks(trial: Trial) -> str:
    cut = f", cut after {trial.num_ok + trial.num_failed} of {trial.count}" if trial.cut else ""
    return f"{', warm-up' if trial.is_warmup else ''}{cut}"


def event_printer(out: TextIO) -> Emit:
    """Writes each event as one line of JSON, at once."""

    def emit(event: Event) -> None:
        out.write(f"{json.dumps(event)}\n")
        out.flush()

    return emit


def bar_printer(err: TextIO) -> Emit:
    """A line that is redrawn on a terminal; elsewhere one plain line per trial."""
    is_terminal = err.isatty()

    def emit(event: Event) -> None:
        if event["event"] not in {"progress", "trial"} or (not is_terminal and event["event"] != "trial"):
            return
        filled = BAR_WIDTH * event["done"] // event["count"]
        bar = f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] " if is_terminal else ""
        speed = "" if event["ops_per_s"] is None else f", {event['ops_per_s']:.0f}/s"
        text = (
            f"{bar}{event['trial']}/{event['num_trials']} {event['operation']} {event['lane']} "
            f"{event['done']}/{event['count']} in {event['elapsed_s']:.1f} s{speed}"
        )
        end = "\n" if event["event"] == "trial" else ""
        if is_terminal and fitted(text, err) != text:
            # What the bar shows is said in figures too.
            text = fitted(text.removeprefix(bar), err)
        err.write(f"\r\x1b[2K{text}{end}" if is_terminal else f"{text}\n")
        err.flush()

    return emit

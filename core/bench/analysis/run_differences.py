"""Several runs side by side: what they have in common, and what makes a comparison unfair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from core.bench.plan.conditions import Case
from core.bench.plan.plan import OPERATIONS
from core.bench.records.run import Run
from core.runtime.words import counted

# Settings that change what is measured; which trials there are is seen in the charts themselves.
COMPARED_SETTINGS = (
    "dim", "metric", "consistency", "index", "top_k", "concurrency", "batch_size", "fields", "rtt_ms",
    "rate_per_s", "stall_s", "processes", "sweep", "seed", "data", "first_calls", "time_limit_s", "repeats",
    "warmup",
)  # fmt: skip
_UNKNOWN = "unknown"


def run_title(run: Run) -> str:
    """The name that somebody gave the run, or what it was and when. Plain text from a record."""
    return run.name or f"{run.plan.preset}, {run_time(run)} UTC"


def run_time(run: Run) -> str:
    """Such as "2026-11-22 15:40:12", in UTC."""
    return run.created_at.replace("T", " ").removesuffix("Z")


def titles(runs: Sequence[Run]) -> list[str]:
    """One title for each run; those that are alike get a number."""
    plain = [run_title(run) for run in runs]
    seen: dict[str, int] = {}
    unique = []
    for title in plain:
        seen[title] = seen.get(title, 0) + 1
        unique.append(title if plain.count(title) == 1 else f"{title} ({seen[title]})")
    return unique


def common_operations(runs: Sequence[Run]) -> list[str]:
    """The operations that every one of the runs measured."""
    return [name for name in OPERATIONS if runs and all(run.counts_of(name) for run in runs)]


def common_cases(runs: Sequence[Run], operation: str) -> list[tuple[Case, ...]]:
    """The cases in which every one of the runs measured an operation: for each, that case of every run.

    They are alike in what one of the runs varies, such as the distance. What else differs, such as the
    consistency, is a difference of the runs as a whole. In the order of the first run's cases.
    """
    varied = [
        field.name
        for field in fields(Case)
        if any(len({getattr(case, field.name) for case, _ in run.plan.cases}) > 1 for run in runs)
    ]
    found: list[dict[tuple[object, ...], Case]] = []
    for run in runs:
        of_run = {trial.case: None for trial in run.measured if trial.operation == operation}
        order = {case: place for place, case in enumerate(run.cases)}
        measured = sorted(of_run, key=lambda case: order.get(case, len(order)))
        found.append({tuple(getattr(case, name) for name in varied): case for case in reversed(measured)})
    return [
        tuple(cases[key] for cases in found)
        for key in reversed(next(iter(found), {}))
        if all(key in cases for cases in found)
    ]


def differences(runs: Sequence[Run]) -> list[str]:
    """What else than chance may explain different numbers: a sentence for each, none when all is alike.

    Plain text: whoever draws it escapes it.
    """
    names = titles(runs)
    sentences = _of_themselves(runs, names)
    for what, values in (
        ("The machines differ", [_machine(run) for run in runs]),
        ("The targets differ", [run.plan.target for run in runs]),
        ("The versions of Milvus differ", [_text(run.environment.get("server_version")) for run in runs]),
        ("The versions of Python differ", [_text(run.environment.get("python")) for run in runs]),
        ("The versions of Overlap differ", [_overlap(run) for run in runs]),
        ("The documents differ", [_document(run) for run in runs]),
        ("The embedding models differ", [_text(run.environment.get("embedding_model")) for run in runs]),
    ):
        if len(set(values)) > 1:
            sentences.append(f"{what}: {_groups(names, values)}.")
    packages = dict.fromkeys(package for run in runs for package in _packages(run))
    for what, table in (
        ("Versions of packages differ", {p: [_text(_packages(r).get(p)) for r in runs] for p in packages}),
        ("Settings differ", {name: [_setting(r, name) for r in runs] for name in COMPARED_SETTINGS}),
    ):
        parts = [f"{name} {_groups(names, values)}" for name, values in table.items() if len(set(values)) > 1]
        if parts:
            sentences.append(f"{what}: {'; '.join(parts)}.")
    if len(runs) > 1 and not common_operations(runs):
        sentences.append("No operation was measured in all of them, so there is nothing to lay side by side.")
    return sentences


def _of_themselves(runs: Sequence[Run], names: Sequence[str]) -> list[str]:
    """What a run says of itself: that it lacks something, and, beside others, that it was imported."""
    named = list(zip(names, runs, strict=True))
    sentences = [f"{name} {_unfinished(run)}." for name, run in named if _unfinished(run)]
    sentences += [
        f"{name} has a check that failed: not all of its lanes did the same work."
        for name, run in named
        if not all(check.passed for check in run.checks)
    ]
    sentences += [
        f"{name} has {counted(run.num_failed, 'failed operation')}; its speeds are of the others."
        for name, run in named
        if run.num_failed
    ]
    if len(runs) > 1:
        # The same processor, cores and system are no proof that it is the same machine.
        sentences += [
            f"{name} was imported, so it may have been measured on another machine."
            for name, run in named
            if run.imported
        ]
    return sentences


def _unfinished(run: Run) -> str:
    if run.status == "complete":
        cut = [trial for trial in run.trials if trial.cut]
        is_projected = any(trial.has_speed and trial.projected_s is not None for trial in cut)
        told = "projected" if is_projected else "not known"
        return f"is cut in part: some figures are {told}" if cut else ""
    words = {"running": "still goes on", "stopped": "was stopped", "failed": "failed"}
    why = f": {run.note.removesuffix('.')}" if run.note else ""
    return f"{words[run.status]}, so it may lack trials{why}"


def _machine(run: Run) -> str:
    cores = run.environment.get("cores")
    cpu = _text(run.environment.get("cpu"))
    return f"{cpu} with {_text(cores)} cores, {_text(run.environment.get('os'))}"


def _overlap(run: Run) -> str:
    """The version, and the commit where that is known too: two commits may have one version."""
    values = run.environment
    parts = [_text(values.get("overlap")), _text(values.get("commit"))[:12]]
    return " at ".join(part for part in parts if part != _UNKNOWN) or _UNKNOWN


def _document(run: Run) -> str:
    """An ingest's, by name and content."""
    document = run.environment.get("document")
    if not isinstance(document, dict):
        return "none"
    return f"{_text(document.get('name'))}, SHA-256 {_text(document.get('sha256'))[:12]}"


def _setting(run: Run, name: str) -> str:
    value = getattr(run.plan, name)
    if name == "rate_per_s" and value is None:
        return "as fast as the lane can"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _packages(run: Run) -> dict[str, Any]:
    packages = run.environment.get("packages")
    return packages if isinstance(packages, dict) else {}


def _groups(names: Sequence[str], values: Sequence[str]) -> str:
    """Each value with the runs that have it."""
    by_value: dict[str, list[str]] = {}
    for name, value in zip(names, values, strict=True):
        by_value.setdefault(value, []).append(name)
    *first, last = (f"{value} ({', '.join(having)})" for value, having in by_value.items())
    return f"{', '.join(first)} and {last}"


def _text(value: object) -> str:
    return _UNKNOWN if value in (None, "") else str(value)[:120]

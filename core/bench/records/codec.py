"""A record's bytes: read into a run, whole or without its long lists, and written whole or not at all.

A run of a million operations is some 45 MB of JSON, nearly all of it samples.
"""

from __future__ import annotations

import gc
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

from core.bench.analysis.speedups import summarize
from core.bench.plan.plan import LANES, OPERATIONS
from core.bench.records.plain_fields import number_fields
from core.bench.records.run import Run
from core.bench.records.trial import MOST, Proof, Summary, Trial
from core.errors import RecordError

LONG_LISTS = ("samples", "intended_s", "heartbeats_s")
# The starts of those that a list of runs can do without, as `write_run` writes them. In JSON no string can
# hold such bytes, except as the end of an odd key. What a run found may rest on its heartbeats, some hundred.
_LONG_LIST = re.compile(rb'"(samples|intended_s)":\[')
FURTHEST_ZONE_H = 23
_NUMBERS_OF_CHECKS = ("expected", "found", "compared", "equal", "tied", "recall", "top_k", "count", "repeat")


def parse_run(data: bytes, where: str) -> Run:
    """Read a record.

    The summaries follow from its trials: an older version wrote intervals that were too narrow.

    Args:
        data: The file's bytes.
        where: What the record is called in messages.

    Raises:
        RecordError: When cut, foreign or newer.
    """
    with _few_collections():
        run = Run.from_dict(_loads(data, where))
    _check_values(run)
    return replace(run, summary=summarize(run)) if run.trials else run


def parse_light(data: bytes, where: str) -> Run:
    """The same without samples and arrivals, on which no finding rests: much quicker for a huge record."""
    return parse_run(_without_long_lists(data), where)


def write_run(run: Run, path: Path) -> None:
    """Write the record so that a reader, or a crash at any moment, sees the old one or the new one whole.

    Raises:
        RecordError: When it can't be written.
        ValueError: For numbers that JSON does not have.
    """
    with _few_collections():
        values = run.to_dict()
        _refuse_nan(values)
        data = orjson.dumps(values)
    try:
        _replace(path, data)
    except OSError as exc:
        raise RecordError(
            f"The record {path} can't be written: {exc.strerror or exc}. "
            "What was written before is as it was; free space there, or choose another place."
        ) from exc


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _loads(data: bytes, where: str) -> Any:
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as exc:
        raise RecordError(f"{where} is damaged or no record of a run. Delete it, or restore a copy.") from exc


def _refuse_nan(values: dict[str, Any]) -> None:
    # orjson would write null, which is "unknown", for what is a mistake.
    trials = [
        {name: value for name, value in trial.items() if name not in LONG_LISTS} for trial in values["trials"]
    ]
    json.dumps(values | {"trials": trials}, allow_nan=False)


def _without_long_lists(data: bytes) -> bytes:
    """`data` with its long lists empty; as it is where it was not written by `write_run`."""
    parts, kept_to = [], 0
    for match in _LONG_LIST.finditer(data):
        start = match.end()
        if data.startswith(b"]", start):
            continue
        closing = b"]]" if match[1] == b"samples" else b"]"
        end = data.find(closing, start)
        if end < 0:
            return data
        parts.append(data[kept_to:start])
        kept_to = end + len(closing) - 1
    return b"".join([*parts, data[kept_to:]])


@contextmanager
def _few_collections() -> Iterator[None]:
    """No garbage collection meanwhile: going through a million new lists again and again takes as long."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # Both together put what was read among the old objects, so that the next collection, which
            # is of the young ones, does not go through it either. Not where something was frozen to stay
            # so, as the app does with its imports: it would be thawed.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _check_values(run: Run) -> None:
    """What the types of a record don't say but pages and charts rely on.

    Raises:
        RecordError: Saying which value can't be.
    """
    try:
        # In every zone of the world it has a day.
        for hours in (-FURTHEST_ZONE_H, FURTHEST_ZONE_H):
            datetime.fromisoformat(run.created_at).astimezone(timezone(timedelta(hours=hours)))
    except (ValueError, OverflowError) as exc:
        raise RecordError(f"The record's created_at is {run.created_at[:40]!r}, which is no time.") from exc
    try:
        # What may be of any shape in there has to be written again: by `write_run` and for an export.
        orjson.dumps([run.environment, run.owner])
    except TypeError as exc:
        raise RecordError("The record's environment is nested too deeply to be one of Overlap.") from exc
    for i, call in enumerate(run.first_calls):
        _check_names(call.operation, (call.lane,), f"first_calls[{i}]")
        if not all(_is_number(value) and value >= 0 for value in (call.connect_s, call.first_call_s)):
            raise RecordError(f"The record's first_calls[{i}] has a time that can't be.")
    for i, trial in enumerate(run.trials):
        _check_trial(trial, f"trials[{i}]")
    for i, row in enumerate(run.summary):
        _check_row(row, f"summary[{i}]")
    for i, check in enumerate(run.checks):
        _check_check(check, f"checks[{i}]")


def _check_trial(trial: Trial, where: str) -> None:
    _check_names(trial.operation, (trial.lane,), where)
    for name, value in [*trial.latency_s.items(), *trial.response_s.items()]:
        if value is not None and not _is_number(value):
            raise RecordError(
                f"The record's {where} has {str(value)[:40]!r} for {name[:20]}; that is no number."
            )
    counted = (trial.count, trial.num_ok, trial.num_failed, trial.elapsed_s, *trial.errors.values())
    measured = [getattr(trial, name) for name in number_fields(Trial)]
    are_right = all(_is_number(value) and value >= 0 for value in counted)
    if not are_right or not all(value is None or _is_number(value) for value in measured):
        raise RecordError(f"The record's {where} has a count or a time that can't be.")
    if trial.intended_s and len(trial.intended_s) != len(trial.samples):
        raise RecordError(f"The record's {where} has not one intended time for each of its requests.")


def _check_row(row: Summary, where: str) -> None:
    _check_names(row.operation, (row.lane, row.baseline), where)
    if not all(value is None or _is_number(value) for value in (row.speedup, row.noise, row.count)):
        raise RecordError(f"The record's {where} has a speed-up that can't be.")


def _check_names(operation: str, lanes: tuple[str, ...], where: str) -> None:
    if operation not in OPERATIONS:
        raise RecordError(
            f"The record's {where} is about {operation[:40]!r}, which this version does not know."
        )
    for lane in lanes:
        if lane not in LANES:
            raise RecordError(
                f"The record's {where} has the lane {lane[:40]!r}, which this version does not know."
            )


def _check_check(check: Proof, where: str) -> None:
    for name, value in check.details.items():
        is_right = _is_number(value) if name in _NUMBERS_OF_CHECKS else isinstance(value, str | int | float)
        if not is_right and (value is not None or name == "recall"):
            raise RecordError(f"The record's {where}.{name[:20]} is {str(value)[:40]!r}, of the wrong type.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST

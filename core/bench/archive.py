"""Records as files: written whole or not at all, listed even when some are broken."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.bench.record import Run, is_id
from core.errors import RecordError

# A spreadsheet takes a cell that starts so as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_COLUMNS = [
    "run", "operation", "lane", "count", "repeat", "elapsed_s", "ops_per_s", "num_ok", "num_failed", "cut",
    "projected_s", "p50_s", "p95_s", "p99_s", "max_s", "max_in_flight", "client_cpu_ratio", "loop_lag_p99_s",
    "errors",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A record file. run is None when it can't be read; error then says why."""

    path: Path
    run: Run | None
    error: str = ""


def save_run(run: Run, path: Path) -> None:
    """Write the record so that a reader, or a crash at any moment, sees the old one or the new one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(run.to_dict(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_run(path: Path) -> Run:
    """Read a record. Raises RecordError when it is missing, cut, foreign or of a newer schema."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise RecordError(f"There is no run {path.stem!r}; it may have been deleted.") from exc
    except (OSError, ValueError, RecursionError) as exc:
        raise RecordError(
            f"The record {path.name} is damaged or can't be read. Delete it, or restore a copy."
        ) from exc
    return _settle(Run.from_dict(values))


def find_run(runs_dir: Path, run_id: str) -> Run:
    """The run of that id. Raises RecordError."""
    return load_run(_path(runs_dir, run_id))


def delete_run(runs_dir: Path, run_id: str) -> None:
    """Delete the run's file; nothing happens when it is gone. Raises RecordError for what is no id."""
    _path(runs_dir, run_id).unlink(missing_ok=True)


def list_runs(runs_dir: Path) -> list[Listed]:
    """All records of a folder, newest first; broken ones last, with the reason."""
    good: list[Listed] = []
    broken: list[Listed] = []
    for path in sorted(runs_dir.glob("*.json"), reverse=True):
        try:
            good.append(Listed(path=path, run=load_run(path)))
        except RecordError as exc:
            broken.append(Listed(path=path, run=None, error=str(exc)))
    good.sort(key=lambda listed: listed.run.created_at if listed.run else "", reverse=True)
    return good + broken


def to_json(run: Run) -> str:
    """The record, indented for reading."""
    return json.dumps(run.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)


def to_csv(run: Run) -> str:
    """One row per trial; texts can't become formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for trial in run.trials:
        latency = [trial.latency_s.get(name) for name in ("p50", "p95", "p99", "max")]
        errors = "; ".join(f"{reason} x{count}" for reason, count in trial.errors.items())
        row = [
            run.id, trial.operation, trial.lane, trial.count, trial.repeat, trial.elapsed_s, trial.ops_per_s,
            trial.num_ok, trial.num_failed, trial.cut, trial.projected_s, *latency, trial.max_in_flight,
            trial.client_cpu_ratio, trial.loop_lag_p99_s, errors,
        ]  # fmt: skip
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def this_process() -> dict[str, Any]:
    """Names this process so that another one can tell later whether it still runs."""
    return {"host": platform.node(), "pid": os.getpid(), "started_s": _started_s(os.getpid())}


def is_alive(owner: dict[str, Any] | None) -> bool:
    """Whether the process still runs. One of another machine counts as running: it can't be asked."""
    if not owner or not isinstance(owner.get("pid"), int):
        return False
    if owner.get("host") != platform.node():
        return True
    started_s = _started_s(owner["pid"])
    # A process id is used again after a while; its start time is not.
    return started_s is not None and started_s == owner.get("started_s")


def _started_s(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time(), 2)
    except psutil.Error:
        return None


def _settle(run: Run) -> Run:
    if run.status == "running" and not is_alive(run.owner):
        return replace(run, status="stopped", note=run.note or "The process ended before the run did.")
    return run


def _path(runs_dir: Path, run_id: str) -> Path:
    if not is_id(run_id):
        raise RecordError(f"{run_id[:40]!r} is not the id of a run.")
    return runs_dir / f"{run_id}.json"


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value

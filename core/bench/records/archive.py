"""Records as files of one folder: listed quickly even when huge or broken, annotated, taken in, given out."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from core.bench.plan.plan import Plan
from core.bench.records.codec import parse_light, parse_run, write_run
from core.bench.records.run import Run, is_id
from core.errors import RecordError
from core.runtime.process_identity import is_alive
from core.runtime.words import MB, file_size

MAX_NAME_CHARS = 80
MAX_COMMENT_CHARS = 2000
MAX_NOTE_CHARS = 2000
MAX_IMPORT_BYTES = 200 * MB
# With more samples an indented record is a file that no editor opens.
MAX_INDENTED_SAMPLES = 20_000
# "20261122T154012Z-": what runs of the same second have in common.
STAMP_CHARS = 17
_KILLED = "The process ended before the run did."
# Line breaks and tabs are text; what else is below the space, or turns the writing round, is not.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Path, time of change, size and file number: another content has another one.
_Stamp = tuple[Path, int, int, int]
_loading = threading.Lock()
_listed: dict[Path, tuple[_Stamp, Listed]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A record file.

    Attributes:
        run: Without samples; None when it can't be read, error then says why.
    """

    path: Path
    run: Run | None
    error: str = ""


def load_run(path: Path) -> Run:
    """Read a record.

    The two that were read last are kept: a page reads its run again at every click.

    Raises:
        RecordError: When it is missing, cut, foreign or of a newer schema.
    """
    try:
        # One at a time: two visitors who open a huge one need it once.
        with _loading:
            return _settle(_load(_stamp(path)))
    except FileNotFoundError as exc:
        raise RecordError(f"There is no run {path.stem!r}; it may have been deleted.") from exc
    except OSError as exc:
        raise RecordError(f"The record {path.name} can't be read. Check its rights.") from exc


def find_run(runs_dir: Path, run_id: str) -> Run:
    """The run of that id.

    Raises:
        RecordError: When there is none, or its file can't be read.
    """
    return load_run(_path(runs_dir, run_id))


def delete_run(runs_dir: Path, run_id: str) -> None:
    """Delete the run's file; does nothing when it is gone already.

    Raises:
        RecordError: When `run_id` is not the id of a run.
    """
    _path(runs_dir, run_id).unlink(missing_ok=True)


def list_runs(runs_dir: Path) -> list[Listed]:
    """All records of a folder, newest first; broken ones last, with the reason.

    The runs come without samples, and a file that has not changed is not read again.
    """
    found = [_light(path) for path in sorted(runs_dir.glob("*.json"), reverse=True)]
    for path in [path for path in list(_listed) if path.parent == runs_dir and not path.exists()]:
        _listed.pop(path, None)
    good = [one for one in found if one.run is not None]
    good.sort(key=lambda one: one.run.created_at if one.run else "", reverse=True)
    return good + [one for one in found if one.run is None]


def last_matching(runs_dir: Path, plan: Plan) -> Run | None:
    """The newest complete run of these settings, whole; None where there is none.

    The preset's name is no setting, nor is what was found out of a document: its number of chunks. Whether
    the target answers is not asked.
    """
    wanted = _settings(plan)
    for one in list_runs(runs_dir):
        run = one.run
        if run and run.status == "complete" and run.trials and _settings(run.plan) == wanted:
            return load_run(one.path)
    return None


def _settings(plan: Plan) -> Plan:
    return replace(plan, preset="custom", counts=(1,) if plan.is_ingest else plan.counts)


def annotate_run(runs_dir: Path, run_id: str, *, name: str | None = None, comment: str | None = None) -> Run:
    """Give a run a name or a comment of the visitor's, as plain text; None leaves what is there.

    Pages call the comment the run's note, and the run's own note that of the engine.

    Raises:
        RecordError: When it is too long, or when the run still goes on and would write over it.
    """
    run = find_run(runs_dir, run_id)
    if run.status == "running":
        raise RecordError("This run still goes on. Name it when it has ended.")
    if name is not None:
        run = replace(run, name=_plain(" ".join(name.split()), MAX_NAME_CHARS, "name"))
    if comment is not None:
        run = replace(run, comment=_plain(comment, MAX_COMMENT_CHARS, "note"))
    write_run(run, _path(runs_dir, run_id))
    return run


def note_why_stopped(path: Path, why: str) -> None:
    """Write into the record of a run that was stopped why it was; into another one, nothing.

    Raises:
        RecordError: When there is no record, or it can't be read or written.
    """
    run = load_run(path)
    if run.status == "stopped":
        write_run(replace(run, note=why, owner=None), path)


def import_run(runs_dir: Path, data: bytes, *, known: Sequence[Run] = ()) -> Run:
    """Save a record that was measured elsewhere and return it as saved.

    One that is here already, or among `known`, is not doubled; another one of the same id gets a new id. It
    never counts as running.

    Raises:
        RecordError: When it is too large, cut, foreign or of a newer schema.
    """
    if len(data) > MAX_IMPORT_BYTES:
        raise RecordError(
            f"The file has {file_size(len(data))}; use a record of up to {file_size(MAX_IMPORT_BYTES)}."
        )
    given = parse_run(data, "The file")
    run = replace(
        given,
        status="stopped" if given.status == "running" else given.status,
        note=_CONTROL.sub("", given.note or (_KILLED if given.status == "running" else ""))[:MAX_NOTE_CHARS],
        name=_CONTROL.sub("", given.name)[:MAX_NAME_CHARS],
        comment=_CONTROL.sub("", given.comment)[:MAX_COMMENT_CHARS],
        owner=None,
        imported=True,
    )
    for there in known:
        if _measured(there) == _measured(run):
            return there
    for path in runs_dir.glob(f"{run.id[:STAMP_CHARS]}*.json"):
        saved = _attempt(load_run, path)
        if saved is not None and _measured(saved) == _measured(run):
            return saved
    if _path(runs_dir, run.id).exists() or run.id in {there.id for there in known}:
        run = replace(run, id=run.id[:STAMP_CHARS] + secrets.token_hex(3))
    write_run(run, _path(runs_dir, run.id))
    return run


def to_json(run: Run) -> str:
    """The record; indented for reading unless it is huge."""
    is_huge = sum(len(trial.samples) for trial in run.trials) > MAX_INDENTED_SAMPLES
    values = run.to_dict()
    if is_huge:
        return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1)


def _stamp(path: Path) -> _Stamp:
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size, stat.st_ino


@lru_cache(maxsize=2)
def _load(stamp: _Stamp) -> Run:
    path = stamp[0]
    return parse_run(path.read_bytes(), f"The record {path.name}")


def _light(path: Path) -> Listed:
    try:
        stamp = _stamp(path)
        known = _listed.get(path)
        if known is None or known[0] != stamp:
            known = stamp, Listed(path=path, run=parse_light(path.read_bytes(), f"The record {path.name}"))
    except OSError:
        return Listed(path=path, run=None, error=f"The record {path.name} can't be read. Check its rights.")
    except RecordError as exc:
        known = stamp, Listed(path=path, run=None, error=str(exc))
    _listed[path] = known
    listed = known[1]
    # Whether its process still runs may change while the file does not.
    return listed if listed.run is None else replace(listed, run=_settle(listed.run))


def _settle(run: Run) -> Run:
    if run.status == "running" and (run.imported or not is_alive(run.owner)):
        return replace(run, status="stopped", note=run.note or _KILLED)
    return run


def _measured(run: Run) -> Run:
    """What makes two records the same run: all but what an import and a visitor add."""
    return replace(run, id="", name="", comment="", owner=None, imported=False)


def _attempt(load: Callable[[Path], Run], path: Path) -> Run | None:
    try:
        return load(path)
    except RecordError:
        return None


def _plain(text: str, most: int, what: str) -> str:
    text = _CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if len(text) > most:
        raise RecordError(f"The {what} has {len(text):,} characters; use up to {most:,}.")
    return text


def _path(runs_dir: Path, run_id: str) -> Path:
    if not is_id(run_id):
        raise RecordError(f"{run_id[:40]!r} is not the id of a run.")
    return runs_dir / f"{run_id}.json"

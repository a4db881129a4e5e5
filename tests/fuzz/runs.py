"""Records of runs from elsewhere: taken in, given out again, drawn."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from core.bench.analysis.findings import explain, headline
from core.bench.records.archive import import_run, list_runs, load_run, to_json
from core.bench.records.run import Run
from core.errors import RecordError
from core.export.run_csv import to_csv
from tests import bench_runs


def import_record(data: bytes) -> None:
    """Import it: refused with our error and nothing saved, or the same when it is read again."""
    with _folder() as folder:
        run = _imported(folder, data)
        if run is None:
            return
        path = folder / f"{run.id}.json"
        assert load_run(path) == run, "what was saved is not what was read"
        (listed,) = list_runs(folder)
        assert listed.run is not None, listed.error
        assert import_run(folder, to_json(run).encode()) == run, "imported twice"
        assert len(list(folder.iterdir())) == 1, "a file is left over"
        to_csv(run)


def draw_record(data: bytes) -> None:
    """Import it and draw all that the pages and the report draw."""
    from core.charts.catalog import charts_of
    from core.export.html_report import html_report

    with _folder() as folder:
        run = _imported(folder, data)
    if run is None:
        return
    headline(run)
    explain(run)
    for operation in run.plan.operations:
        for chart in charts_of(run, operation):
            chart.figure.to_json()
    # The report repeats the charts with a library of 4 MB around them: of some is enough.
    if len(data) % 16 == 0:
        assert "</html>" in html_report(run)[-100:]


def record_seeds() -> list[bytes]:
    """One run of each shape, without most of its samples."""
    return [json.dumps(_shortened(run.to_dict())).encode() for run in _runs()]


@cache
def _runs() -> tuple[Run, ...]:
    return (
        bench_runs.make_run(note="A note", name="Name", comment="Line 1\nline 2"),
        bench_runs.make_run(bench_runs.make_trial("sync", 4.0, operation="add"), status="running"),
        bench_runs.factor_run(),
        bench_runs.distance_run(),
        bench_runs.concurrency_run(),
        bench_runs.stall_run(),
        bench_runs.heartbeat_run(),
        bench_runs.ladder_run(repeats=1),
    )


def _shortened(values: dict[str, object]) -> dict[str, object]:
    trials = values["trials"]
    assert isinstance(trials, list)
    for trial in trials:
        for name in ("samples", "intended_s", "heartbeats_s"):
            trial[name] = trial[name][:4]
    return values


def _imported(folder: Path, data: bytes) -> Run | None:
    try:
        return import_run(folder, data)
    except RecordError as exc:
        assert str(exc).strip(), "an error without a sentence"
        assert not list(folder.iterdir()), "a refused record left a file"
        return None


@contextmanager
def _folder() -> Iterator[Path]:
    # In memory where that can be: thousands of small files a second.
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)

"""A record's bytes: written whole or not at all, and refused where they can't be a run."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.records.archive import (
    load_run,
)
from core.bench.records.codec import parse_run, write_run
from core.bench.records.plain_fields import number_fields
from core.bench.records.trial import Trial
from core.errors import RecordError
from tests.bench_runs import RUN_ID, make_run

pytestmark = pytest.mark.portable


@pytest.mark.parametrize("name", number_fields(Trial))
def test_number_of_a_trial_that_is_too_large_is_refused(name: str) -> None:
    values = make_run().to_dict()
    values["trials"][0][name] = 2**60
    with pytest.raises(RecordError, match=r"trials\[0\] has a count or a time that can't be"):
        parse_run(json.dumps(values).encode(), "x")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": 1}', "\x00", "[" * 100_000])
def test_cut_or_foreign_file_is_a_record_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(RecordError):
        load_run(path)


def test_saved_run_loads_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    run, path = make_run(), tmp_path / "deep" / f"{RUN_ID}.json"
    write_run(run, path)
    assert load_run(path) == run
    assert list(path.parent.iterdir()) == [path]


def test_reading_a_record_leaves_the_garbage_collector_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / f"{RUN_ID}.json"
    write_run(make_run(), path)
    gc.freeze()
    load_run(path)
    # The app keeps what stays for good out of the collector's sight: reading a record must not undo that.
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()


def test_failed_save_keeps_the_old_record(tmp_path: Path) -> None:
    run, path = make_run(), tmp_path / f"{RUN_ID}.json"
    write_run(run, path)
    with pytest.raises(ValueError, match="JSON"):
        write_run(replace(run, environment={"x": float("nan")}), path)
    assert load_run(path) == run
    assert list(tmp_path.iterdir()) == [path]

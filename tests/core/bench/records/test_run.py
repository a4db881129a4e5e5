"""core.bench.records.run, archive, summary and verify: round trips, damage, and what a list survives."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.bench.analysis.checks import check_identical_ids, check_row_count
from core.bench.records.archive import (
    delete_run,
    find_run,
    last_matching,
    list_runs,
    load_run,
    to_json,
)
from core.bench.records.codec import parse_run, write_run
from core.bench.records.declared import number_fields
from core.bench.records.run import Run, is_id, new_id
from core.bench.records.trial import Trial
from core.errors import RecordError
from core.runtime.process_identity import this_process
from tests.bench_runs import RUN_ID, ingest_run, make_run, make_trial

pytestmark = pytest.mark.portable


def test_round_trip_keeps_everything() -> None:
    run = make_run(
        make_trial("sync", 4.0),
        make_trial("async", 1.0, cut=True, num_ok=5, num_cancelled=5, projected_s=2.0),
        make_trial("sync", 4.2, repeat=1),
        make_trial("async", 1.1, repeat=1, num_ok=9, num_failed=1, errors={"TimeoutError": 1}),
        note="a note",
    )
    assert Run.from_dict(json.loads(to_json(run))) == run


def test_record_has_the_names_that_others_rely_on() -> None:
    values = make_run().to_dict()
    assert {"schema", "id", "created_at", "status", "note", "plan", "environment"} <= values.keys()
    assert {"trials", "checks", "summary"} <= values.keys()
    assert values["schema"] == 1
    assert values["checks"][0] == {"name": "identical_ids", "passed": True} | {
        "count": 10,
        "repeat": 0,
        "compared": 10,
        "equal": 10,
        "tied": 0,
    }
    assert values["summary"][0]["speedup"] == pytest.approx(4.0)
    assert values["summary"][0]["ci95"] is None
    names = "operation lane count repeat elapsed_s num_ok num_failed errors latency_s max_in_flight"
    names += " client_cpu_ratio loop_lag_p99_s samples"
    assert set(names.split()) <= values["trials"][0].keys()


def test_id_sorts_by_time_and_is_checked() -> None:
    made = new_id(datetime(2026, 11, 22, 15, 40, 12, tzinfo=UTC))
    assert made.startswith("20261122T154012Z-")
    assert is_id(made)
    for bad in ("../../etc/passwd", f"{made}/..", f"{made}.json", "", f"{made}\n"):
        assert not is_id(bad)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "Update Overlap"),
        ({"id": "../evil"}, "id or status"),
        ({"status": "great"}, "id or status"),
        ({"plan": {"dim": 0}}, "dim"),
        ({"plan": []}, "plan"),
        ({"trials": {}}, "trials"),
        ({"trials": [1]}, r"trials\[0\]"),
        ({"trials": [{"operation": "add"}]}, r"trials\[0\] has no 'lane'"),
        (
            {
                "summary": [
                    {"operation": "add", "count": 1, "lane": "a", "baseline": "b", "speedup": 1, "ci95": [1]}
                ]
            },
            "ci95",
        ),
        ({"checks": [{"name": "x", "passed": 1}]}, "passed"),
    ],
)
def test_wrong_part_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        Run.from_dict(make_run().to_dict() | change)


@pytest.mark.parametrize("name", number_fields(Trial))
def test_number_of_a_trial_that_is_too_large_is_refused(name: str) -> None:
    values = make_run().to_dict()
    values["trials"][0][name] = 2**60
    with pytest.raises(RecordError, match=r"trials\[0\] has a count or a time that can't be"):
        parse_run(json.dumps(values).encode(), "x")


def test_numbers_of_a_trial_are_found_by_what_it_declares() -> None:
    found = set(number_fields(Trial))
    assert {"count", "elapsed_s", "projected_s", "processes"} <= found
    assert not found & {"lane", "case", "is_warmup", "cut", "errors", "samples"}


def test_true_is_no_count() -> None:
    values = make_run().to_dict()
    values["trials"][0]["num_ok"] = True
    with pytest.raises(RecordError, match="num_ok"):
        Run.from_dict(values)


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


def test_list_is_newest_first_and_survives_broken_files(tmp_path: Path) -> None:
    for stamp in ("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-21T00:00:00Z"):
        run_id = new_id(datetime.fromisoformat(stamp))
        write_run(make_run(id=run_id, created_at=stamp), tmp_path / f"{run_id}.json")
    (tmp_path / "zz.json").write_text("{")
    listed = list_runs(tmp_path)
    assert [one.run.created_at[8:10] for one in listed if one.run] == ["22", "21", "20"]
    assert listed[-1].run is None
    assert "zz.json" in listed[-1].error


def test_list_of_a_missing_folder_is_empty(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []


def test_running_record_of_a_dead_process_is_shown_as_stopped(tmp_path: Path) -> None:
    path = tmp_path / f"{RUN_ID}.json"
    owner = this_process()
    write_run(make_run(status="running", owner=owner), path)
    assert load_run(path).status == "running"
    # The same number, given to another process since.
    write_run(make_run(status="running", owner=owner | {"started_s": 1.0, "boot": ""}), path)
    found = load_run(path)
    assert found.status == "stopped"
    assert found.note


@pytest.mark.parametrize("run_id", ["../secret", "a/b", ""])
def test_what_is_no_id_reaches_no_file(run_id: str, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    folder = tmp_path / "runs"
    folder.mkdir()
    for act in (find_run, delete_run):
        with pytest.raises(RecordError, match="not the id"):
            act(folder, run_id)
    assert (tmp_path / "secret.json").exists()


def test_delete_removes_the_file_and_is_idempotent(tmp_path: Path) -> None:
    write_run(make_run(), tmp_path / f"{RUN_ID}.json")
    delete_run(tmp_path, RUN_ID)
    delete_run(tmp_path, RUN_ID)
    assert list(tmp_path.iterdir()) == []


def test_speedup_is_unknown_when_operations_failed() -> None:
    failing = make_trial("async", 0.01, num_ok=1, num_failed=9)
    row = make_run(make_trial("sync", 4.0), failing).summary[0]
    assert row.speedup is None
    assert "9 of 20 operations failed" in row.reason


def test_speedup_of_a_cut_trial_is_a_projection_from_what_was_done() -> None:
    cut = make_trial("sync", 2.0, num_ok=5, cut=True)
    row = make_run(cut, make_trial("async", 1.0)).summary[0]
    assert row.speedup == pytest.approx(4.0)
    assert row.is_projected


@pytest.mark.parametrize(("num_open", "is_known"), [(0, True), (10, True), (11, False), (900, False)])
def test_speed_of_a_cut_trial_is_known_when_little_was_under_way(num_open: int, is_known: bool) -> None:
    """Nobody knows how much of the operations under way was done: a tenth is the most that it may matter."""
    trial = make_trial("async", 2.0, count=1000, num_ok=100, cut=True, num_cancelled=num_open)
    known = [trial.has_speed, trial.ops_per_s is not None, trial.seconds_per_op is not None]
    assert known == [is_known] * 3


def test_speedup_is_unknown_when_a_lane_was_cut_with_most_of_it_under_way() -> None:
    sync = make_trial("sync", 2.0, count=1000)
    row = make_run(
        sync, make_trial("async", 2.0, count=1000, num_ok=100, num_cancelled=900, cut=True)
    ).summary[0]
    assert (row.speedup, row.is_projected) == (None, False)
    assert row.reason == "the async lane was cut while 900 operations were under way"


def test_speedup_is_unknown_when_nothing_was_done() -> None:
    cut = make_trial("sync", 2.0, num_ok=0, cut=True, samples=())
    row = make_run(cut, make_trial("async", 1.0)).summary[0]
    assert (row.speedup, row.ci95, row.is_projected) == (None, None, False)
    assert "cut" in row.reason


@pytest.mark.parametrize(("found", "passed"), [(10, True), (9, False), (11, False)])
def test_row_count_of_a_whole_trial_is_exact(found: int, passed: bool) -> None:
    assert check_row_count(make_trial("sync", 1.0, operation="add"), found).passed is passed


@pytest.mark.parametrize(("found", "passed"), [(5, False), (6, True), (9, True), (10, False)])
def test_row_count_of_a_cut_trial_allows_for_what_was_on_its_way(found: int, passed: bool) -> None:
    trial = make_trial("async", 1.0, operation="add", num_ok=6, num_failed=1, num_cancelled=2, cut=True)
    assert check_row_count(trial, found).passed is passed


def test_identical_ids_compares_sets_and_knows_ties() -> None:
    left = {0: (["a", "b"], [1.0, 0.9]), 1: (["a", "b"], [1.0, 0.9]), 2: (["a"], [1.0])}
    same = {0: (["b", "a"], [1.0, 0.9]), 1: (["a", "c"], [1.0, 0.9]), 3: (["z"], [0.1])}
    check = check_identical_ids(make_trial("async", 1.0), "sync", left, same)
    assert check.passed
    found = {name: check.details[name] for name in ("lane", "baseline", "compared", "equal", "tied")}
    assert found == {"lane": "async", "baseline": "sync", "compared": 2, "equal": 1, "tied": 1}


def test_other_ids_with_other_similarities_fail_the_check() -> None:
    check = check_identical_ids(make_trial("async", 1.0), "sync", {0: (["a"], [1.0])}, {0: (["b"], [0.5])})
    assert not check.passed


def test_nothing_compared_is_no_proof() -> None:
    assert not check_identical_ids(make_trial("async", 1.0), "sync", {}, {}).passed


def test_steps_of_an_ingest_survive_the_record() -> None:
    run = ingest_run()
    values = json.loads(to_json(run))
    assert Run.from_dict(values) == run
    assert values["trials"][0]["spans"][0] == {"step": "read", "start_s": 0.0, "end_s": 0.3, "num_chunks": 0}
    assert values["trials"][0]["first_searchable_s"] == 15.0


def test_trial_of_an_older_record_has_no_steps() -> None:
    values = make_run().to_dict()
    for trial in values["trials"]:
        del trial["spans"], trial["first_searchable_s"]
    assert [(trial.spans, trial.first_searchable_s) for trial in Run.from_dict(values).trials] == [
        ((), None)
    ] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step": "<b>"}, "a step that this version does not know"),
        ({"end_s": -1.0}, "a time that can't be"),
        ({"start_s": 1e300, "end_s": 1e308}, "a time that can't be"),
        ({"num_chunks": -1}, "a time that can't be"),
        ({"num_chunks": "1"}, "of the wrong type"),
    ],
)
def test_step_that_no_chart_could_draw_is_refused(change: dict[str, Any], words: str) -> None:
    values = ingest_run().to_dict()
    values["trials"][1]["spans"][2] |= change
    with pytest.raises(RecordError, match=words) as raised:
        Run.from_dict(values)
    assert "trials[1].spans[2]" in str(raised.value)


def test_list_of_steps_that_is_none_is_refused() -> None:
    values = ingest_run().to_dict()
    values["trials"][0]["spans"] = [1]
    with pytest.raises(RecordError, match=r"trials\[0\]\.spans\[0\] is not an object"):
        Run.from_dict(values)


def test_failed_ingest_is_replaced_by_the_last_of_the_same_document(tmp_path: Path) -> None:
    run = ingest_run()
    write_run(run, tmp_path / f"{run.id}.json")
    asked = replace(run.plan, preset="custom", counts=(1,))
    assert last_matching(tmp_path, asked) == run
    assert last_matching(tmp_path, replace(asked, data="other.pdf")) is None

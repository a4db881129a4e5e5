"""core.bench.records.archive: light lists, names, notes, records from elsewhere, the last run like this."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.bench.analysis.findings import explain, finding, headline
from core.bench.analysis.stats import response_figures
from core.bench.plan.plan import Plan
from core.bench.recorded import list_recorded
from core.bench.records import archive
from core.bench.records.archive import (
    annotate_run,
    delete_run,
    find_run,
    import_run,
    last_matching,
    list_runs,
    load_run,
    to_json,
)
from core.bench.records.codec import write_run
from core.bench.records.run import Run, new_id
from core.errors import RecordError
from core.runtime.process_identity import this_process
from tests.bench_runs import (
    RUN_ID,
    concurrency_run,
    distance_run,
    factor_run,
    first_look_run,
    heartbeat_run,
    ingest_run,
    ladder_run,
    make_run,
    make_trial,
    stall_run,
    two_counts_run,
)

OTHER_ID = "20261120T000000Z-ffffff"


def saved(folder: Path, run: Run) -> Path:
    path = folder / f"{run.id}.json"
    write_run(run, path)
    return path


def record(**changes: Any) -> bytes:
    return json.dumps(make_run().to_dict() | changes).encode()


def changed_trial(**changes: Any) -> bytes:
    values = make_run().to_dict()
    values["trials"][0] |= changes
    return json.dumps(values).encode()


def test_list_has_all_but_the_long_lists(tmp_path: Path) -> None:
    trial = make_trial(
        "sync", 4.0, heartbeats_s=(0.1, 0.2), intended_s=tuple(range(10)), response_s={"p50": 1.0}
    )
    run = make_run(trial, make_trial("async", 1.0, samples=()))
    saved(tmp_path, run)
    light = replace(trial, samples=(), intended_s=())
    assert list_runs(tmp_path)[0].run == replace(run, trials=(light, run.trials[1]))


def _with_responses(run: Run) -> Run:
    """As a run is written: with its response times beside the samples that they follow from."""
    trials = (
        replace(trial, response_s=response_figures(trial.samples, trial.intended_s)) for trial in run.trials
    )
    return replace(run, trials=tuple(trials))


@pytest.mark.parametrize(
    "run",
    [
        two_counts_run(),
        ladder_run(),
        factor_run(),
        distance_run(),
        first_look_run(),
        concurrency_run(),
        _with_responses(stall_run()),
        heartbeat_run(),
        ingest_run(),
        *(load_run(listed.path) for listed in list_recorded()),
    ],
    ids=lambda run: f"{run.plan.preset}-{run.plan.sweep}-{run.id}",
)
def test_list_says_of_a_run_what_its_page_says(run: Run, tmp_path: Path) -> None:
    path = saved(tmp_path, run)
    (listed,) = list_runs(tmp_path)
    assert listed.run is not None
    whole = load_run(path)
    assert (headline(listed.run), finding(listed.run)) == (headline(whole), finding(whole))
    assert explain(listed.run) == explain(whole)


def test_list_reads_an_indented_file_too(tmp_path: Path) -> None:
    (tmp_path / f"{RUN_ID}.json").write_text(to_json(make_run()))
    assert list_runs(tmp_path)[0].run is not None


def test_list_sees_a_change_and_a_deletion(tmp_path: Path) -> None:
    path = saved(tmp_path, make_run(note="old"))
    assert [one.run.note for one in list_runs(tmp_path) if one.run] == ["old"]
    saved(tmp_path, make_run(note="new"))
    assert [one.run.note for one in list_runs(tmp_path) if one.run] == ["new"]
    path.unlink()
    assert list_runs(tmp_path) == []


def test_list_sees_that_a_process_has_ended_without_a_change_of_its_file(tmp_path: Path) -> None:
    gone = this_process() | {"started_s": 1.0, "boot": ""}
    saved(tmp_path, make_run(status="running", owner=gone))
    for _ in range(2):
        assert [one.run.status for one in list_runs(tmp_path) if one.run] == ["stopped"]


def test_text_that_looks_like_samples_is_left_alone(tmp_path: Path) -> None:
    run = make_run(name='"samples":[[1,2,true]]', note='\\"samples":[[')
    saved(tmp_path, run)
    listed = list_runs(tmp_path)[0].run
    assert listed is not None
    assert (listed.name, listed.note) == (run.name, run.note)


def test_name_and_note_are_kept_as_plain_text_beside_the_engines_note(tmp_path: Path) -> None:
    path = saved(tmp_path, make_run(note="Milvus went away."))
    annotate_run(tmp_path, RUN_ID, name="  On\tstage \n", comment=" line 1\r\nline 2\x00 ")
    run = load_run(path)
    assert (run.name, run.comment, run.note) == ("On stage", "line 1\nline 2", "Milvus went away.")
    annotate_run(tmp_path, RUN_ID, comment="")
    assert (find_run(tmp_path, RUN_ID).name, find_run(tmp_path, RUN_ID).comment) == ("On stage", "")


@pytest.mark.parametrize("what", [{"name": "x" * 81}, {"comment": "x" * 2001}])
def test_text_that_is_too_long_is_refused(what: dict[str, str], tmp_path: Path) -> None:
    path = saved(tmp_path, make_run())
    with pytest.raises(RecordError, match="characters"):
        annotate_run(tmp_path, RUN_ID, **what)
    assert load_run(path) == make_run()


def test_running_run_is_not_annotated(tmp_path: Path) -> None:
    saved(tmp_path, make_run(status="running", owner=this_process()))
    with pytest.raises(RecordError, match="still goes on"):
        annotate_run(tmp_path, RUN_ID, name="x")


def test_import_saves_the_run_and_marks_it(tmp_path: Path) -> None:
    run = import_run(tmp_path, b"\xef\xbb\xbf" + to_json(make_run()).encode())
    assert run == make_run(imported=True)
    assert load_run(tmp_path / f"{RUN_ID}.json") == run


def test_imported_run_is_never_taken_as_running(tmp_path: Path) -> None:
    owner = {"host": "elsewhere", "pid": 1, "started_s": 1.0}
    run = import_run(tmp_path, record(status="running", owner=owner))
    assert (run.status, run.owner) == ("stopped", None)
    assert run.note
    # Not even when somebody edits the file.
    saved(tmp_path, replace(run, status="running", owner=owner))
    assert find_run(tmp_path, RUN_ID).status == "stopped"


def test_import_of_a_run_that_is_here_does_not_double_it(tmp_path: Path) -> None:
    saved(tmp_path, make_run())
    annotate_run(tmp_path, RUN_ID, name="mine")
    assert import_run(tmp_path, record()).name == "mine"
    assert len(list_runs(tmp_path)) == 1


def test_import_of_another_run_of_that_id_gets_a_new_id_once(tmp_path: Path) -> None:
    path = saved(tmp_path, make_run())
    for _ in range(2):
        run = import_run(tmp_path, record(note="another"))
        assert run.id != RUN_ID
        assert run.id[:17] == RUN_ID[:17]
    assert load_run(path) == make_run()
    assert len(list_runs(tmp_path)) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "damaged"),
        (record()[:-300], "damaged"),
        (b"\x89PNG\r\n", "damaged"),
        (b"[1, 2]", "no schema"),
        (b'{"a": NaN}', "damaged"),
        (record(schema=2), "Update Overlap"),
        (record(id="../../evil"), "id or status"),
        (record(created_at="<b>now</b>"), "created_at"),
        (record(created_at="9999-12-31T23:59:59+00:00"), "created_at"),
        (changed_trial(samples=[[1.0, 0.5, True]]), "samples"),
        (record(checks=[{"name": "recall_at_k", "passed": True, "recall": None}]), "recall"),
        (record(trials=[{}]), r"trials\[0\]"),
        (changed_trial(lane="warp"), "lane 'warp'"),
        (changed_trial(operation="drop"), "'drop'"),
        (changed_trial(latency_s={"p50": "fast"}), "p50"),
        (changed_trial(errors={"x": "many"}), "can't be"),
        (changed_trial(num_ok=-1), "can't be"),
        (changed_trial(samples=[["a", 1, True]]), "samples"),
        (record(checks=[{"name": "identical_ids", "passed": True, "equal": "all"}]), "equal"),
        (record(checks=[{"name": "identical_ids", "passed": True, "lane": ["x"]}]), "lane"),
        (record(imported="yes"), "imported"),
    ],
)
def test_import_says_what_is_wrong_and_saves_nothing(data: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=words):
        import_run(tmp_path / "runs", data)
    assert not (tmp_path / "runs").exists()


def test_import_refuses_what_is_too_large(tmp_path: Path) -> None:
    # Spaces cost nothing to make and nothing to refuse.
    with pytest.raises(RecordError, match="200 MB"):
        import_run(tmp_path, b" " * (archive.MAX_IMPORT_BYTES + 1))


def test_import_cuts_texts_that_nobody_could_have_typed_here(tmp_path: Path) -> None:
    run = import_run(tmp_path, record(name="n" * 500, comment="c" * 5000, note="a\x1b[31m" + "b" * 5000))
    assert (len(run.name), len(run.comment), len(run.note)) == (80, 2000, 2000)
    assert "\x1b" not in run.note


def test_last_matching_is_the_newest_complete_run_of_these_settings(tmp_path: Path) -> None:
    plan = make_run().plan
    assert last_matching(tmp_path, plan) is None
    several: list[dict[str, Any]] = [
        {"note": "old"},
        {"note": "wanted"},
        {"status": "stopped"},
        {"target": "http://other:19530"},
    ]
    for i, changes in enumerate(several):
        run_id = f"20261122T15401{i}Z-0a1b2c"
        saved(tmp_path, make_run(id=run_id, created_at=f"2026-11-22T15:40:1{i}Z", **changes))
    found = last_matching(tmp_path, replace(plan, preset="quick"))
    assert found is not None
    assert found.note == "wanted"
    assert found.trials[0].samples
    assert last_matching(tmp_path, Plan(dim=5)) is None


def test_huge_record_is_exported_without_indentation() -> None:
    samples = tuple((float(i), i + 1.0, True) for i in range(archive.MAX_INDENTED_SAMPLES + 1))
    run = make_run(make_trial("sync", 4.0, samples=samples))
    assert "\n" not in to_json(run)
    assert Run.from_dict(json.loads(to_json(run))) == run


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything, and so does Windows"
)
def test_unreadable_file_is_listed_as_such(tmp_path: Path) -> None:
    saved(tmp_path, make_run()).chmod(0)
    assert "rights" in list_runs(tmp_path)[0].error


def test_changed_copy_of_a_run_that_comes_along_gets_an_id_of_its_own(tmp_path: Path) -> None:
    bundled = make_run(make_trial("sync", 4.0))
    changed = make_run(make_trial("sync", 2.0))
    assert import_run(tmp_path, to_json(bundled).encode(), known=[bundled]).id == bundled.id
    run = import_run(tmp_path, to_json(changed).encode(), known=[bundled])
    assert run.id != bundled.id
    assert [one.run.id for one in list_runs(tmp_path) if one.run is not None] == [run.id]


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


def test_failed_ingest_is_replaced_by_the_last_of_the_same_document(tmp_path: Path) -> None:
    run = ingest_run()
    write_run(run, tmp_path / f"{run.id}.json")
    asked = replace(run.plan, preset="custom", counts=(1,))
    assert last_matching(tmp_path, asked) == run
    assert last_matching(tmp_path, replace(asked, data="other.pdf")) is None

"""The Benchmark page: form, live view, result, errors."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from core.bench.records.codec import write_run
from core.bench.records.run import new_id
from core.bench.supervisor import STOP_CLICKED, BenchProcess, runs
from core.config.settings import Settings
from tests.bench_runs import first_look_run, make_run
from tests.pages.benchmarking import BUSY, CRASH, DONE, WAIT_S, open_benchmark, says, start_bench
from tests.pages.conftest import html

pytestmark = pytest.mark.usefixtures("no_run_left")


_listed: list[str] = []
sys.addaudithook(lambda event, args: _listed.append(str(args[0])) if event == "os.scandir" else None)


def test_saved_records_are_listed_once_a_draw(settings: Settings) -> None:
    run = first_look_run()
    write_run(run, settings.runs_dir / f"{run.id}.json")
    start_bench(DONE, settings.runs_dir / f"{run.id}.json")
    _listed.clear()
    page = open_benchmark()
    assert len([button for button in page.button if str(button.key).startswith("next-")]) == 3
    assert _listed.count(str(settings.runs_dir)) == 1


def test_failed_run_is_replaced_by_the_last_one_like_it_with_a_plain_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERLAP_DATA_DIR", str(tmp_path))
    good = make_run()
    write_run(good, tmp_path / "runs" / f"{good.id}.json")
    failed = replace(good, id=new_id(), status="failed", note="Milvus is gone.", trials=(), summary=())
    path = tmp_path / "runs" / f"{failed.id}.json"
    write_run(failed, path)
    argv = [sys.executable, "-c", DONE.replace("complete", "failed")]
    process = runs.start(lambda: BenchProcess(argv, env=os.environ, run_path=path, plan=good.plan))
    process.wait(WAIT_S)
    page = open_benchmark()
    assert any("Milvus is gone" in text.value for text in page.error)
    assert any("Recorded on 2026" in text.value.replace("\\", "") for text in page.info)


def test_running_run_is_found_by_a_new_tab_and_can_be_stopped(tmp_path: Path) -> None:
    process = start_bench(BUSY, tmp_path / "x.json")
    page = open_benchmark()
    assert any("Measuring" in text.value for text in page.markdown)
    assert any("trial 1 of 4" in text.value and " left" in text.value for text in page.markdown)
    table = html(page)
    for cell in ("3 / 10", "6", "250 ms", "7", "1", "2 s"):
        assert f"<td>{cell}</td>" in table
    assert says(page, "You started this run.")
    assert [button.key for button in page.button] == ["stop"]
    page.button(key="stop").click().run()
    snapshot = process.wait(WAIT_S)
    assert (snapshot.state, snapshot.why) == ("stopped", STOP_CLICKED)
    assert not page.exception


def test_stopped_run_says_that_its_results_are_kept(tmp_path: Path) -> None:
    write_run(make_run(status="stopped", note="Ctrl-C was pressed."), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    said = "The run was stopped; what was measured until then is kept. Ctrl-C was pressed."
    assert open_benchmark().warning[0].value.replace("\\", "") == said


def test_run_stopped_before_its_first_trial_says_that_nothing_was_measured(tmp_path: Path) -> None:
    write_run(replace(make_run(status="stopped"), trials=()), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    page = open_benchmark()
    assert "stopped before anything was measured" in page.warning[0].value
    assert not says(page, "Nothing was measured yet")
    assert not page.error


def test_run_stopped_before_it_had_a_record_is_no_error(tmp_path: Path) -> None:
    process = start_bench(BUSY, tmp_path / "none.json")
    process.stop("It took too long.")
    process.wait(WAIT_S)
    page = open_benchmark()
    said = page.warning[0].value.replace("\\", "")
    assert said == "The run was stopped before anything was measured. It took too long."
    assert not page.error
    assert page.button(key="start").label == "Start"


def test_crash_is_a_sentence_and_the_form_is_there_again(tmp_path: Path) -> None:
    start_bench(CRASH, tmp_path / "none.json")
    page = open_benchmark()
    assert "ended with exit code 1" in page.error[0].value
    assert "<b>" not in page.error[0].value
    assert page.button(key="start").label == "Start"


def test_start_measures_and_shows_the_result() -> None:
    page = open_benchmark("tutorial")
    page.text_input(key="counts-tutorial").set_value("3").run()
    page.number_input(key="dim-tutorial").set_value(8).run()
    page.button(key="start").click().run()
    assert not page.exception
    assert [button.key for button in page.button] == ["stop"]
    assert runs.current is not None
    assert runs.current.wait(WAIT_S).state == "complete"
    page.run()
    assert not page.exception
    assert "3 operations" in html(page)
    assert says(page, "6 rows found, 6 acknowledged")
    assert says(page, "3 of 3 queries gave the same ids")
    # What was typed is still there for the next run.
    assert page.text_input(key="counts-tutorial").value == "3"


def test_settings_are_folded_up_once_there_is_a_result(tmp_path: Path) -> None:
    labels = [expander.label for expander in open_benchmark().expander]
    assert "Settings of the next run" not in labels
    write_run(make_run(), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    page = open_benchmark()
    (form,) = [one for one in page.expander if one.label == "Settings of the next run"]
    assert not form.proto.expanded
    assert form.pills(key="preset").value == "first-look"


def test_process_waits_for_start_while_the_page_is_open() -> None:
    open_benchmark()
    children = [child.as_dict(["cmdline"])["cmdline"] for child in psutil.Process().children()]
    # One that another test has killed has no command line any more.
    assert sum("core.cli.preloaded" in (words or []) for words in children) == 1

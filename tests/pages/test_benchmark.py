"""The Benchmark page: form, live view, result, errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.bench.archive import save_run
from core.bench.plan import Plan
from core.bench.process import BenchProcess, runs
from tests.bench_runs import make_run

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "benchmark.py")
WAIT_S = 60.0
PLAN = Plan(counts=(10,), dim=8)
BUSY = """
import signal, sys
def stop(*_):
    print('{"event": "finished", "status": "stopped", "path": "x"}', flush=True)
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
print('{"event": "progress", "operation": "search", "lane": "sync", "count": 10, "repeat": 0, "done": 3, '
      '"failed": 1, "elapsed_s": 0.5, "ops_per_s": 6.0, "trial": 1, "num_trials": 4}', flush=True)
while True: signal.pause()
"""
DONE = """print('{"event": "finished", "status": "complete", "path": "x"}')"""
CRASH = "raise SystemExit('<b>out of memory</b>')"


@pytest.fixture(autouse=True)
def no_run_left() -> Iterator[None]:
    """Every test begins and ends without a run; one that goes on is stopped."""
    runs.forget()
    yield
    if runs.current is not None:
        runs.current.stop()
        runs.current.wait(WAIT_S)
    runs.forget()


def open_page() -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    return page


def start(program: str, run_path: Path) -> BenchProcess:
    argv = [sys.executable, "-c", program]
    process = runs.start(lambda: BenchProcess(argv, env=os.environ, run_path=run_path, plan=PLAN))
    if program != BUSY:
        process.wait(WAIT_S)
    while process.is_running and process.snapshot().state == "starting":
        process.wait(0.01)
    return process


def test_form_says_how_long_it_takes_at_most() -> None:
    page = open_page()
    assert page.button(key="start").label == "Start"
    assert "12 trials, each cut after 60 s: measuring takes 12 min at most." in page.caption[0].value
    page.selectbox(key="preset").set_value("quick").run()
    assert page.text_input(key="counts-quick").value == "10, 50"
    assert "24 trials" in page.caption[0].value


def test_wrong_count_is_named_and_nothing_can_be_started() -> None:
    page = open_page()
    page.text_input(key="counts-tutorial").set_value("<b>ten</b>").run()
    assert not page.exception
    assert "Counts are" in page.error[0].value
    assert "<b>" not in page.error[0].value
    assert [button.key for button in page.button if button.key == "start"] == []


def test_target_of_the_settings_is_shown_without_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "https://milvus.example.com:19530")
    monkeypatch.setenv("MILVUS_TOKEN", "hunter2")
    page = open_page()
    assert page.selectbox(key="target").options == ["https://milvus.example.com:19530", "lite"]
    assert "hunter2" not in str(page.main)


def test_running_run_is_found_by_a_new_tab_and_can_be_stopped(tmp_path: Path) -> None:
    process = start(BUSY, tmp_path / "x.json")
    page = open_page()
    assert any("Measuring" in text.value for text in page.markdown)
    assert any("trial 1 of 4" in text.value for text in page.markdown)
    assert {metric.label: metric.value for metric in page.metric[:4]} == {
        "done": "3",
        "elapsed": "0.5 s",
        "operations/s": "6",
        "failed": "1",
    }
    assert [button.key for button in page.button] == ["stop"]
    page.button(key="stop").click().run()
    assert process.wait(WAIT_S).state == "stopped"
    assert not page.exception


def test_finished_run_shows_finding_proof_and_reason(tmp_path: Path) -> None:
    save_run(make_run(), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    page = open_page()
    assert any("4\\.0 times faster" in text.value for text in page.markdown)
    assert "10 of 10 queries gave the same ids" in page.success[0].value.replace("\\", "")
    assert "pure Python" in page.info[0].value
    assert len(page.get("plotly_chart")) == 3
    assert page.button(key="start").label == "Start"


def test_stopped_run_says_that_its_results_are_kept(tmp_path: Path) -> None:
    save_run(make_run(status="stopped"), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    assert "was stopped" in open_page().warning[0].value


def test_crash_is_a_sentence_and_the_form_is_there_again(tmp_path: Path) -> None:
    start(CRASH, tmp_path / "none.json")
    page = open_page()
    assert "ended with exit code 1" in page.error[0].value
    assert "<b>" not in page.error[0].value
    assert page.button(key="start").label == "Start"


def test_start_measures_and_shows_the_result() -> None:
    page = open_page()
    page.text_input(key="counts-tutorial").set_value("3").run()
    page.number_input(key="dim-tutorial").set_value(8).run()
    page.button(key="start").click().run()
    assert not page.exception
    assert [button.key for button in page.button] == ["stop"]
    assert runs.current is not None
    assert runs.current.wait(WAIT_S).state == "complete"
    page.run()
    assert not page.exception
    assert any("3 operations" in text.value for text in page.markdown)
    proofs = [text.value.replace("\\", "") for text in page.success]
    assert "6 rows found, 6 acknowledged" in proofs[0]
    assert "3 of 3 queries gave the same ids" in proofs[1]
    # What was typed is still there for the next run.
    assert page.text_input(key="counts-tutorial").value == "3"

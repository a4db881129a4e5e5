"""The Benchmark page: form, live view, result, errors."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from core.bench.plan.plan import Plan
from core.bench.plan.presets import PRESETS
from core.bench.records.codec import write_run
from core.bench.records.run import new_id
from core.bench.supervisor import STOP_CLICKED, BenchProcess, runs
from core.config.settings import Settings
from core.errors import ConfigError
from pages.state.plan_choice import CHOICE_KEY
from pages.views.benchmark.plan_form import checked_target
from tests.bench_runs import first_look_run, make_run, make_trial
from tests.pages.conftest import html, texts
from tests.pages.page_test import page_test

WAIT_S = 60.0
PLAN = Plan(counts=(10,), dim=8)
BUSY = """
import signal, sys
def stop(*_):
    print('{"event": "finished", "status": "stopped", "path": "x"}', flush=True)
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
print('{"event": "progress", "operation": "search", "lane": "sync", "count": 10, "repeat": 0, "done": 3, '
      '"failed": 1, "elapsed_s": 0.5, "ops_per_s": 6.0, "p95_s": 0.25, "in_flight": 7, "eta_s": 2.0, '
      '"trial": 1, "num_trials": 4}', flush=True)
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
        runs.current.stop(STOP_CLICKED)
        runs.current.wait(WAIT_S)
    runs.forget()


def open_page(preset: str = "") -> AppTest:
    """The page as a visitor finds it; preset: as a link to it names one."""
    page = page_test("benchmark")
    if preset:
        page.query_params["preset"] = preset
    page.run()
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


def says(page: AppTest, words: str) -> bool:
    """Whether some caption of the page has these words."""
    return any(words in caption.value.replace("\\", "") for caption in page.caption)


def test_form_says_one_time_that_helps() -> None:
    page = open_page("tutorial")
    assert page.button(key="start").label == "Start"
    assert says(page, "tutorial on lite: 12 trials. One that takes longer than 60 s is cut.")
    # The most that it could take is said where nothing better is known, not minutes beside an estimate.
    assert not says(page, "at most") and not says(page, "never takes more")
    page.pills(key="preset").set_value("quick").run()
    assert page.text_input(key="counts-quick").value == "20"
    assert says(page, "24 trials")


def test_form_begins_with_the_first_look_and_says_how_long_it_takes_here() -> None:
    page = open_page()
    assert page.pills(key="preset").value == "first-look"
    seconds = re.search(r"About (\d+) s here, estimated", texts(page))
    assert seconds is not None
    assert int(seconds[1]) < 20


def test_estimate_goes_by_what_earlier_runs_took(settings: Settings) -> None:
    slow = make_run(make_trial("sync", 40.0, count=20), make_trial("async", 40.0, count=20))
    write_run(slow, settings.runs_dir / f"{slow.id}.json")
    assert "min here, by how fast 1 earlier run at this target went" in texts(open_page("quick"))


_listed: list[str] = []
sys.addaudithook(lambda event, args: _listed.append(str(args[0])) if event == "os.scandir" else None)


def test_saved_records_are_listed_once_a_draw(settings: Settings) -> None:
    run = first_look_run()
    write_run(run, settings.runs_dir / f"{run.id}.json")
    start(DONE, settings.runs_dir / f"{run.id}.json")
    _listed.clear()
    page = open_page()
    assert len([button for button in page.button if str(button.key).startswith("next-")]) == 3
    assert _listed.count(str(settings.runs_dir)) == 1


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_that_nobody_changed_is_called_by_its_name(preset: str) -> None:
    assert says(open_page(preset), f"{preset.replace('-', ' ')} on lite: ")


def test_choice_outlives_a_reload_of_the_page() -> None:
    page = open_page()
    page.pills(key="preset").set_value("ladder").run()
    page.text_input(key="counts-ladder").set_value("7, 9").run()
    page.number_input(key="repeats-ladder").set_value(4).run()
    again = page_test("benchmark")
    for name in ("preset", "plan"):
        again.query_params[name] = page.query_params[name]
    again.run()
    assert not again.exception
    assert again.pills(key="preset").value == "ladder"
    assert again.text_input(key="counts-ladder").value == "7, 9"
    assert again.number_input(key="repeats-ladder").value == 4


@pytest.mark.parametrize(
    "plan", ["[1]", "{", '{"counts": "x"}', '{"top_k": 16000, "time_limit_s": 0.2}', "9"]
)
def test_address_that_says_nothing_right_is_no_error(plan: str) -> None:
    page = page_test("benchmark")
    page.query_params["preset"], page.query_params["plan"] = "quick", plan
    page.run()
    assert not page.exception
    assert page.pills(key="preset").value == "quick"
    assert page.button(key="start")


def test_real_milvus_is_offered_where_lite_has_little_to_wait_for() -> None:
    page = open_page("tutorial")
    assert page.button(key="offer_start").label == "Run a real Milvus here"
    assert says(page, "listens on all network interfaces")
    page.slider(key="rtt-tutorial").set_value(60).run()
    assert "offer_start" not in [button.key for button in page.button]


def test_target_with_tls_is_looked_at_from_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "https://milvus.example.com:19530")
    page = open_page()
    assert page.pills(key="preset").value == "first-look"
    assert not page.error
    assert says(page, "first look on ")
    assert says(page, "20 trials")
    assert not says(page, "simulates the distance")
    assert "steps-first-look" not in [text.key for text in page.text_input]
    assert "is not known before a first run" in texts(page)
    page.selectbox(key="target").set_value("lite").run()
    assert says(page, "first look on lite: 40 trials")
    assert says(page, "simulates the distance")


def test_three_runs_go_on_from_a_result_and_a_click_starts_one(tmp_path: Path) -> None:
    write_run(first_look_run(), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    page = open_page()
    keys = [str(button.key) for button in page.button]
    assert [key for key in keys if key.startswith("next-")] == ["next-distance", "next-factor", "next-ladder"]
    page.button(key="next-ladder").click().run()
    assert not page.exception
    assert runs.current is not None
    assert runs.current.is_running
    assert runs.current.plan.preset == "ladder"
    assert page.query_params["preset"] == "ladder"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_started_as_it_is(preset: str) -> None:
    page = open_page()
    page.pills(key="preset").set_value(preset).run()
    assert not page.exception
    assert not page.error
    assert says(page, PRESETS[preset].about)
    assert page.button(key="start").label == "Start"


def test_sweep_has_its_steps_and_a_lane_choice_instead_of_one_distance() -> None:
    page = open_page()
    page.pills(key="preset").set_value("distance").run()
    assert page.text_input(key="steps-distance").value == "0, 5, 10, 20, 60, 100, 200"
    assert [slider.key for slider in page.slider] == []
    page.text_input(key="steps-distance").set_value("far").run()
    assert "Steps are" in page.error[0].value


def test_simulated_distance_is_said_to_be_simulated() -> None:
    page = open_page("tutorial")
    page.slider(key="rtt-tutorial").set_value(60).run()
    assert says(page, "a local proxy that simulates the distance")


def test_settings_that_do_not_go_together_are_one_sentence() -> None:
    page = open_page("tutorial")
    page.number_input(key="processes-tutorial").set_value(20).run()
    assert not page.exception
    assert "processes is 20" in page.error[0].value


def test_readiness_is_looked_at_when_asked_for() -> None:
    page = open_page()
    page.button(key="readiness").click().run()
    assert not page.exception
    shown = " ".join(text.value for text in [*page.success, *page.error])
    for name in ("Target", "Processor", "Disk", "Versions"):
        assert f"**{name}**" in shown


def test_presenter_view_hides_the_form_and_keeps_the_finding(tmp_path: Path) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    page = open_page()
    page.toggle[0].set_value(True).run()
    assert not page.exception
    assert [button.key for button in page.button if button.key == "start"] == []
    assert "4.0x" in html(page)


@pytest.mark.parametrize("way", ["a link", "another page"])
def test_preset_that_a_link_or_another_page_leads_to_comes_before_the_last_run(
    tmp_path: Path, way: str
) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    assert open_page().expander[0].label == "Settings of the next run"
    page = page_test("benchmark")
    if way == "a link":
        page.query_params["preset"] = "distance"
    else:
        page.session_state[CHOICE_KEY] = ("distance", None)  # as `prefer` leaves it
    page.run()
    assert not page.exception
    assert page.header[0].value == "The last run, of another preset"
    assert [each.label for each in page.expander if each.label == "Settings of the next run"] == []
    assert [button.key for button in page.button].count("start") == 1


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
    page = open_page()
    assert any("Milvus is gone" in text.value for text in page.error)
    assert any("Recorded on 2026" in text.value.replace("\\", "") for text in page.info)


def test_wrong_count_is_named_and_nothing_can_be_started() -> None:
    page = open_page("tutorial")
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


def test_finished_run_shows_finding_proof_and_reason(tmp_path: Path) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    page = open_page()
    assert "4.0x" in html(page)
    assert says(page, "10 of 10 queries gave the same ids")
    assert "pure Python" in page.info[0].value
    assert len(page.get("plotly_chart")) >= 2
    assert page.button(key="start").label == "Start"


def test_stopped_run_says_that_its_results_are_kept(tmp_path: Path) -> None:
    write_run(make_run(status="stopped", note="Ctrl-C was pressed."), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    said = "The run was stopped; what was measured until then is kept. Ctrl-C was pressed."
    assert open_page().warning[0].value.replace("\\", "") == said


def test_run_stopped_before_its_first_trial_says_that_nothing_was_measured(tmp_path: Path) -> None:
    write_run(replace(make_run(status="stopped"), trials=()), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    page = open_page()
    assert "stopped before anything was measured" in page.warning[0].value
    assert not says(page, "Nothing was measured yet")
    assert not page.error


def test_run_stopped_before_it_had_a_record_is_no_error(tmp_path: Path) -> None:
    process = start(BUSY, tmp_path / "none.json")
    process.stop("It took too long.")
    process.wait(WAIT_S)
    page = open_page()
    said = page.warning[0].value.replace("\\", "")
    assert said == "The run was stopped before anything was measured. It took too long."
    assert not page.error
    assert page.button(key="start").label == "Start"


def test_crash_is_a_sentence_and_the_form_is_there_again(tmp_path: Path) -> None:
    start(CRASH, tmp_path / "none.json")
    page = open_page()
    assert "ended with exit code 1" in page.error[0].value
    assert "<b>" not in page.error[0].value
    assert page.button(key="start").label == "Start"


def test_start_measures_and_shows_the_result() -> None:
    page = open_page("tutorial")
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


def test_target_of_the_last_run_is_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "https://milvus.example.com:19530")
    page = open_page("tutorial")
    page.selectbox(key="target").set_value("lite").run()
    page.text_input(key="counts-tutorial").set_value("3").run()
    page.button(key="start").click().run()
    assert runs.current is not None
    assert runs.current.wait(WAIT_S).state == "complete"
    page.run()
    assert page.selectbox(key="target").value == "lite"
    assert says(page, "on lite")


def test_settings_are_folded_up_once_there_is_a_result(tmp_path: Path) -> None:
    labels = [expander.label for expander in open_page().expander]
    assert "Settings of the next run" not in labels
    write_run(make_run(), tmp_path / "x.json")
    start(DONE, tmp_path / "x.json")
    page = open_page()
    (form,) = [one for one in page.expander if one.label == "Settings of the next run"]
    assert not form.proto.expanded
    assert form.pills(key="preset").value == "first-look"


def test_address_that_is_none_is_a_sentence(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="The target is 'not an address'"):
        checked_target("not an address", settings)
    assert checked_target("lite", settings) == "lite"
    assert checked_target("http://me:secret@host:19530", settings) == "http://host:19530"


def test_process_waits_for_start_while_the_page_is_open() -> None:
    open_page()
    children = [child.as_dict(["cmdline"])["cmdline"] for child in psutil.Process().children()]
    # One that another test has killed has no command line any more.
    assert sum("core.cli.standby" in (words or []) for words in children) == 1


def test_tutorial_can_be_measured_with_first_calls_included() -> None:
    page = open_page("tutorial")
    page.toggle(key="first-calls-tutorial").set_value(True).run()
    assert not page.exception and not page.error
    assert says(page, "tutorial on lite: 12 trials")
    page.number_input(key="warmup-tutorial").set_value(1).run()
    assert "needs warmup to be 0" in page.error[0].value


def test_document_of_ones_own_is_measured_both_ways() -> None:
    page = open_page("ingest")
    page.file_uploader(key="bench_document").set_value(
        ("a.txt", b"The pier is made of oak. " * 200, "text/plain")
    ).run()
    page.number_input(key="repeats-ingest").set_value(1).run()
    page.button(key="start").click().run()
    assert not page.exception
    assert runs.current is not None
    assert runs.current.wait(WAIT_S).state == "complete"
    page.run()
    assert not page.exception
    # What it found, whichever way was faster.
    assert "async ingest" in html(page).lower()
    assert says(page, "Identical chunks after each ingest: 2 of 2 checks passed")
    assert any("sets the pace" in info.value for info in page.info)
    assert "**a\\.txt** goes in again." in texts(page)
    page.button(key="bench_document_forget").click().run()
    assert "goes in again" not in texts(page)
    assert page.query_params["preset"] == "ingest"
    assert "a.txt" not in str(page.query_params["plan"])


def test_ingest_has_only_the_settings_that_mean_something_to_it() -> None:
    page = open_page("ingest")
    keys = {str(widget.key) for widget in [*page.text_input, *page.number_input, *page.slider, *page.pills]}
    assert {key for key in keys if key.endswith("-ingest")} == {"repeats-ingest", "rtt-ingest"}
    assert "depends on the document" in texts(page)

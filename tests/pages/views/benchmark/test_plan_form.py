"""The form of the Benchmark page: what it begins with, what it refuses, and what it says of a run."""

from __future__ import annotations

import re

import pytest

from core.bench.plan.presets import PRESETS, preset_plan
from core.bench.records.codec import write_run
from core.bench.supervisor import runs
from core.config.settings import Settings
from core.errors import ConfigError
from pages.views.benchmark.plan_form import checked_target, how_long
from tests.bench_runs import make_run, make_trial
from tests.pages.benchmarking import WAIT_S, open_benchmark, says
from tests.pages.conftest import texts
from tests.pages.page_test import page_test

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_form_says_one_time_that_helps() -> None:
    page = open_benchmark("tutorial")
    assert page.button(key="start").label == "Start"
    assert says(page, "tutorial on lite: 12 trials. One that takes longer than 60 s is cut.")
    # The most that it could take is said where nothing better is known, not minutes beside an estimate.
    assert not says(page, "at most") and not says(page, "never takes more")
    page.pills(key="preset").set_value("quick").run()
    assert page.text_input(key="counts-quick").value == "20"
    assert says(page, "24 trials")


def test_form_begins_with_the_first_look_and_says_how_long_it_takes_here() -> None:
    page = open_benchmark()
    assert page.pills(key="preset").value == "first-look"
    seconds = re.search(r"About (\d+) s here, estimated", texts(page))
    assert seconds is not None
    assert int(seconds[1]) < 20


def test_estimate_goes_by_what_earlier_runs_took(settings: Settings) -> None:
    slow = make_run(make_trial("sync", 40.0, count=20), make_trial("async", 40.0, count=20))
    write_run(slow, settings.runs_dir / f"{slow.id}.json")
    assert "min here, by how fast 1 earlier run at this target went" in texts(open_benchmark("quick"))


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_that_nobody_changed_is_called_by_its_name(preset: str) -> None:
    assert says(open_benchmark(preset), f"{preset.replace('-', ' ')} on lite: ")


def test_choice_outlives_a_reload_of_the_page() -> None:
    page = open_benchmark()
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


def test_target_with_tls_is_looked_at_from_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "https://milvus.example.com:19530")
    page = open_benchmark()
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


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_started_as_it_is(preset: str) -> None:
    page = open_benchmark()
    page.pills(key="preset").set_value(preset).run()
    assert not page.exception
    assert not page.error
    assert says(page, PRESETS[preset].about)
    assert page.button(key="start").label == "Start"


def test_sweep_has_its_steps_and_a_lane_choice_instead_of_one_distance() -> None:
    page = open_benchmark()
    page.pills(key="preset").set_value("distance").run()
    assert page.text_input(key="steps-distance").value == "0, 5, 10, 20, 60, 100, 200"
    assert [slider.key for slider in page.slider] == []
    page.text_input(key="steps-distance").set_value("far").run()
    assert "Steps are" in page.error[0].value


def test_simulated_distance_is_said_to_be_simulated() -> None:
    page = open_benchmark("tutorial")
    page.slider(key="rtt-tutorial").set_value(60).run()
    assert says(page, "a local proxy that simulates the distance")


def test_settings_that_do_not_go_together_are_one_sentence() -> None:
    page = open_benchmark("tutorial")
    page.number_input(key="processes-tutorial").set_value(20).run()
    assert not page.exception
    assert "processes is 20" in page.error[0].value


def test_wrong_count_is_named_and_nothing_can_be_started() -> None:
    page = open_benchmark("tutorial")
    page.text_input(key="counts-tutorial").set_value("<b>ten</b>").run()
    assert not page.exception
    assert "Counts are" in page.error[0].value
    assert "<b>" not in page.error[0].value
    assert [button.key for button in page.button if button.key == "start"] == []


def test_target_of_the_settings_is_shown_without_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "https://milvus.example.com:19530")
    monkeypatch.setenv("MILVUS_TOKEN", "hunter2")
    page = open_benchmark()
    assert page.selectbox(key="target").options == ["https://milvus.example.com:19530", "lite"]
    assert "hunter2" not in str(page.main)


def test_target_of_the_last_run_is_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "https://milvus.example.com:19530")
    page = open_benchmark("tutorial")
    page.selectbox(key="target").set_value("lite").run()
    page.text_input(key="counts-tutorial").set_value("3").run()
    page.button(key="start").click().run()
    assert runs.current is not None
    assert runs.current.wait(WAIT_S).state == "complete"
    page.run()
    assert page.selectbox(key="target").value == "lite"
    assert says(page, "on lite")


def test_address_that_is_none_is_a_sentence(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="The target is 'not an address'"):
        checked_target("not an address", settings)
    assert checked_target("lite", settings) == "lite"
    assert checked_target("http://me:secret@host:19530", settings) == "http://host:19530"


def test_tutorial_can_be_measured_with_first_calls_included() -> None:
    page = open_benchmark("tutorial")
    page.toggle(key="first-calls-tutorial").set_value(True).run()
    assert not page.exception and not page.error
    assert says(page, "tutorial on lite: 12 trials")
    page.number_input(key="warmup-tutorial").set_value(1).run()
    assert "needs warmup to be 0" in page.error[0].value


def test_ingest_has_only_the_settings_that_mean_something_to_it() -> None:
    page = open_benchmark("ingest")
    keys = {str(widget.key) for widget in [*page.text_input, *page.number_input, *page.slider, *page.pills]}
    assert {key for key in keys if key.endswith("-ingest")} == {"repeats-ingest", "rtt-ingest"}
    assert "depends on the document" in texts(page)


def test_time_of_a_run_is_told_with_what_it_rests_on() -> None:
    quick = preset_plan("quick")
    assert re.fullmatch(
        r"About \d+ s here, estimated: nothing like it was measured here yet\.", how_long(quick, [])
    )
    far = preset_plan("tutorial", target="https://in03.zillizcloud.com")
    assert how_long(far, []).endswith("measuring, 12 min at most.")
    assert "depends on the document" in how_long(preset_plan("ingest"), [])

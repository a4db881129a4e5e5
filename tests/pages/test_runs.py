"""The Runs page: empty, list, open by link, compare, name, import, present, delete, broken files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.bench.recorded import RECORDINGS, recorded_run
from core.bench.records.archive import find_run, import_run, to_json
from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.charts.catalog import charts_of, headline_operation
from core.config.settings import Settings
from core.runtime.process_identity import this_process
from pages.components.run_view import SECTIONS, SPEED
from tests.bench_runs import (
    RUN_ID,
    concurrency_run,
    distance_run,
    factor_run,
    heartbeat_run,
    ladder_run,
    make_run,
    make_trial,
    stall_run,
)
from tests.pages.conftest import html, texts
from tests.pages.run_pages import OTHER_ID, num_charts, open_runs


def num_open(run: Run, operation: str = "search") -> int:
    """The chart of what was found, and those of the first section of an operation's other ones.

    Those of other sections are made when somebody opens them.
    """
    charts = charts_of(run, operation)
    others = charts[1:] if operation == headline_operation(run) else charts
    sections = [SECTIONS.get(chart.name, SPEED) for chart in others]
    return 1 + sections.count(sections[0])


def test_without_runs_it_says_what_to_do() -> None:
    page = open_runs()
    assert "no saved run of yours yet" in texts(page)
    assert page.caption[-1].value == "Run a benchmark"


def test_without_runs_there_are_the_recorded_ones_to_open() -> None:
    page = open_runs()
    assert list(page.dataframe[0].value["Name"]) == [recording.title for recording in RECORDINGS]
    run = recorded_run("factor")
    assert run is not None
    page = open_runs(run.id)
    assert any("Recorded on 20" in info.value for info in page.info)
    assert num_charts(page) >= 2
    assert not any(button.key in {"delete", "export"} for button in page.button)
    assert not page.text_input


def test_recorded_runs_are_a_group_of_their_own(saved: Path) -> None:
    page = open_runs()
    assert list(page.dataframe[0].value["Target"]) == ["lite", "http://milvus:19530"]
    labels = page.multiselect(key="chosen").options
    own = [label for label in labels if not label.startswith("Recorded: ")]
    assert len(own) == 2
    assert labels[2:] == [f"Recorded: {recording.title}" for recording in RECORDINGS]
    assert "Recorded runs, which come with Overlap" in [group.label for group in page.expander]


def test_recorded_run_that_is_imported_is_not_doubled(settings: Settings) -> None:
    run = recorded_run("heartbeat")
    assert run is not None
    there = import_run(settings.runs_dir, to_json(run).encode(), known=[run])
    assert there.id == run.id
    assert not list(settings.runs_dir.glob("*.json"))


def test_list_is_newest_first_with_its_findings(saved: Path) -> None:
    table = open_runs().dataframe[0].value
    assert list(table["When (UTC)"].astype(str)) == ["2026-11-22 15:40:12", "2026-11-20 00:00:00"]
    assert list(table["Target"]) == ["lite", "http://milvus:19530"]
    assert table["Found"][0] == "4.0x faster: async search; uncertainty not known"


def test_columns_in_which_nothing_stands_leave_their_room_to_what_was_found(settings: Settings) -> None:
    write_run(make_run(), settings.runs_dir / f"{RUN_ID}.json")
    assert {"Name", "Note"}.isdisjoint(open_runs().dataframe[0].value.columns)
    named = make_run(id=OTHER_ID, name="Before the talk", comment="With the new index")
    write_run(named, settings.runs_dir / f"{OTHER_ID}.json")
    table = open_runs().dataframe[0].value
    assert {"Before the talk", "With the new index"} <= {*table["Name"], *table["Note"]}


def test_chosen_run_is_drawn_and_gets_a_link(saved: Path) -> None:
    page = open_runs()
    assert num_charts(page) == 0
    page.multiselect(key="chosen").set_value([OTHER_ID]).run()
    assert not page.exception
    assert page.query_params["run"] == OTHER_ID
    assert num_charts(page) == num_open(find_run(saved, OTHER_ID))
    assert "Strong consistency" in page.info[0].value
    assert list(page.dataframe[1].value["Lane"]) == ["sync", "async"]


def test_choice_is_kept_where_the_address_comes_late(saved: Path) -> None:
    page = open_runs()
    page.multiselect(key="chosen").set_value([OTHER_ID]).run()
    # What a browser sends that has not heard of the run's link yet.
    del page.query_params["run"]
    page.multiselect(key="chosen").set_value([OTHER_ID, RUN_ID]).run()
    assert page.multiselect(key="chosen").value == [OTHER_ID, RUN_ID]
    assert page.query_params["compare"] == f"{OTHER_ID},{RUN_ID}"


def test_link_opens_its_run(saved: Path) -> None:
    page = open_runs(OTHER_ID)
    assert page.multiselect(key="chosen").value == [OTHER_ID]
    assert num_charts(page) >= 2


@pytest.mark.parametrize("run_id", ["20250101T000000Z-000000", "../../secret", "<b>x</b>"])
def test_link_to_nothing_is_a_warning(run_id: str, saved: Path) -> None:
    page = open_runs(run_id)
    assert "There is no run" in page.warning[0].value
    assert "<b>" not in page.warning[0].value
    assert page.multiselect(key="chosen").value == []


@pytest.mark.parametrize(
    "make",
    [ladder_run, factor_run, distance_run, concurrency_run, stall_run, heartbeat_run],
    ids=lambda make: make.__name__,
)
@pytest.mark.parametrize("present", ["0", "1"])
def test_every_kind_of_run_opens(make: Any, present: str, settings: Settings) -> None:
    run = make()
    write_run(run, settings.runs_dir / f"{run.id}.json")
    page = open_runs(run.id, present=present)
    assert num_charts(page) == num_open(find_run(settings.runs_dir, run.id))


def test_rows_of_a_chart_for_a_hall_have_labels_of_one_line(settings: Settings) -> None:
    """Seven rows of two lines each would lie on each other."""
    run = factor_run()
    write_run(run, settings.runs_dir / f"{run.id}.json")
    spec: dict[str, Any] = json.loads(open_runs(run.id, present="1").get("plotly_chart")[0].proto.spec)
    labels = [label for trace in spec["data"] for label in trace["y"]]
    assert "threads instead of a serial loop" in labels
    assert not any("<br>" in label for label in labels)


def test_tab_and_count_choose_what_is_drawn(settings: Settings) -> None:
    trials = [
        make_trial(lane, 4.0, operation=operation, count=count)
        for operation in ("add", "search")
        for count in (10, 100)
        for lane in ("sync", "async")
    ]
    run = make_run(*trials)
    write_run(run, settings.runs_dir / f"{RUN_ID}.json")
    page = open_runs(RUN_ID)
    # The headline is about searches; only the charts of the tab that is open are made.
    assert num_charts(page) == num_open(run)
    page.session_state[f"run-{RUN_ID}-tab"] = "Add"
    page.run()
    assert num_charts(page) == num_open(run, "add")
    assert any("100 operations" in text.value for text in page.markdown)
    page.session_state[f"run-{RUN_ID}-add-section"] = "Latency"
    page.run()
    # The chart of what was found stays.
    assert num_charts(page) == 1 + list(SECTIONS.values()).count("Latency")
    page.button_group(key=f"run-{RUN_ID}-add-count").set_value(10).run()
    assert not page.exception
    assert any("10 operations" in text.value for text in page.markdown)


def test_link_compares_its_runs(saved: Path) -> None:
    page = open_runs(compare=f"{RUN_ID},{OTHER_ID},nothing")
    assert page.multiselect(key="chosen").value == [RUN_ID, OTHER_ID]
    assert "'nothing'" in page.warning[0].value.replace("\\", "")
    assert num_charts(page) == 2


def test_link_that_is_followed_later_wins_over_the_box(saved: Path) -> None:
    page = open_runs(RUN_ID)
    page.query_params["run"] = OTHER_ID
    page.run()
    assert page.multiselect(key="chosen").value == [OTHER_ID]


def test_name_and_note_are_saved_and_shown(saved: Path) -> None:
    page = open_runs(RUN_ID)
    page.text_input(key=f"name-{RUN_ID}").set_value("<b>On</b> stage")
    page.text_area(key=f"note-{RUN_ID}").set_value("*odd* note")
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception
    run = find_run(saved, RUN_ID)
    assert (run.name, run.comment) == ("<b>On</b> stage", "*odd* note")
    assert page.dataframe[0].value["Name"][0] == "<b>On</b> stage"
    assert any(text.value == "> \\*odd\\* note" for text in page.markdown)


def import_files(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    page.file_uploader(key="runs-upload-0").set_value([(*file, "application/json") for file in files]).run()
    page.button(key="import").click().run()
    assert not page.exception
    return page


def test_import_opens_the_run_and_says_so(settings: Settings) -> None:
    run = make_run(name="from *afar*", environment={"cpu": "EPYC"})
    page = import_files(open_runs(), ("../../x.json", to_json(run).encode()))
    assert "from \\*afar\\*" in page.success[0].value
    assert page.multiselect(key="chosen").value == [RUN_ID]
    assert find_run(settings.runs_dir, RUN_ID).imported
    assert "measured on EPYC" in texts(page)
    assert "imported" in page.dataframe[0].value["Status"][0]


def test_import_of_broken_and_good_files_tells_each(settings: Settings) -> None:
    newer = json.dumps(make_run().to_dict() | {"schema": 2}).encode()
    good = to_json(make_run()).encode()
    page = import_files(open_runs(), ("cut.json", good[:99]), ("new.json", newer), ("good.json", good))
    assert len(page.error) == 2
    assert "damaged" in page.error[0].value
    assert "Update Overlap" in page.error[1].value
    assert len(page.success) >= 1
    assert num_charts(page) > 0


def test_charts_of_an_import_are_not_those_of_another_one_of_its_id(settings: Settings) -> None:
    """Taken in, deleted, and taken in again with other requests: each time its own are drawn."""
    first, other = (make_trial(lane, 1.0) for lane in ("sync", "async"))
    later = replace(first, samples=tuple((start + 0.01, end + 0.01, ok) for start, end, ok in first.samples))
    drawn = []
    for trial in (first, later, first):
        write_run(make_run(trial, other, imported=True), settings.runs_dir / f"{RUN_ID}.json")
        page = open_runs(RUN_ID)
        page.session_state[f"run-{RUN_ID}-search-section"] = "Who waits when"
        drawn.append([chart.proto.spec for chart in page.run().get("plotly_chart")])
    assert len(drawn[0]) > 1
    assert drawn[0] == drawn[2] != drawn[1]


def test_presenter_view_has_charts_and_no_settings(saved: Path) -> None:
    page = open_runs(RUN_ID, present="1")
    assert page.toggle[0].value is True
    assert "4.0x" in html(page)
    assert num_charts(page) >= 2
    assert len(page.dataframe) == len(page.title) == len(page.get("download_button")) == 0
    page.toggle[0].set_value(False).run()
    assert not page.exception
    assert "present" not in page.query_params
    assert page.query_params["run"] == RUN_ID
    assert page.title[0].value == "Runs"
    page.toggle[0].set_value(True).run()
    assert page.query_params["present"] == "1"
    assert num_charts(page) >= 2


def test_delete_removes_the_run_and_its_link(saved: Path) -> None:
    page = open_runs(RUN_ID)
    page.button(key="delete_run").click().run()
    assert not page.exception
    assert [path.stem for path in saved.iterdir()] == [OTHER_ID]
    assert "run" not in page.query_params
    assert page.multiselect(key="chosen").value == []


def test_run_deleted_meanwhile_by_somebody_else_is_no_error(saved: Path) -> None:
    page = open_runs(RUN_ID)
    (saved / f"{RUN_ID}.json").unlink()
    page.run()
    assert not page.exception
    assert page.multiselect(key="chosen").value == []


def test_running_run_cannot_be_deleted(settings: Settings) -> None:
    run = make_run(status="running", owner=this_process())
    write_run(run, settings.runs_dir / f"{RUN_ID}.json")
    assert open_runs(RUN_ID).button(key="delete_run").disabled


def test_broken_file_is_named_and_the_others_are_there(saved: Path) -> None:
    (saved / "cut.json").write_text('{"schema": 1')
    page = open_runs()
    assert len(page.dataframe[0].value) == 2
    assert "cut.json" in page.text[0].value

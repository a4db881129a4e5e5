"""The Runs page: empty, list, open by link, delete, broken files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.bench.archive import save_run, this_process
from core.config import Settings
from tests.bench_runs import RUN_ID, make_run, make_trial

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "runs.py")
OTHER_ID = "20261120T000000Z-ffffff"


@pytest.fixture
def saved(settings: Settings) -> Path:
    """A folder with two runs."""
    save_run(make_run(), settings.runs_dir / f"{RUN_ID}.json")
    older = make_run(id=OTHER_ID, created_at="2026-11-20T00:00:00Z", target="http://milvus:19530")
    save_run(older, settings.runs_dir / f"{OTHER_ID}.json")
    return settings.runs_dir


def open_page(run_id: str | None = None) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    if run_id is not None:
        page.query_params["run"] = run_id
    page.run()
    assert not page.exception
    return page


def test_without_runs_it_says_what_to_do() -> None:
    page = open_page()
    assert "no saved run yet" in page.info[0].value
    assert page.caption[0].value == "Run a benchmark"


def test_list_is_newest_first_with_its_findings(saved: Path) -> None:
    table = open_page().dataframe[0].value
    assert list(table["When (UTC)"]) == ["2026-11-22 15:40:12", "2026-11-20 00:00:00"]
    assert list(table["Target"]) == ["lite", "http://milvus:19530"]
    assert "4.0 times faster" in table["Found"][0]


def test_chosen_run_is_drawn_and_gets_a_link(saved: Path) -> None:
    page = open_page()
    assert len(page.get("plotly_chart")) == 0
    page.selectbox(key="chosen").select_index(1).run()
    assert not page.exception
    assert page.query_params["run"] == OTHER_ID
    assert len(page.get("plotly_chart")) == 3
    assert "Strong consistency" in page.info[0].value


def test_link_opens_its_run(saved: Path) -> None:
    page = open_page(OTHER_ID)
    assert page.selectbox(key="chosen").value == OTHER_ID
    assert len(page.get("plotly_chart")) == 3


@pytest.mark.parametrize("run_id", ["20250101T000000Z-000000", "../../secret", "<b>x</b>"])
def test_link_to_nothing_is_a_warning(run_id: str, saved: Path) -> None:
    page = open_page(run_id)
    assert "There is no run" in page.warning[0].value
    assert "<b>" not in page.warning[0].value
    assert page.selectbox(key="chosen").value is None


def test_delete_removes_the_run_and_its_link(saved: Path) -> None:
    page = open_page(RUN_ID)
    page.button(key="delete").click().run()
    assert not page.exception
    assert [path.stem for path in saved.iterdir()] == [OTHER_ID]
    assert "run" not in page.query_params
    assert page.selectbox(key="chosen").value is None


def test_running_run_cannot_be_deleted(settings: Settings) -> None:
    run = make_run(status="running", owner=this_process())
    save_run(run, settings.runs_dir / f"{RUN_ID}.json")
    assert open_page(RUN_ID).button(key="delete").disabled


def test_broken_file_is_named_and_the_others_are_there(saved: Path) -> None:
    (saved / "cut.json").write_text('{"schema": 1')
    page = open_page()
    assert len(page.dataframe[0].value) == 2
    assert "cut.json" in page.text[0].value


def test_failures_and_cut_trials_are_shown(settings: Settings) -> None:
    failing = make_trial("async", 1.0, num_ok=7, num_failed=3, errors={"TimeoutError: <b>late</b>": 3})
    cut = make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0)
    save_run(make_run(cut, failing, note="*odd*"), settings.runs_dir / f"{RUN_ID}.json")
    page = open_page(RUN_ID)
    assert "3 operations failed" in page.error[0].value
    assert page.dataframe[1].value["reason"][0] == "TimeoutError: <b>late</b>"
    assert any("projected" in caption.value for caption in page.caption)


def test_failed_check_is_an_error(settings: Settings) -> None:
    save_run(make_run(is_proven=False), settings.runs_dir / f"{RUN_ID}.json")
    page = open_page(RUN_ID)
    assert "0 of 1 checks passed" in page.error[0].value
    assert any("did not do the same work" in text.value for text in page.markdown)


def test_downloads_are_the_whole_record_and_a_table(saved: Path) -> None:
    buttons: Any = open_page(RUN_ID).get("download_button")
    assert [button.label for button in buttons] == ["Download JSON", "Download CSV"]

"""A run as files, each in its menu."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.config.settings import Settings
from tests.bench_runs import RUN_ID, make_run
from tests.pages.run_pages import open_runs


def downloads(page: AppTest) -> list[str]:
    buttons: Any = page.get("download_button")
    return [button.label for button in buttons]


def test_export_has_every_kind_of_file_and_a_script_of_the_chosen_trial(settings: Settings) -> None:
    write_run(make_run(), settings.runs_dir / f"{RUN_ID}.json")
    page = open_runs(RUN_ID)
    assert [label.split(",")[0] for label in downloads(page)] == [
        "JSON",
        "CSV",
        "CSV with ; and decimal commas",
        "HTML report",
        "Python script",
    ]
    assert "aquery" in page.code[0].value
    page.selectbox(key=f"run-{RUN_ID}-trial").select_index(0).run()
    assert "aquery" not in page.code[0].value


def test_run_on_a_knowledge_base_has_no_script(settings: Settings) -> None:
    run: Run = make_run(settings={"data": "papers"})
    write_run(run, settings.runs_dir / f"{RUN_ID}.json")
    labels = downloads(open_runs(RUN_ID))
    assert len(labels) == 4
    assert "Python script" not in labels

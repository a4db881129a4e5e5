"""A run as files, each in its menu."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.config.settings import Settings
from pages.components.run_export import _most_wanted, _points
from tests.bench_runs import RUN_ID, make_run, make_trial
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


def test_trial_of_a_script_is_chosen_by_what_it_is_and_the_largest_async_one_is_offered() -> None:
    run = make_run(
        *(make_trial(lane, 1.0, count=count, repeat=repeat)
          for repeat in range(2) for count in (10, 1000) for lane in ("sync", "async"))
    )  # fmt: skip
    points = _points(run)
    assert list(points) == [
        "search · sync · 10 operations",
        "search · async · 10 operations",
        "search · sync · 1,000 operations",
        "search · async · 1,000 operations",
    ]
    assert {trial.repeat for trial in points.values()} == {0}
    assert list(points)[_most_wanted(list(points.values()))] == "search · async · 1,000 operations"
    assert _most_wanted([make_trial("sync", 1.0), make_trial("threads", 1.0)]) == 0

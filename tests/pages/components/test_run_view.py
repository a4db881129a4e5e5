"""One run, drawn by pages.components.run_view: marks, failures, proof, odd records, exports."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.bench.records.codec import write_run
from core.config.settings import Settings
from tests.bench_runs import RUN_ID, make_run, make_trial
from tests.pages.conftest import texts
from tests.pages.page_test import quick
from tests.pages.run_pages import open_runs


def test_replay_and_simulation_are_marked() -> None:
    def script(run: object) -> None:
        from core.bench.records.run import Run
        from pages.components.run_view import draw_run

        assert isinstance(run, Run)
        draw_run(run, key="x", is_replay=True)

    run = make_run(environment={"cpu": "Xeon"}, settings={"rtt_ms": 60, "target": "http://m:19530"})
    trials = [make_trial(lane, 1.0, case=run.plan.cases[0][0]) for lane in ("sync", "async")]
    run = make_run(*trials, environment=run.environment, settings={"rtt_ms": 60, "target": "http://m:19530"})
    page = quick(AppTest.from_function(script, args=(run,), default_timeout=60)).run()
    assert not page.exception
    assert "Recorded on 2026" in page.info[0].value.replace("\\", "")
    assert "on Xeon, not measured now" in page.info[0].value
    assert "round trip of 60 ms" in texts(page)


def test_run_that_measured_nothing_is_no_error(settings: Settings) -> None:
    empty = make_run(trials=(), checks=(), summary=(), status="failed", note="Milvus at <x> is gone.")
    write_run(empty, settings.runs_dir / f"{RUN_ID}.json")
    assert "is gone" in open_runs(RUN_ID).error[0].value


def test_run_whose_plan_names_other_lanes_is_no_error(settings: Settings) -> None:
    """Nothing that Overlap writes, but an imported file may be so."""
    odd = make_run(make_trial("threads", 1.0), settings={"lanes": ("sync",), "operations": ("add",)})
    write_run(odd, settings.runs_dir / f"{RUN_ID}.json")
    open_runs(RUN_ID)


def test_little_law_that_does_not_hold_is_flagged(settings: Settings) -> None:
    write_run(make_run(make_trial("async", 1.0, littles_law_ratio=0.5)), settings.runs_dir / f"{RUN_ID}.json")
    page = open_runs(RUN_ID)
    assert page.dataframe[1].value["Little's law"][0] == "off by more than 20 %"
    assert any("Little's law" in warning.value for warning in page.warning)


def test_failures_and_cut_trials_are_shown(settings: Settings) -> None:
    failing = make_trial("async", 1.0, num_ok=7, num_failed=3, errors={"TimeoutError: <b>late</b>": 3})
    cut = make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0)
    write_run(make_run(cut, failing, note="*odd*"), settings.runs_dir / f"{RUN_ID}.json")
    page = open_runs(RUN_ID)
    assert "3 operations failed" in page.error[0].value
    assert page.dataframe[1].value["reason"][0] == "TimeoutError: <b>late</b>"
    assert page.dataframe[2].value["Lane"][0] == "sync (cut)"
    assert any("projected" in caption.value for caption in page.caption)


def test_failed_check_is_an_error(settings: Settings) -> None:
    write_run(make_run(is_proven=False), settings.runs_dir / f"{RUN_ID}.json")
    page = open_runs(RUN_ID)
    assert "0 of 1 checks passed" in page.error[0].value

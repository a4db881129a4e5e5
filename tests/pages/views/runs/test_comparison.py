"""Several runs side by side, first of all what makes it unfair."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.plan.conditions import Case
from core.bench.records.codec import write_run
from tests.bench_runs import (
    RUN_ID,
    distance_run,
    make_run,
    make_trial,
)
from tests.pages.run_pages import OTHER_ID, num_charts, open_runs


def test_two_runs_are_compared_with_the_warnings_first(saved: Path) -> None:
    page = open_runs()
    page.multiselect(key="chosen").set_value([RUN_ID, OTHER_ID]).run()
    assert not page.exception
    assert page.query_params["compare"] == f"{RUN_ID},{OTHER_ID}"
    assert "run" not in page.query_params
    assert "targets differ" in page.warning[0].value
    assert num_charts(page) == 2
    assert len(page.dataframe[1].value) == 4


@pytest.mark.parametrize("consistency", ["Bounded", "Strong"])
def test_comparison_with_a_sweep_says_which_of_its_cases_the_charts_show(
    consistency: str, saved: Path
) -> None:
    sweep = distance_run()
    plain = make_run(
        *(replace(trial, case=Case(consistency=consistency)) for trial in make_run().trials), id=OTHER_ID
    )
    for run in (sweep, plain):
        write_run(run, saved / f"{run.id}.json")
    page = open_runs(compare=f"{sweep.id},{OTHER_ID}")
    told = "The charts show what all of these runs have: 0 ms simulated. The table has the rest."
    assert told in [caption.value for caption in page.caption]
    assert num_charts(page) == 2


def test_runs_without_a_case_in_common_have_no_chart_but_their_table(saved: Path) -> None:
    sweep = distance_run()
    trials = [replace(trial, case=Case(rtt_ms=30)) for trial in make_run().trials]
    for run in (sweep, make_run(*trials, id=OTHER_ID)):
        write_run(run, saved / f"{run.id}.json")
    page = open_runs(compare=f"{sweep.id},{OTHER_ID}")
    assert "no case in common" in page.info[0].value
    assert num_charts(page) == 0
    assert len(page.dataframe[1].value) > 2


def test_runs_without_anything_in_common_are_not_drawn_together(saved: Path) -> None:
    trials = [make_trial(lane, 1.0, operation="add") for lane in ("sync", "async")]
    write_run(make_run(*trials, id=OTHER_ID), saved / f"{OTHER_ID}.json")
    page = open_runs(compare=f"{RUN_ID},{OTHER_ID}")
    assert "nothing to lay side by side" in page.warning[0].value
    assert num_charts(page) == 0

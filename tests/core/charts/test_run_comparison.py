"""core.charts.run_comparison: several runs on the same axes."""

from __future__ import annotations

import pytest

from core.charts.run_comparison import compare, compare_speedups
from tests.bench_runs import first_look_run, make_row, make_run, make_trial, proof_of
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_compare_puts_runs_on_the_same_axes() -> None:
    fast = make_run(make_trial("sync", 2.0), make_trial("async", 0.5))
    figure = compare([("laptop", make_run()), ("server", fast)], "search")
    assert title(figure) == "Async at 10 searches: 10/s in laptop and 20/s in server"
    assert figure is not None
    assert [trace.name for trace in figure.data] == [
        "laptop: sync", "laptop: async", "server: sync", "server: async",
    ]  # fmt: skip
    assert figure.data[0].line.color == figure.data[1].line.color != figure.data[2].line.color
    assert figure.data[1].marker.symbol == figure.data[3].marker.symbol


def test_compared_speedups_say_where_there_is_none() -> None:
    trials = [make_trial(lane, 1.0, count=100) for lane in ("sync", "async")]
    one = make_run(*trials, summary=(make_row("async", 4.0),))
    none = make_run(*trials, summary=(make_row("async", 1.01, verdict="no detectable difference"),))
    figure = compare_speedups([("A", one), ("B", none)], "search")
    assert title(figure) == "Async against the baseline at 100: 4.0x in A and no detectable difference in B"
    assert figure is not None
    assert list(figure.data[0].error_y.array) == pytest.approx([0.2])


def test_runs_are_compared_in_the_case_that_is_asked_for() -> None:
    run, other = first_look_run(), first_look_run(repeats=3)
    far = run.cases[-1]
    figure = compare([("one", run), ("other", other)], "search", (far, far))
    assert figure is not None
    assert "60 ms of distance, simulated" in figure.layout.meta["subtitle"]
    # Ten operations that sync waits for one by one.
    assert figure.data[0].y[0] == pytest.approx(10 / 0.63, rel=0.05)
    ratios = compare_speedups([("one", run), ("other", other)], "search", (far, far))
    assert ratios is not None
    assert ratios.data[0].y[0] == pytest.approx(7.0, rel=0.01)


def test_long_name_of_a_run_keeps_its_end_by_which_it_is_told_apart() -> None:
    names = [f"first-look, 2026-11-27 19:34:{second}" for second in (10, 47)]
    figure = compare([(name, make_run()) for name in names], "search")
    assert figure is not None
    assert len({trace.name for trace in figure.data}) == 4
    assert figure.data[0].name.endswith("19:34:10: sync")


def test_lane_that_failed_its_check_is_not_compared() -> None:
    fast = make_run(
        make_trial("sync", 4.0),
        make_trial("async", 0.1),
        checks=(proof_of(make_trial("async", 0.1), passed=False),),
    )
    figure = compare([("A", make_run()), ("B", fast)], "search")
    assert title(figure) == "Sync at 10 searches: 2.5/s in A and 2.5/s in B"
    assert figure is not None
    assert [trace.name for trace in figure.data] == ["A: sync", "A: async", "B: sync"]


def test_compared_speedups_say_what_is_projected() -> None:
    trials = [make_trial(lane, 1.0, count=100) for lane in ("sync", "async")]
    one = make_run(*trials, summary=(make_row("async", 4.0),))
    other = make_run(*trials, summary=(make_row("async", 9.0, is_projected=True),))
    figure = compare_speedups([("A", one), ("B", other)], "search")
    assert title(figure) == "Async against the baseline at 100: 4.0x in A and 9.0x (projected) in B"


def test_compared_speedup_of_one_run_says_so() -> None:
    one, several = make_run(), first_look_run()
    figure = compare_speedups([("A", one), ("B", several)], "search")
    assert (
        title(figure)
        == "Async against the baseline at 10: 4.0x (one run) in A and no detectable difference in B"
    )


def test_speedup_that_one_run_alone_has_names_that_run() -> None:
    large = make_run(
        *(make_trial(lane, seconds, count=100) for lane, seconds in (("sync", 6.0), ("async", 2.0)))
    )
    figure = compare_speedups([("small", make_run()), ("large", large)], "search")
    assert title(figure) == "large: Async search was 3.0 times as fast as sync at 100 operations, in one run"

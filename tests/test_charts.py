"""core.charts.bench: what the figures carry, read back from Plotly."""

from __future__ import annotations

import pytest

from core.bench.record import Run
from core.charts import bench, theme
from tests.bench_runs import make_run, make_trial


@pytest.fixture
def run() -> Run:
    return make_run(
        *[
            make_trial(lane, elapsed_s * count, count=count)
            for count in (10, 100)
            for lane, elapsed_s in (("sync", 0.4), ("async", 0.1))
        ]
    )


def test_total_time_groups_lanes_on_a_log_axis_in_seconds(run: Run) -> None:
    figure = bench.total_time(run, "search")
    assert figure is not None
    assert [bar.name for bar in figure.data] == ["sync", "async"]
    assert list(figure.data[0].y) == pytest.approx([4.0, 40.0])
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("category", "log")
    assert "(s" in figure.layout.yaxis.title.text
    assert figure.layout.title.text == "100 times search: sync 40.0 s, async 10.0 s"


def test_lanes_have_their_own_colours(run: Run) -> None:
    figure = bench.total_time(run, "search")
    assert figure is not None
    assert [bar.marker.color for bar in figure.data] == [
        theme.LANE_COLORS["sync"],
        theme.LANE_COLORS["async"],
    ]


def test_cut_trial_is_hatched_and_labelled_as_projected() -> None:
    cut = make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0)
    figure = bench.total_time(make_run(cut, make_trial("async", 1.0)), "search")
    assert figure is not None
    assert list(figure.data[0].marker.pattern.shape) == ["/"]
    assert list(figure.data[1].marker.pattern.shape) == [""]
    assert list(figure.data[0].text) == ["4.00 s projected"]
    assert list(figure.data[0].y) == [4.0]


def test_cut_trial_without_a_projection_has_no_bar() -> None:
    cut = make_trial("sync", 2.0, num_ok=0, cut=True, samples=())
    figure = bench.total_time(make_run(cut, make_trial("async", 1.0)), "search")
    assert figure is not None
    assert list(figure.data[0].y) == [None]


def test_speedups_stand_beside_the_published_ones(run: Run) -> None:
    figure = bench.speedups(run, "search")
    assert figure is not None
    ours, published = figure.data
    assert list(ours.y) == pytest.approx([4.0, 4.0])
    assert list(published.y) == [6.0, 22.2]
    assert "tutorial" in published.name
    assert figure.layout.title.text == "Async search was 4.0 times faster than sync at 100 operations"


def test_speedups_of_counts_the_tutorial_lacks_stand_alone() -> None:
    trials = (make_trial("sync", 4.0, count=50), make_trial("async", 1.0, count=50))
    figure = bench.speedups(make_run(*trials), "search")
    assert figure is not None
    assert len(figure.data) == 1


def test_latency_is_in_milliseconds_over_pooled_repeats() -> None:
    trials = [
        make_trial(lane, elapsed_s, repeat=repeat)
        for repeat, lane, elapsed_s in (
            (0, "sync", 1.0),
            (0, "async", 1.0),
            (1, "sync", 3.0),
            (1, "async", 3.0),
        )
    ]
    figure = bench.latency(make_run(*trials), "search", 10)
    assert figure is not None
    sync = figure.data[0]
    assert list(sync.x) == ["p50", "p95", "p99", "max"]
    assert list(sync.y) == pytest.approx([100.0, 300.0, 300.0, 300.0])
    assert "ms" in figure.layout.yaxis.title.text
    assert "longer in async" in figure.layout.title.text


def test_nothing_measured_gives_no_figure(run: Run) -> None:
    assert bench.total_time(run, "add") is None
    assert bench.speedups(run, "add") is None
    assert bench.latency(run, "search", 7) is None


def test_figures_are_legible_and_fit_light_and_dark(run: Run) -> None:
    for figure in (
        bench.total_time(run, "search"),
        bench.speedups(run, "search"),
        bench.latency(run, "search", 10),
    ):
        assert figure is not None
        assert figure.layout.font.size >= 14
        assert figure.layout.xaxis.tickfont.size >= 14
        assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [((0.04, 0.2), ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"]), ((0.5, 4000.0), None)],
)
def test_log_axis_has_readable_ticks(times_s: tuple[float, float], expected: list[str] | None) -> None:
    figure = bench.total_time(
        make_run(make_trial("sync", times_s[1]), make_trial("async", times_s[0])), "search"
    )
    assert figure is not None
    ticks = list(figure.layout.yaxis.ticktext)
    assert ticks == (expected or ["0.1", "1", "10", "100", "1,000", "10,000"])


def test_target_of_a_record_is_no_markup() -> None:
    figure = bench.speedups(make_run(target="http://milvus/<b>"), "search")
    assert figure is not None
    assert "<b>" not in figure.data[0].name

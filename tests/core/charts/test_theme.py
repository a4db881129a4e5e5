"""core.charts.theme: lanes that are told apart, and axes that are read."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from core.charts import theme
from core.charts.run import totals
from tests.bench_runs import ladder_run

pytestmark = pytest.mark.portable


def test_lanes_differ_in_more_than_their_colour() -> None:
    styles = list(theme.LANES.values())
    assert len({style.color for style in styles}) == 6
    assert len({style.symbol for style in styles}) == 6
    # Sync and async share a line style, but not with another lane of their own kind.
    assert len({(style.dash, style.symbol) for style in styles}) == 6
    figure = totals.total_time(ladder_run(), "search")
    assert figure is not None
    assert [bar.marker.color for bar in figure.data] == [style.color for style in styles]


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        ((0.04, 0.2), ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"]),
        ((0.5, 4000.0), ["0.1", "1", "10", "100", "1,000", "10,000"]),
    ],
)
def test_log_axis_has_readable_ticks(times_s: tuple[float, float], expected: list[str]) -> None:
    assert list(theme.log_ticks(times_s)["ticktext"]) == expected


@pytest.mark.parametrize(
    ("values", "among"),
    [((230.0, 519.0), [300, 400, 500]), ((52.0, 99.0), [60, 70, 80, 90]), ((150.0, 700.0), [200, 500])],
)
def test_values_that_lie_close_have_ticks_among_them(values: tuple[float, float], among: list[int]) -> None:
    low, high = values
    assert [tick for tick in theme.log_ticks(values)["tickvals"] if low <= tick <= high] == among


def test_labels_of_rows_can_stand_in_one_line() -> None:
    figure = go.Figure()
    figure.add_scatter(
        x=[1.0, 2.0], y=["no<br>distance", None], text=["<b>1.02x</b><br>within noise", "2.0x"]
    )
    figure.add_bar(x=[1.0], y=[3.5])
    figure.update_yaxes(categoryorder="array", categoryarray=["no<br>distance"])
    assert theme.unbroken(figure) is figure
    assert figure.data[0].y == ("no distance", None)
    assert figure.data[0].text == ("<b>1.02x</b> within noise", "2.0x")
    assert figure.data[1].y == (3.5,)
    assert figure.layout.yaxis.categoryarray == ("no distance",)

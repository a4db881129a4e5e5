"""A chart in words, for people who can't see it."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from pages.components.chart import _words


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        (None, None),
        ("x", None),
        ({}, None),
        ({"title": "Async is 4x<br>as fast", "subtitle": "10 searches"}, "Async is 4x as fast. 10 searches"),
        ({"title": "Alone"}, "Alone"),
    ],
)
def test_chart_is_told_by_its_title_and_subtitle_without_markup(meta: object, said: str | None) -> None:
    assert _words(go.Figure(layout={"meta": meta})) == said

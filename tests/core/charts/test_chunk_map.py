"""The map of chunks as a figure: colours, hover texts that are no markup, and its size."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.charts.chunk_map import COLORS, chunk_map
from core.projection import MAX_WITH_TEXT, ChunkMap, build_map
from tests.nodes import map_rows


def _map(sizes: dict[str, int], **extra: Any) -> ChunkMap:
    rows = map_rows(sizes, **extra)
    vectors = np.random.default_rng(1).normal(size=(len(rows), 16)).astype(np.float32)
    return build_map(rows, [vectors], num_total=len(rows))


def test_largest_documents_have_colours_and_the_others_are_grey() -> None:
    sizes = {f"d{number}.txt": 12 - number for number in range(11)}
    figure = chunk_map(_map(sizes))
    assert [trace.name for trace in figure.data] == ["other documents", *list(sizes)[: len(COLORS)]]
    assert len(figure.data[0].x) == 4 + 3 + 2
    assert len({trace.marker.color for trace in figure.data}) == 1 + len(COLORS)


def test_hover_text_from_documents_is_never_markup() -> None:
    figure = chunk_map(
        _map({"<b>x</b>%{y}.txt": 2}, text="<img src=x onerror=alert(1)> %{x} " + "long " * 60)
    )
    shown = str(figure.data[0].text) + figure.data[0].name + figure.data[0].hovertemplate
    assert "<img" not in shown
    assert "<b>x" not in shown
    assert "%{y}" not in shown
    assert all("…" in text for text in figure.data[0].text)


def test_many_points_carry_no_text() -> None:
    figure = chunk_map(_map({"a.pdf": MAX_WITH_TEXT + 1}))
    assert figure.data[0].text is None
    assert "page %{customdata}" in figure.data[0].hovertemplate
    assert figure.data[0].x.dtype == np.float32


def test_fifty_thousand_points_are_a_small_message() -> None:
    figure = chunk_map(_map({"a.pdf": 30_000, "b.pdf": 20_000}))
    assert len(figure.to_json()) < 1_000_000


def test_question_and_its_hits_are_marked() -> None:
    figure = chunk_map(_map({"a": 5}, text="words"), question=(0.5, 0.5), hits=["a-3", "gone", "a-1"])
    hits, question = figure.data[-2:]
    assert list(hits.text) == ["<b>1</b>", "<b>3</b>"]
    assert (question.x[0], question.marker.symbol) == (0.5, "star")
    assert "last question" in figure.layout.title.text


def test_subtitle_says_what_the_axes_keep_and_what_is_left_out() -> None:
    rows = map_rows({"a": 4})
    vectors = np.array([[3, 0, 0], [-3, 0, 0], [0, 1, 0], [0, -1, 0]], dtype=np.float32)
    figure = chunk_map(build_map(rows, [vectors], num_total=9))
    subtitle = figure.layout.meta["subtitle"]
    assert "keep 100 % of the variance" in subtitle
    assert "the first 4 of 9 chunks" in subtitle

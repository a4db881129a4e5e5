"""The strip above an opened source, which shows where in the document the hits lie."""

from __future__ import annotations

import itertools
import re

import pytest

from core.answers.models import Source
from pages.views.ask.source_dialog import heat_strip

pytestmark = pytest.mark.portable


def places(positions: list[int], num_chunks: int = 400) -> list[tuple[float, float]]:
    """Left edge and width in percent of each hit's mark, in the order of the hits."""
    sources = [
        Source(
            number=number,
            file="book.pdf",
            page=None,
            score=0.5,
            text="",
            chunk_id=str(number),
            document_id="book",
            position=position,
            num_chunks=num_chunks,
        )
        for number, position in enumerate(positions, start=1)
    ]
    marks = re.findall(r"left:([\d.]+)%;width:([\d.]+)%", heat_strip(0, 1, sources))
    return [(float(left), float(width)) for left, width in marks]


@pytest.mark.parametrize("positions", [[50, 51, 52], [0, 1], [397, 398, 399], [7, 300, 301], list(range(20))])
def test_hits_beside_each_other_are_all_seen(positions: list[int]) -> None:
    marks = places(positions)
    assert len(marks) == len(positions)
    assert all(left + width <= right + 0.02 for (left, width), (right, _) in itertools.pairwise(marks))
    assert marks[0][0] >= 0 and sum(marks[-1]) <= 100.01


def test_hit_by_itself_stands_where_it_lies() -> None:
    assert [left for left, _ in places([100, 300])] == [25, 75]


def test_marks_keep_the_order_of_the_hits() -> None:
    first, second = places([300, 100])
    assert first[0] == 75 and second[0] == 25


def test_only_chunk_takes_the_whole_strip() -> None:
    assert places([0], num_chunks=1) == [(0, 100)]

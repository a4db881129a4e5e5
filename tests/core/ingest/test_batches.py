"""A question can be asked after the first few chunks; the rest goes in where it pads least."""

from __future__ import annotations

import pytest

from core.documents.models import Chunk
from core.ingest.batches import FIRST_WINDOW, WINDOW, windows_of

pytestmark = pytest.mark.portable


def chunks(count: int) -> list[Chunk]:
    """Chunks whose lengths go up and down."""
    return [
        Chunk(id=str(n), document_id="d", file="a", page=None, position=n, start=0, end=1, text="x",
              text_hash="h", num_tokens=n * 37 % 101)
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, FIRST_WINDOW, FIRST_WINDOW + 1, FIRST_WINDOW + 3 * WINDOW + 1])
def test_every_chunk_is_in_one_window_and_no_window_is_empty(count: int) -> None:
    windows = list(windows_of(chunks(count)))
    assert sorted(int(chunk.id) for window in windows for chunk in window) == list(range(count))
    assert all(windows) and all(len(window) <= WINDOW for window in windows[1:])


def test_document_s_beginning_comes_first_in_its_order_and_the_rest_by_length() -> None:
    first, *rest = windows_of(chunks(FIRST_WINDOW + 2 * WINDOW))
    assert [chunk.position for chunk in first] == list(range(FIRST_WINDOW))
    lengths = [chunk.num_tokens for window in rest for chunk in window]
    assert lengths == sorted(lengths, reverse=True)

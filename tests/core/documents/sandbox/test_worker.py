"""What the reading process may say of a file; that it says the same as the app would is in test_pool.py."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from core.documents.chunking import Cutter
from core.documents.sandbox.worker import CHUNKS_A_MESSAGE, _answer, error_of
from core.embedding.model import Embedder
from core.errors import CorruptFileError, DocumentError, NoTextError

REQUEST = {
    "name": "a.txt", "password": "", "ocr": False, "encoding": "", "main_only": False, "time_s": None,
    "is_whole": False,
}  # fmt: skip


def answered(data: bytes, cutter: Cutter | None, **changes: Any) -> list[dict[str, Any]]:
    """All messages about a file, the last one too."""
    answers = io.BytesIO()
    last = _answer(REQUEST | changes, data, cutter, answers)
    return [*map(json.loads, answers.getvalue().splitlines()), last]


@pytest.mark.parametrize("kind", [DocumentError, CorruptFileError, NoTextError])
def test_error_about_a_document_keeps_its_kind(kind: type[DocumentError]) -> None:
    error = error_of(kind.__name__, "It is damaged.")
    assert (type(error), str(error)) == (kind, "It is damaged.")


@pytest.mark.parametrize("name", ["StoreError", "OverlapError", "__doc__", "annotations", "NoSuch", ""])
def test_nothing_else_can_come_out_of_a_file_s_process(name: str) -> None:
    error = error_of(name, "It is damaged.")
    assert (type(error), str(error)) == (DocumentError, "It is damaged.")


def test_chunks_come_part_by_part_behind_what_the_document_is(embedder: Embedder) -> None:
    cutter, data = Cutter.of(replace(embedder.tokenization, max_tokens=32)), b"x," * 6_000
    first, *parts, last = answered(data, cutter)
    assert first["document"]["num_chars"] == len(data)
    assert first["document"]["pages"] == [[None, False, ""]], "without their text"
    sizes = [len(part["chunks"]) for part in parts]
    assert len(sizes) > 1 and set(sizes[:-1]) == {CHUNKS_A_MESSAGE} and 0 < sizes[-1] <= CHUNKS_A_MESSAGE
    assert last == {"done": True, "unknown_share": 0.0}


def test_whole_pages_come_without_a_cutter_and_with_their_blocks() -> None:
    _, page, last = answered(b"# Title\n\nText.", None, name="a.md", is_whole=True)
    text, blocks, _ = page["page"]
    assert "Text." in text and [block["kind"] for block in blocks] == ["heading", "paragraph"]
    assert last == {"done": True}


def test_file_that_can_not_be_read_ends_with_its_error() -> None:
    assert [message.get("error") for message in answered(b"", None)] == ["CorruptFileError"]

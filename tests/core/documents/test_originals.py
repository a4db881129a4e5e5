"""Originals are kept under their documents' ids, and go when no knowledge base needs them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from core.documents.originals import Originals
from core.errors import StoreError

pytestmark = pytest.mark.portable

A, B = "a" * 32, "b" * 32
PDF = b"\n%PDF-1.7 ..."


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "files")


def test_pdf_is_kept_once_and_anything_else_is_not(originals: Originals) -> None:
    assert originals.lacks(A, PDF) and not originals.lacks(B, b"PK\x03\x04")
    originals.keep(A, PDF)
    originals.keep(B, b"PK\x03\x04")
    path = originals.find(A)
    assert path is not None and path.read_bytes() == PDF
    originals.keep(A, PDF + b"later")
    assert path.read_bytes() == PDF
    assert originals.find(B) is None and list(originals.folder.iterdir()) == [path]


def test_folder_that_can_not_be_written_costs_the_picture_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    originals = Originals(tmp_path / "files")
    originals.keep(A, PDF)
    assert originals.find(A) is None
    originals.forget(A)


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 32, "a" * 31, f"{A}\n", ""])
def test_nothing_but_an_id_becomes_a_path(name: str, originals: Originals) -> None:
    for act in (originals.find, originals.forget):
        with pytest.raises(ValueError, match="is no document id"):
            act(name)


def test_original_that_a_knowledge_base_still_has_stays(originals: Originals) -> None:
    asked: list[Sequence[str]] = []

    def needed(ids: Sequence[str]) -> Collection[str]:
        asked.append(ids)
        return {B}

    originals.forget_unneeded([A, B], needed)
    assert asked == [], "nothing is kept, so nobody is asked"
    for document in (A, B):
        originals.keep(document, PDF)
    originals.forget_unneeded([A, B, "c" * 32], needed)
    assert asked == [[A, B]]
    assert originals.find(A) is None and originals.find(B) is not None


def test_original_stays_while_milvus_can_not_be_asked(originals: Originals) -> None:
    def away(ids: Sequence[str]) -> Collection[str]:
        raise StoreError("Milvus is away.")

    originals.keep(A, PDF)
    originals.forget_unneeded([A], away)
    assert originals.find(A) is not None

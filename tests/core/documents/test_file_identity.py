"""What a file is called, whatever somebody's machine calls it, and what tells contents apart."""

from __future__ import annotations

import pytest

from core.documents.file_identity import clean_file_name, document_id

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("../../x.pdf", "x.pdf"),
        (r"C:\Users\me\x.pdf", "x.pdf"),
        ("  spaced name .pdf ", "spaced name .pdf"),
        ("line\nbreak\x00.pdf", "linebreak.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("отчёт 📄 报告.pdf", "отчёт 📄 报告.pdf"),
        ("👩\u200d💻.md", "👩\u200d💻.md"),
        ("half\ud83d.md", "half.md"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("folder/", "unnamed"),
        ("\u202e\n", "unnamed"),
    ],
)
def test_file_name_is_cleaned(name: str, cleaned: str) -> None:
    assert clean_file_name(name) == cleaned
    assert clean_file_name(cleaned) == cleaned


def test_long_file_name_is_shortened_in_the_middle() -> None:
    name = clean_file_name("start-" + "x" * 300 + "-end.docx")
    assert len(name) == 120
    assert name.startswith("start-xxx")
    assert "…" in name
    assert name.endswith("xxx-end.docx")


def test_long_file_name_without_a_suffix_is_shortened() -> None:
    assert len(clean_file_name("a. " + "word " * 100)) == 120


def test_other_bytes_are_another_document() -> None:
    assert document_id(b"hello") != document_id(b"hello ")

"""What a file that is to be ingested is called, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.documents.sources.incoming import below_common, origin_of, pasted_file
from core.documents.sources.paths import files_of
from core.documents.sources.web import web_files
from core.documents.sources.zip_archive import zip_files
from core.errors import DocumentError
from tests.documents import build_zip

pytestmark = pytest.mark.portable


def test_origin_is_of_the_folders_below_the_chosen_one_and_stores_neither_them_nor_addresses(
    tmp_path: Path,
) -> None:
    for name in ("club/fee.txt", "club/2025/fee.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    in_folder = {file.origin for file in files_of([tmp_path / "club"])}
    assert in_folder == {"", origin_of("2025")}
    archive = build_zip({"club-copy/fee.txt": b"x", "club-copy/2025/fee.txt": b"x"})
    assert {file.origin for file in zip_files("club.zip", archive)} == in_folder
    assert [file.origin for file in files_of([tmp_path / "club/2025/fee.txt"])] == [""]
    here, there = web_files("https://www.example.org/2025/fee.txt\nhttps://www.example.org/2026/fee.txt")
    assert here.origin != there.origin
    assert "2025" not in origin_of("2025") and "example" not in here.origin
    assert below_common(["a/b/c.txt", "a/d.txt"]) == ["b", ""]
    assert below_common(["a/b.txt", "c.txt"]) == ["a", ""]


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("My notes", "Text.", "My notes.txt"),
        ("", "The pier is made of oak and of stone.", "The pier is made of oak.txt"),
        ("../../etc/passwd", "Text.", "etc passwd.txt"),
        ("", "🚢 ⚓", "Pasted text.txt"),
        ("会议记录", "Text.", "会议记录.txt"),
        ("हिन्दी रिपोर्ट", "Text.", "हिन्दी रिपोर्ट.txt"),
        ("Ju\u0308rgen", "Text.", "J\u00fcrgen.txt"),
    ],
)
def test_pasted_text_is_named_after_its_title_or_its_first_words(title: str, text: str, name: str) -> None:
    file = pasted_file(title, text)
    assert file.name == name
    assert file.read() == text.encode()


def test_pasting_nothing_is_refused() -> None:
    with pytest.raises(DocumentError, match="There is no text"):
        pasted_file("Title", " \n ")

"""What of a folder is taken, and what is left out and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.documents.sources.folder import LeftOut, left_out_of, supported_below

pytestmark = pytest.mark.portable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/report.txt", "a.md", "song.mp3", "tool.exe", "README", "all.zip", ".git/x/config.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_supported_files_are_taken(folder: Path) -> None:
    assert [path.name for path in supported_below(folder)] == ["a.md", "report.txt"]


def test_each_other_file_is_named_with_the_reason(folder: Path) -> None:
    assert left_out_of([folder, "https://example.org/", folder / "a.md"]) == [
        LeftOut(".git", "hidden"),
        LeftOut("README", "no file type in its name"),
        LeftOut("all.zip", "an archive inside of a folder: give it by itself"),
        LeftOut(
            "song.mp3", "a recording, which can't be read. Have its words written down and upload the text."
        ),
        LeftOut("tool.exe", "a .exe file, which can't be read"),
    ]

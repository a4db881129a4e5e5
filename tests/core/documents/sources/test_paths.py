"""Which files are ingested for paths and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.documents.sources.paths import files_of
from tests.documents import build_zip

pytestmark = pytest.mark.portable


def test_folder_gives_its_supported_files_sorted_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "sub/a.md", ".hidden/c.txt", "d.exe", ".e.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert [file.name for file in files_of([tmp_path])] == ["b.txt", "a.md"]


def test_archive_and_addresses_are_files_too(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(build_zip({"a.txt": b"A", "b.md": b"B"}))
    (tmp_path / "bad.zip").write_bytes(b"no archive")
    paths: list[str | Path] = [
        tmp_path / "all.zip",
        "https://www.example.org/report.pdf",
        tmp_path / "bad.zip",
    ]
    assert [file.name for file in files_of(paths)] == ["a.txt", "b.md", "report.pdf", "bad.zip"]

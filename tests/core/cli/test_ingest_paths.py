"""What `ingest` says of the paths that it is given, before a file is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.exit_codes import EXIT_FAILED
from core.cli.main import main


def test_ingest_names_what_it_leaves_out_of_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("tool.exe", "song.mp3", ".hidden.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert main(["ingest", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "left out: .hidden.txt: hidden",
        "left out: song.mp3: a recording, which can't be read. Have its words written down and use the text.",
        "left out: tool.exe: a .exe file, which can't be read",
        "error: no file of a supported type was found there",
    ]


def test_paths_of_which_there_is_none_make_no_knowledge_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OVERLAP_DATA_DIR", str(tmp_path / "data"))
    assert main(["ingest", str(tmp_path / "none.pdf")]) == EXIT_FAILED
    assert capsys.readouterr().err.startswith("error: there is no file or folder ")
    assert not (tmp_path / "data").exists()

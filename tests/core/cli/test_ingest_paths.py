"""What `ingest` says of the paths that it is given, before a file is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.cli.exit_codes import EXIT_FAILED
from core.cli.ingest import _outcome
from core.cli.main import main
from core.ingest.progress import FileProgress, Stage


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


def told(stage: Stage, **values: Any) -> str:
    return _outcome(FileProgress(file="a.pdf", stage=stage, size_bytes=1, **values))


def test_outcome_of_a_file_is_one_line_that_says_what_is_in() -> None:
    assert told(Stage.DONE, chunks_added=1, chunks_done=1) == "a.pdf: added 1 chunk"
    assert told(Stage.DONE, chunks_added=2, chunks_done=5, chunks_reused=1) == (
        "a.pdf: added 2 chunks (1 of them embedded before), 3 were there already"
    )
    assert told(Stage.PRESENT, warning="Page 2 is damaged.") == "a.pdf: already there. Page 2 is damaged."
    assert told(Stage.STOPPED) == "a.pdf: stopped"


def test_outcome_of_a_file_says_what_to_do_in_a_terminal() -> None:
    error = "a.pdf is protected. Give the password, or save a copy without one."
    assert "--password-env" in told(Stage.FAILED, error=error)
    upload = told(Stage.FAILED, error="upload.pdf is empty. Save it again and upload it.")
    assert upload == "a.pdf: failed: upload.pdf is empty. Save it again and use it."

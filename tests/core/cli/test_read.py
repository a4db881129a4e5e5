"""What is read of a file, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.exit_codes import EXIT_USAGE
from core.cli.main import main
from tests.documents import build_pdf, build_xlsx, protect_office


def test_read_prints_pages_with_their_names_and_notes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sum.xlsx"
    file.write_bytes(build_xlsx({"A": [["Item", "Cost"], ["Desk", 100]], "B": [["=1+1"]]}))
    assert main(["read", str(file)]) == 0
    assert capsys.readouterr().out == (
        "--- sheet A ---\nA\n\nItem: Desk; Cost: 100\n\n--- sheet B ---\nB\n\n=1+1 (not calculated)\n\n"
        "note: 1 formula without a saved value\n"
    )
    assert main(["read", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["file"], found["notes"]) == ("sum.xlsx", ["1 formula without a saved value"])
    assert [page["label"] for page in found["pages"]] == ["sheet A", "sheet B"]
    block = found["pages"][0]["blocks"][1]
    assert (block["kind"], found["pages"][0]["text"][block["start"] : block["end"]]) == (
        "table",
        "Item: Desk; Cost: 100",
    )


def test_read_says_in_a_sentence_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert main(["read", str(tmp_path / "bad.pdf")]) == 1
    assert capsys.readouterr().err.startswith("error: bad.pdf is damaged")
    assert main(["read", str(tmp_path / "none.pdf")]) == 1
    said = capsys.readouterr().err
    assert said == f"error: {tmp_path / 'none.pdf'} can't be read: No such file or directory.\n"


def test_read_takes_the_password_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(build_pdf(["Secret text"], password="sesame"))
    (tmp_path / "a.xlsx").write_bytes(protect_office(build_xlsx({"A": [["Secret text"]]}), "sesame"))
    monkeypatch.setenv("FILE_PASSWORD", "sesame")
    for name in ("a.pdf", "a.xlsx"):
        assert main(["read", str(tmp_path / name)]) == 1
        assert "protected by a password" in capsys.readouterr().err
        assert main(["read", str(tmp_path / name), "--password-env", "FILE_PASSWORD"]) == 0
        assert "Secret text" in capsys.readouterr().out
    assert main(["read", str(tmp_path / "a.pdf"), "--password-env", "NO_SUCH"]) == EXIT_USAGE
    assert "NO_SUCH, which is not set" in capsys.readouterr().err


def test_read_takes_an_encoding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes("Łódź".encode("cp1250"))
    assert main(["read", str(file), "--encoding", "windows-1250"]) == 0
    assert capsys.readouterr().out == "Łódź\n\nnote: read as windows-1250\n"
    assert main(["read", str(file), "--encoding", "nonsense"]) == EXIT_USAGE
    assert capsys.readouterr().err.startswith("error: There is no encoding with the name nonsense.")

"""What a person writes into `.env`, and what arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config.dotenv_file import read_dotenv
from core.errors import ConfigError

pytestmark = pytest.mark.portable


def _read(folder: Path, text: str) -> dict[str, str | None]:
    dotenv = folder / ".env"
    dotenv.write_text(text, encoding="utf-8")
    return read_dotenv(dotenv)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"C:\new\table", r"C:\new\table"),
        (r'"C:\new\table"', r"C:\new\table"),
        (r"'C:\new\table'", r"C:\new\table"),
        (r'"C:\\new\\table"', r"C:\new\table"),
        (r'"C:\my files\new # 1"  # the table', r"C:\my files\new # 1"),
        (r'"\\server\share\table"', r"\\server\share\table"),
        (r"'\\server\share'", r"\\server\share"),
        (r"\\server\share", r"\\server\share"),
        (r'"say \"\new\""', r'say "\new"'),
        (r"'it\'s'", "it's"),
        ('"two words"', "two words"),
        ("two words  # a comment", "two words"),
        ("a#b", "a#b"),
        ("a=b==", "a=b=="),
        (r'x="C:\new"', r'x="C:\new"'),
        ("root:${x}$y", "root:${x}$y"),
        ("/data/Müller/文書", "/data/Müller/文書"),
        ('"/data/Müller/文書"', "/data/Müller/文書"),
        ("   # put yours here", ""),
        ("#x", "#x"),
        ('" # x"', " # x"),
        ("", ""),
        ('""', ""),
    ],
)
def test_value_arrives_whole(tmp_path: Path, written: str, meant: str) -> None:
    found = _read(tmp_path, f"BEFORE=1\n\nOVERLAP_DATA_DIR={written}\nAFTER=2\n")
    assert found == {"BEFORE": "1", "OVERLAP_DATA_DIR": meant, "AFTER": "2"}


def test_backslash_that_hides_the_closing_quote_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^Line 2 of .* leave that \\ out, or the quotes"):
        _read(tmp_path, 'BEFORE=1\nOVERLAP_DATA_DIR="C:\\new\\"\n')


def test_colon_in_the_place_of_the_sign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^Line 1 of .* Write NAME=value there"):
        _read(tmp_path, "MILVUS_TOKEN: secret\n")


def test_name_alone_is_no_value(tmp_path: Path) -> None:
    assert _read(tmp_path, "EMBED_MODEL\n") == {"EMBED_MODEL": None}

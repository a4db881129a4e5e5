"""The types of files that can be read, and what is said of others."""

from __future__ import annotations

from inspect import signature

import pytest

from core.documents.formats import FORMATS, SUPPORTED_SUFFIXES, Format
from core.documents.readers.reader import reader_of
from core.errors import UnsupportedFileError
from tests.documents import message_of
from tests.fuzz.files import READ_SUFFIXES

pytestmark = pytest.mark.portable


def test_supported_suffixes_are_those_promised() -> None:
    promised = (
        "pdf docx docm pptx pptm xlsx xlsm xls xlsb odt ods odp epub rtf html htm xhtml xml csv tsv json "
        "jsonl ndjson md markdown txt ipynb eml msg png jpg jpeg tif tiff bmp gif webp rst tex adoc org wiki "
        "mediawiki srt vtt "
        "log yaml yml toml ini cfg conf properties sql diff patch py js mjs ts tsx jsx java kt scala c h cc "
        "cpp hpp cs go rs rb php swift sh bash zsh ps1 bat pl lua r jl m dart vue css"
    )
    assert sorted(SUPPORTED_SUFFIXES) == sorted(promised.split())


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind.reader], ids=lambda kind: kind.suffixes[0])
def test_reader_of_each_type_takes_a_name_and_bytes(kind: Format) -> None:
    read = signature(reader_of(kind))
    assert [*read.parameters][:2] == ["file", "data"]
    assert read.return_annotation == "ReadResult"


def test_each_type_has_files_that_are_changed_and_cut() -> None:
    missing = [kind.suffixes for kind in FORMATS if not {*kind.suffixes} & {*READ_SUFFIXES}]
    assert not missing, "give tests/fuzz/files.py a few small ones"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tool.exe", "is a .exe file, which can't be read. Upload it as pdf, docx,"),
        ("README", "has no file type in its name. Upload it as pdf, docx,"),
        ("letter.doc", "Save it as .docx"),
    ],
)
def test_unknown_type_says_what_can_be_read(name: str, said: str) -> None:
    assert said in message_of(name, b"hello", UnsupportedFileError)


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("a.doc", "Save it as .docx"),
        ("a.ppt", "Save it as .pptx"),
        ("a.pages", "Export it from Pages"),
        ("a.mp3", "Have its words written down"),
        ("a.rar", "Unpack it"),
        ("a.heic", "Save it as .png or .jpg"),
        ("a.mobi", "Convert it to .epub"),
        ("a.sqlite", "Export its tables as .csv"),
        ("a.mbox", "Save its messages as .eml"),
        ("a.gdoc", "download it as .docx"),
    ],
)
def test_type_that_is_not_read_names_its_own_way_out(name: str, way_out: str) -> None:
    message = message_of(name, b"hello", UnsupportedFileError)
    assert message.startswith(f"{name} is a")
    assert way_out in message

"""What holds for files of every type: names, and every bad file that people really upload."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from core.documents.chunking import Cutter, chunk_document
from core.documents.file_identity import document_id
from core.documents.formats import SUPPORTED_SUFFIXES
from core.documents.readers.reader import read_document
from core.errors import (
    CorruptFileError,
    DocumentError,
    EncryptedFileError,
    FileTooLargeError,
    NoTextError,
    UnsupportedFileError,
)
from tests import documents as build
from tests.documents import message_of, text_of

pytestmark = pytest.mark.portable

DOCX = build.build_docx(["Hello from Word"])
PPTX = build.build_pptx(["Hello from PowerPoint"])
XLSX = build.build_xlsx({"Sheet": [["Hello from Excel"]]})
PDF = build.build_pdf(["Hello from PDF"])
OLD_OFFICE = build.OLE_MAGIC + bytes(600)


@pytest.mark.parametrize(("suffix", "data"), [("docm", DOCX), ("pptm", PPTX), ("xlsm", XLSX)])
def test_office_file_with_macros_is_read_as_one_without(suffix: str, data: bytes) -> None:
    assert read_document(f"a.{suffix}", data).pages == read_document(f"a.{suffix[:-1]}x", data).pages
    assert "is a PDF document" in message_of(f"a.{suffix}", PDF, UnsupportedFileError)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.docx", build.build_docx([])),
        ("empty.pptx", build.build_pptx([""])),
        ("empty.xlsx", build.build_xlsx({"Sheet": []})),
        ("blank.txt", b" \n\t\n"),
        ("empty.json", b"{}"),
        ("empty.html", b"<html><script>alert(1)</script></html>"),
        ("empty.csv", b",,\n,,\n"),
    ],
)
def test_file_without_text_is_refused(name: str, data: bytes) -> None:
    assert message_of(name, data, NoTextError).startswith(f"{name} holds no text.")


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx"])
def test_office_file_of_pictures_alone_says_how_their_text_is_read(suffix: str) -> None:
    data = {
        "docx": build.build_docx([]),
        "pptx": build.build_pptx([""]),
        "xlsx": build.build_xlsx({"S": []}),
    }[suffix]
    buffer = BytesIO(data)
    with ZipFile(buffer, "a") as archive:
        for name in ("media/image1.PNG", "media/image2.jpeg", "docs/thumbnail.jpeg"):
            archive.writestr(name, b"")
    message = message_of(f"a.{suffix}", buffer.getvalue(), NoTextError)
    assert message.startswith(f"a.{suffix} holds no text, but 2 pictures. Save it as a PDF")


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
def test_empty_file_of_any_type_is_refused(suffix: str) -> None:
    assert message_of(f"a.{suffix}", b"", CorruptFileError).startswith(f"a.{suffix} is empty (0 bytes).")


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
def test_each_type_has_a_reader(suffix: str) -> None:
    try:
        read_document(f"a.{suffix}", b"some text")
    except DocumentError as exc:
        assert str(exc).startswith(f"a.{suffix} ")


def test_file_over_the_limit_is_refused_and_at_the_limit_read() -> None:
    with pytest.raises(FileTooLargeError, match=r"a\.txt is 11 bytes, over the limit of 10 bytes\."):
        read_document("a.txt", b"hello world", max_bytes=10)
    assert read_document("a.txt", b"hello worl", max_bytes=10).size_bytes == 10


def test_same_bytes_under_two_names_are_one_document() -> None:
    first, second = read_document("a.txt", b"hello"), read_document("dir/b.md", b"hello")
    assert first.id == second.id == document_id(b"hello") == "2cf24dba5fb0a30e26e83b2ac5b9e29e"
    assert (first.file, second.file, second.size_bytes) == ("a.txt", "b.md", 5)


def test_message_shows_the_cleaned_name() -> None:
    assert message_of("../dir/bad\n.pdf", b"", CorruptFileError).startswith("bad.pdf is empty")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docm", build.build_docx(["Hello"])),
        ("a.pptm", build.build_pptx(["Hello"])),
        ("a.xlsm", build.build_xlsx({"Sheet": [["Hello"]]})),
    ],
)
def test_office_file_that_may_hold_macros_is_read_as_one_without(name: str, data: bytes) -> None:
    assert "Hello" in read_document(name, data).pages[0].text
    assert "is protected by a password" in message_of(
        name, build.protect_office(data, "pw"), EncryptedFileError
    )


ARABIC = "الرصيف مصنوع من خشب البلوط القديم"
HEBREW = "המזח עשוי מעץ אלון עתיק"
CHINESE = "码头是用古老的橡木建造的。"
JAPANESE = "桟橋は古いオーク材でできています。"
EMOJI = "Ship 🚢 and family 👩‍👩‍👧 and flag 🇨🇭."


@pytest.mark.slow
@pytest.mark.parametrize("text", [ARABIC, HEBREW, CHINESE, JAPANESE, EMOJI])
def test_every_script_stays_as_it_is(text: str, cutter: Cutter) -> None:
    assert text_of("a.txt", text.encode()) == text
    assert text_of("a.txt", text.encode("utf-16")) == text
    assert text_of("a.docx", build.build_docx([text])) == text
    assert text_of("a.html", f'<p dir="rtl">{text}</p>'.encode()) == text
    (chunk,) = chunk_document(read_document("a.txt", text.encode()), cutter)
    assert chunk.text == text

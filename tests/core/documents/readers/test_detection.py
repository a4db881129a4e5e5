"""What a file's bytes say it is, where its name says something else."""

from __future__ import annotations

import pytest

from core.documents.formats import CALLED
from core.documents.readers.detection import detect_format
from core.errors import UnsupportedFileError
from tests import documents as build
from tests import ole_documents as ole
from tests.documents import message_of
from tests.fuzz.files import file_seeds

pytestmark = pytest.mark.portable

DOCX = build.build_docx(["Hello from Word"])
PPTX = build.build_pptx(["Hello from PowerPoint"])
XLSX = build.build_xlsx({"Sheet": [["Hello from Excel"]]})
PDF = build.build_pdf(["Hello from PDF"])
ZIP = build.build_zip({"notes.txt": b"hello"})
OLD_OFFICE = build.OLE_MAGIC + bytes(600)


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("docx", "wordprocessingml.document.main"),
        ("pptx", "presentationml.presentation.main"),
        ("xlsx", "spreadsheetml.sheet.main"),
    ],
)
def test_office_file_whose_parts_are_in_no_folder_is_known_by_their_list(suffix: str, kind: str) -> None:
    data = build.build_zip(
        {"document.xml": b"<a/>", "[Content_Types].xml": f'<Types a="{kind}+xml"/>'.encode()}
    )
    assert detect_format("a.zip", data) == suffix


@pytest.mark.parametrize("suffix", CALLED)
def test_type_with_a_name_is_known_by_its_bytes(suffix: str) -> None:
    """Else each such file is refused: "a.foo is something else, not a Foo file as its name says"."""
    assert detect_format(f"a.{suffix}", file_seeds(suffix)[0]) == suffix


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", build.PNG, "is a PNG image, although its name ends in .pdf. Rename it to end in .png"),
        ("a.pdf", DOCX, "is a Word document, although its name ends in .pdf. Rename it to end in .docx"),
        ("a.pdf", b"<!DOCTYPE html><title>Sign in</title>", "is an HTML page, not a PDF document"),
        ("a.pdf", b"hello", "is something else, not a PDF document"),
        ("a.docx", ZIP, "is a ZIP archive, not a Word document"),
        ("a.docx", XLSX, "is an Excel workbook, although its name ends in .docx. Rename it to end in .xlsx"),
        ("a.pptx", PDF, "is a PDF document, although its name ends in .pptx. Rename it to end in .pdf"),
        ("a.xlsx", b"a,b\n1,2\n", "is something else, not an Excel workbook"),
        ("a.txt", PPTX, "is a PowerPoint presentation, although its name ends in .txt"),
        ("a.txt", build.PNG, "is a PNG image, not text"),
        ("a.md", OLD_OFFICE, "is an old Office document, not text"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(name: str, data: bytes, said: str) -> None:
    assert f"{name} {said}" in message_of(name, data, UnsupportedFileError)


@pytest.mark.parametrize(
    ("name", "data", "suffix"),
    [
        ("a.docx", build.build_odf("text", "<text:p>x</text:p>"), "odt"),
        ("a.xlsx", ole.build_old_excel([["a"]]), "xlsx"),
        ("a.pdf", build.build_epub(["<p>x"]), "epub"),
        ("a.doc", b"{\\rtf1 x}", "rtf"),
        ("a.txt", ole.build_outlook_message({"0037": "Offer"}), "msg"),
    ],
)
def test_content_of_another_type_is_named(name: str, data: bytes, suffix: str) -> None:
    assert f".{suffix}" in message_of(name, data, UnsupportedFileError)


def test_office_file_from_before_2007_asks_to_save_it_anew() -> None:
    assert "before 2007" in message_of("old.docx", OLD_OFFICE, UnsupportedFileError)

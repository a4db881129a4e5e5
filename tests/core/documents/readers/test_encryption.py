"""Office files that are protected by a password."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from core.errors import (
    CorruptFileError,
    EncryptedFileError,
    UnsupportedFileError,
)
from tests import documents as build
from tests.documents import message_of

pytestmark = pytest.mark.portable

DOCX = build.build_docx(["Hello from Word"])
PPTX = build.build_pptx(["Hello from PowerPoint"])
XLSX = build.build_xlsx({"Sheet": [["Hello from Excel"]]})
ENCRYPTED_OFFICE = build.OLE_MAGIC + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(100)


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx"])
def test_office_file_with_password_says_how_to_go_on(suffix: str) -> None:
    message = message_of(f"secret.{suffix}", ENCRYPTED_OFFICE, EncryptedFileError)
    assert message.endswith("is protected by a password. Give the password, or save a copy without one.")


@pytest.mark.parametrize(("suffix", "data"), [("docx", DOCX), ("pptx", PPTX), ("xlsx", XLSX)])
def test_office_file_with_its_password_is_read_as_without(suffix: str, data: bytes) -> None:
    protected = build.protect_office(data, "open sesame")
    opened = read_document(f"a.{suffix}", protected, password="open sesame")
    assert opened.pages == read_document(f"a.{suffix}", data).pages
    with pytest.raises(EncryptedFileError, match="The password does not open"):
        read_document(f"a.{suffix}", protected, password="wrong")


def test_protected_office_file_of_another_kind_than_its_name_says_is_refused() -> None:
    with pytest.raises(UnsupportedFileError, match=r"Rename it to end in \.xlsx"):
        read_document("a.docx", build.protect_office(XLSX, "pw"), password="pw")


def test_protected_office_file_that_is_damaged_is_a_sentence() -> None:
    whole = build.protect_office(DOCX, "pw")
    for data in (ENCRYPTED_OFFICE, whole[: len(whole) // 2]):
        with pytest.raises(CorruptFileError, match="its protection can't be undone"):
            read_document("a.docx", data, password="pw")

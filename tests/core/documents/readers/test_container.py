"""ZIP containers that are damaged, too large, or packed with a password."""

from __future__ import annotations

import pytest

from core.documents.readers.container import MAX_CONTAINER_BYTES
from core.errors import (
    CorruptFileError,
    FileTooLargeError,
    UnsupportedFileError,
)
from tests import documents as build
from tests.documents import message_of

pytestmark = pytest.mark.portable

DOCX = build.build_docx(["Hello from Word"])
PPTX = build.build_pptx(["Hello from PowerPoint"])
XLSX = build.build_xlsx({"Sheet": [["Hello from Excel"]]})


@pytest.mark.parametrize(("suffix", "data"), [("docx", DOCX), ("pptx", PPTX), ("xlsx", XLSX)])
def test_office_file_cut_off_is_corrupt(suffix: str, data: bytes) -> None:
    message = message_of(f"broken.{suffix}", data[: len(data) // 2], CorruptFileError)
    assert message.startswith(f"broken.{suffix} is damaged")


@pytest.mark.parametrize(
    ("suffix", "data", "part"),
    [
        ("docx", DOCX, "word/document.xml"),
        ("pptx", PPTX, "ppt/presentation.xml"),
        ("xlsx", XLSX, "xl/workbook.xml"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"<not closed"])
def test_office_file_with_broken_xml_is_corrupt(suffix: str, data: bytes, part: str, content: bytes) -> None:
    broken = build.replace_zip_part(data, part, content)
    assert f"broken.{suffix} is damaged" in message_of(f"broken.{suffix}", broken, CorruptFileError)


def test_office_container_with_zip_password_is_refused() -> None:
    message_of("secret.docx", build.set_zip_encrypted(DOCX), UnsupportedFileError)


def test_office_file_that_unpacks_too_large_is_refused_unread() -> None:
    bomb = build.claim_unpacked_size(DOCX, MAX_CONTAINER_BYTES + 1)
    assert "unpacks to more than 400 MB" in message_of("bomb.docx", bomb, FileTooLargeError)

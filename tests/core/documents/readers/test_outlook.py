"""Outlook's messages."""

from __future__ import annotations

import pytest

from core.documents.readers.outlook import unpacked_rtf
from core.documents.readers.reader import read_document
from core.errors import UnsupportedFileError
from tests import ole_documents as ole
from tests.documents import labels, message_of

pytestmark = pytest.mark.portable


def test_outlook_message_is_read_like_any_mail() -> None:
    table = b"Town,Sales\nAlby,10\n".ljust(4096, b"\n")
    texts = {"0037": "Offer", "0C1A": "Ann", "0E04": "Bob", "1000": "The price is 450."}
    document = read_document("a.msg", ole.build_outlook_message(texts, attachments={"sums.csv": table}))
    assert document.pages[0].text == "From: Ann\nTo: Bob\nSubject: Offer\n\nThe price is 450."
    assert labels(document) == ["message", "attachment sums.csv"]


def test_other_container_is_no_outlook_message() -> None:
    data = ole.build_old_excel([["a"]])
    assert "Rename it to end in .xls" in message_of("a.msg", data, UnsupportedFileError)


def test_packed_rtf_of_outlook_is_unpacked() -> None:
    # The example of Microsoft's description of the format.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpacked_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"

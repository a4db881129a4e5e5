"""Messages with what is attached to them."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from core.errors import CorruptFileError
from tests import documents as build
from tests.documents import labels, message_of

pytestmark = pytest.mark.portable

DIGEST = b"""From: alice@example.com
Subject: Digest
Content-Type: multipart/digest; boundary="b"

--b

From: eve@example.com
Subject: First

The gate opens at nine.
--b

From: frank@example.com
Subject: Second

The pier is closed.
--b--
"""
MIXED = b"""From: alice@example.com
Subject: List
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: multipart/alternative; boundary="c"

--c
Content-Type: text/plain

The fee is 120 euros.
--c
Content-Type: text/html

<p>The fee is <b>120</b> euros.
--c--
--b
Content-Type: text/plain

To leave the list, write to leave@example.com.
--b
Content-Type: application/octet-stream

0101
--b
Content-Type: application/pgp-signature

iQEz
--b--
"""
ENCRYPTED = b"""From: alice@example.com
Subject: Secret
Content-Type: multipart/encrypted; boundary="b"; protocol="application/pgp-encrypted"

--b
Content-Type: application/pgp-encrypted

Version: 1
--b
Content-Type: application/octet-stream

-----BEGIN PGP MESSAGE-----
--b--
"""


def test_message_that_was_saved_in_utf16_is_read() -> None:
    mail = "From: alice@example.com\nSubject: Gate\n\nThe gate opens at nine.\n"
    for data in (mail.encode("utf-16"), mail.encode("utf-16-le")):
        text = read_document("a.eml", data).pages[0].text
        assert text == "From: alice@example.com\nSubject: Gate\n\nThe gate opens at nine."


def test_mail_has_its_headers_and_body_on_the_first_page() -> None:
    document = read_document("a.eml", build.build_mail("The price is 450.\n", html="<p>not this"))
    assert document.pages[0].text == (
        "From: Ann <ann@example.org>\nTo: bob@example.org\nSubject: Offer\n\nThe price is 450."
    )
    assert labels(document) == ["message"]


def test_mail_without_plain_text_gives_that_of_its_page() -> None:
    document = read_document("a.eml", build.build_mail("", html="<h1>Offer</h1><p>Größe: <b>5</b></p>"))
    assert document.pages[0].text.endswith("Offer\n\nGröße: 5")


def test_attachments_are_documents_of_their_own_and_those_that_are_not_read_are_told() -> None:
    inner = build.build_mail("Inside", attachments={"b.txt": b"deeper"}, subject="Inner")
    files = {"sums.csv": b"Town,Sales\nAlby,10\n", "two.pdf": build.build_pdf(["One", "Two"]), "x.exe": b"MZ"}
    document = read_document("a.eml", build.build_mail("See", attachments={**files, "inner.eml": inner}))
    assert labels(document) == [
        "message",
        "attachment sums.csv",
        "attachment two.pdf, page 1",
        "attachment two.pdf, page 2",
        "attachment inner.eml, message",
        "attachment inner.eml, attachment b.txt",
    ]
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5, 6]
    (note,) = document.notes
    assert note.startswith("attachment not read: x.exe is a .exe file")


def test_messages_in_messages_end_somewhere() -> None:
    mail = build.build_mail("The innermost")
    for number in range(6):
        mail = build.build_mail(f"Around {number}", attachments={"inner.eml": mail})
    document = read_document("a.eml", mail)
    assert len(document.pages) == 4
    assert "it lies too deep" in document.notes[0]


def test_text_that_is_no_mail_is_refused() -> None:
    assert "is no mail message" in message_of("a.eml", b"just a text\n", CorruptFileError)


def test_messages_of_a_digest_are_read_each() -> None:
    document = read_document("a.eml", DIGEST)
    assert [page.text.split("\n\n")[-1] for page in document.pages] == [
        "From: alice@example.com\nSubject: Digest",
        "The gate opens at nine.",
        "The pier is closed.",
    ]
    assert [page.label for page in document.pages[1:]] == [
        "attachment message 1.eml, message",
        "attachment message 2.eml, message",
    ]


def test_every_text_of_a_message_is_read_once_and_what_is_none_is_told() -> None:
    document = read_document("a.eml", MIXED)
    (page,) = document.pages
    assert page.text.count("The fee is 120 euros.") == 1
    assert page.text.endswith("To leave the list, write to leave@example.com.")
    assert document.notes == ("part 4 (application/octet-stream) not read",)


def test_encrypted_message_says_that_it_is() -> None:
    assert read_document("a.eml", ENCRYPTED).notes == ("the message is encrypted: its text was not read",)

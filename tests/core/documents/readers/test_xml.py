"""XML of any kind."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from tests.documents import text_of

pytestmark = pytest.mark.portable


def test_xml_gives_values_with_the_names_of_their_elements() -> None:
    xml = (
        '<?xml version="1.0"?><c:books xmlns:c="urn:x"><c:book id="5"><c:title>Dune</c:title>'
        "<c:about>A <b>desert</b> planet</c:about></c:book><c:book><c:title>Emma</c:title></c:book></c:books>"
    )
    assert text_of("a.xml", xml.encode()) == (
        "book id: 5\ntitle: Dune\nabout: A desert planet\n\ntitle: Emma"
    )


def test_xml_follows_no_entities() -> None:
    xml = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>before &e; after</a>'
    assert text_of("a.xml", xml) == "a: before &e; after"


def test_xml_that_is_not_well_formed_is_read_as_text() -> None:
    document = read_document("a.xml", b"<a><b>text</a>")
    assert document.pages[0].text == "<a><b>text</a>"
    assert document.notes == ("not well-formed XML and read as plain text",)

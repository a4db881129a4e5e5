"""The parts of an Office file, and what refers to what, whoever wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml.etree import XMLSyntaxError

from core.documents.readers.ooxml import Package, embedded_file, is_on, local, one_line, parse_xml
from tests.documents import build_zip

pytestmark = pytest.mark.portable

RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def relation(id: str, kind: str, target: str, *, mode: str = "") -> str:
    external = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{id}" Type="{TYPE}{kind}" Target="{target}"{external}/>'


def package(*relations: str, **more: bytes) -> Package:
    """A package whose document is word/document.xml; relations are that part's."""
    parts = {
        "_rels/.rels": RELS.format(relation("r", "officeDocument", "word/document.xml")).encode(),
        "word/document.xml": b"<d/>",
        "word/_rels/document.xml.rels": RELS.format("".join(relations)).encode(),
    }
    return Package(build_zip(parts | {name.replace("__", "/"): data for name, data in more.items()}))


def test_document_is_the_part_that_the_package_names() -> None:
    assert package().main_part == "word/document.xml"
    with pytest.raises(KeyError, match="names no document"):
        _ = Package(build_zip({"word/document.xml": b"<d/>"})).main_part


@pytest.mark.parametrize("target", ["media/a%20b.xml", "/word/media/a b.xml", "..\\word\\media\\a b.xml"])
def test_target_is_found_however_it_is_written(target: str) -> None:
    found = package(relation("r1", "image", target), **{"word__media__a b.xml": b"<x/>"})
    assert found.target("word/document.xml", "r1") == "word/media/a b.xml"
    assert found.related("word/document.xml", "image") == ["word/media/a b.xml"]
    assert local(found.xml_or_none("word/media/a b.xml")) == "x"


def test_name_of_a_part_counts_without_case() -> None:
    assert "Word/Document.XML" in package() and "word/other.xml" not in package()
    assert local(package().xml("Word/Document.XML")) == "d"


def test_address_outside_and_part_that_is_missing_lead_nowhere() -> None:
    found = package(
        relation("r1", "image", "https://example.org/a.xml", mode="External"),
        relation("r2", "image", "gone.xml"),
    )
    assert found.target("word/document.xml", "r1") is None
    assert found.related("word/document.xml", "image") == []
    assert found.xml_or_none(found.target("word/document.xml", "r2")) is None
    assert found.target("word/document.xml", None) is found.target("word/none.xml", "r1") is None


def test_part_that_is_no_xml_is_none_or_an_error() -> None:
    broken = package(word__a=b"<a>")
    assert broken.xml_or_none("word/a") is None
    with pytest.raises(XMLSyntaxError):
        broken.xml("word/a")


def test_strict_names_are_the_usual_ones() -> None:
    strict = b'<w:p xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"/>'
    root = package(word__a=strict).xml("word/a")
    assert root.tag == "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"


def test_entity_is_not_looked_up(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2")
    data = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{file.as_uri()}">]><a>&x;</a>'.encode()
    assert "hunter2" not in "".join(parse_xml(data).itertext())


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("Excel.Sheet.12", "not read (Excel.Sheet)"), ("Package", "not read (Package)"), ("", "not read"),
        ("<b>x</b>", "not read"), ("Word.Document.8", "not read (Word.Document)"),
    ],
)  # fmt: skip
def test_embedded_file_is_told_by_its_program(program: str, said: str) -> None:
    assert embedded_file(program) == ("embedded file", said)


@pytest.mark.parametrize(
    ("value", "on"),
    [(None, True), ("1", True), ("true", True), ("0", False), ("False", False), ("off", False)],
)
def test_setting_is_on_unless_it_says_that_it_is_not(value: str | None, on: bool) -> None:
    element = parse_xml(b"<b/>" if value is None else f'<b val="{value}"/>'.encode())
    assert is_on(element, "val") is on
    assert not is_on(None, "val")


def test_white_space_is_folded() -> None:
    assert one_line(" a\n\tb  c ") == "a b c"

"""Which encoding a text is in, that a guess is told, and that one can choose another."""

from __future__ import annotations

import json

import pytest

from core.documents.readers.encoding import ENCODINGS, noted_encoding
from core.documents.readers.reader import read_document
from core.errors import DocumentError, UnsupportedFileError
from tests.documents import message_of, text_of

pytestmark = pytest.mark.portable

POLISH = "Zażółć gęślą jaźń. Umowa wchodzi w życie pierwszego maja. Termin płatności wynosi trzydzieści dni."
CZECH = "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím."
HUNGARIAN = "Minden emberi lény szabadon születik és egyenlő méltósága és joga van, a hűtő a konyhában áll."
RUSSIAN = "Договор вступает в силу первого мая. Срок оплаты тридцать дней."
TURKISH = "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Ödeme süresi otuz gündür."
GREEK = "Η σύμβαση τίθεται σε ισχύ την πρώτη Μαΐου. Η προθεσμία πληρωμής είναι τριάντα ημέρες."
JAPANESE = "契約は五月一日に発効します。支払期限は三十日です。"
CHINESE = "合约自五月一日起生效。付款期限为三十天。"
TAIWANESE = "合約自五月一日起生效。付款期限為三十天。"
KOREAN = "계약은 오월 일일에 발효됩니다. 지급 기한은 삼십일입니다."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        (CZECH, "cp1250"),
        (HUNGARIAN, "cp1250"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "iso8859-5"),
        (RUSSIAN, "cp866"),
        ("Договор", "koi8-r"),
        (TURKISH, "cp1254"),
        (GREEK, "cp1253"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (KOREAN, "euc_kr"),
        ("Größe und Preis: 5 € für Müller", "cp1252"),
        ("Preis: 5 € für Müller", "cp1252"),
        ("Zażółć gęślą jaźń. Umowa.", "cp1250"),
    ],
)
def test_old_encoding_is_found_and_told_as_a_guess(text: str, encoding: str) -> None:
    document = read_document("a.txt", text.encode(encoding))
    assert document.pages[0].text == text
    (note,) = document.notes
    assert note.startswith("read as ")
    assert note.endswith(", which is a guess")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "ascii"])
def test_nothing_is_said_of_an_encoding_that_the_bytes_tell(encoding: str) -> None:
    assert read_document("a.txt", b"plain text".decode().encode(encoding)).notes == ()


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.json", "a.log", "a.html", "a.xml"])
def test_encoding_can_be_chosen(name: str) -> None:
    kinds = {
        "json": '{"name": "Łódź"}',
        "html": "<p>Łódź",
        "xml": "<name>Łódź</name>",
        "csv": "name;x\nŁódź;1",
    }
    data = kinds.get(name.partition(".")[2], "Łódź").encode("cp1250")
    document = read_document(name, data, encoding="cp1250")
    assert "Łódź" in document.pages[0].text
    assert document.notes == ("read as cp1250",)


def test_chosen_encoding_beats_what_a_page_says_of_itself() -> None:
    page = '<meta charset="iso-8859-1"><p>Łódź'.encode("cp1250")
    assert read_document("a.html", page, encoding="cp1250").pages[0].text == "Łódź"
    xml = '<?xml version="1.0" encoding="iso-8859-1"?><name>Łódź</name>'.encode("cp1250")
    assert read_document("a.xml", xml, encoding="cp1250").pages[0].text == "name: Łódź"


def test_page_that_tells_no_encoding_is_guessed_and_one_that_does_is_believed() -> None:
    page = f"<p>{POLISH}"
    assert read_document("a.html", page.encode("cp1250")).notes == ("read as windows-1250, which is a guess",)
    declared = f'<meta charset="iso-8859-2">{page}'.encode("iso8859-2")
    document = read_document("a.html", declared)
    assert (document.pages[0].text, document.notes) == (POLISH, ())


@pytest.mark.parametrize("encoding", ["nonsense", "base64", "a\0b"])
def test_encoding_that_is_none_is_refused(encoding: str) -> None:
    with pytest.raises(DocumentError, match="There is no encoding with the name"):
        read_document("a.txt", b"text", encoding=encoding)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.json"])
def test_pictures_in_base64_are_no_text_and_are_told(name: str) -> None:
    picture = "data:image/png;base64," + "iVBORw0KGgoAAAANSUhEUgAA" * 40
    text = f'"before ![fan]({picture}) after"'
    document = read_document(name, text.encode())
    assert document.pages[0].text.strip('"') == "before ![fan]() after"
    assert document.notes == ("1 embedded picture not read",)


def test_long_run_of_base64_is_no_text_but_a_sequence_of_genes_is() -> None:
    genes = "GATTACA" * 200
    assert text_of("a.txt", f"{genes} {'aB3/' * 400} end".encode()) == f"{genes}  end"


COLOURED = (
    "\x1b]0;build\x07\x1b[2K\x1b[1;32mPASSED\x1b[0m the pier \x1b[38;5;196mf\x1b[0m\x1b(B\x1b[m\n"
    "N\x08NA\x08AM\x08ME\x08E _\x08f_\x08i_\x08l_\x08e"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_colours_of_a_terminal_are_no_text_and_make_no_file_binary(encoding: str) -> None:
    text = f"{COLOURED} {RUSSIAN if encoding == 'cp1251' else ''}"
    read = text_of("build.txt", text.encode(encoding))
    assert read.startswith("PASSED the pier f\nNAME file")
    assert not {"\x1b", "\x08"} & set(read)


def test_colours_in_what_a_notebook_printed_are_no_text() -> None:
    output = {"output_type": "stream", "text": ["\x1b[31mfailed\x1b[0m\n"]}
    cell = {"cell_type": "code", "source": "run()", "outputs": [output]}
    document = read_document("a.ipynb", json.dumps({"cells": [cell]}).encode())
    assert [page.text for page in document.pages] == ["run()\n\nOutput: failed"]


def test_binary_file_is_no_text_in_any_encoding() -> None:
    assert "is a binary file, not text" in message_of("a.txt", bytes(range(256)) * 8, UnsupportedFileError)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_that_are_offered_are_known(encoding: str) -> None:
    document = read_document("a.txt", "Plain text.".encode(encoding), encoding=encoding)
    assert document.pages[0].text == "Plain text."
    assert noted_encoding(document.notes) == encoding


def test_note_of_a_guess_names_its_encoding_and_others_name_none() -> None:
    data = "Größe und Maß, schön für die Übersicht.".encode("windows-1252")
    document = read_document("a.txt", data)
    assert noted_encoding(("1 embedded file not read", *document.notes)) == "windows-1252"
    assert noted_encoding(("2 lines are not valid JSON and read as text",)) == ""


PROSE = "Zwölf Boxkämpfer jagen Viktor über den großen Sylter Deich, “quer” — 5 €.\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_text_is_decoded_from(encoding: str) -> None:
    assert text_of("a.txt", PROSE.encode(encoding)) == PROSE


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Le café est très agréable à l'été, où l'on déjeune près de la forêt.", "latin-1"),
        ("café", "latin-1"),
        ("Zażółć gęślą jaźń, proszę bardzo. Łódź jest piękna, a wieś spokojna.", "cp1250"),
        ("Быстрая коричневая лиса перепрыгивает через ленивую собаку.", "cp1251"),
        ("これは日本語の文章です。ベクトルデータベースです。", "shift_jis"),
        ("这是一个中文句子。向量数据库用于相似性搜索。", "gb18030"),
    ],
)
def test_text_in_an_older_encoding_is_guessed(text: str, encoding: str) -> None:
    assert text_of("a.txt", text.encode(encoding)) == text


def test_text_in_utf16_without_mark_is_read_in_another_alphabet() -> None:
    text = "Быстрая лиса прыгает.\n"
    assert text_of("a.txt", text.encode("utf-16-le")) == text_of("a.txt", text.encode("utf-16-be")) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", ["", "\n"])
def test_chinese_in_utf16_without_mark_is_read_and_told_as_a_guess(encoding: str, ending: str) -> None:
    text = f"灯塔有三十四米高，建于一八九九年{ending}"
    document = read_document("a.txt", text.encode(encoding))
    assert (document.pages[0].text, document.notes) == (text, (f"read as {encoding}, which is a guess",))


def test_letters_of_dos_are_told_from_controls_of_other_code_pages() -> None:
    """Its "ü" is a byte that Windows' code pages have nothing for, and others a control."""
    text = "Welcher Standort unterstützte den Plan für Müllers Bücher?"
    assert text_of("a.txt", text.encode("cp850")) == text


def test_text_in_utf8_with_one_bad_byte_stays_utf8() -> None:
    assert text_of("a.txt", PROSE.encode() * 3 + b"\xff") == PROSE * 3 + "\ufffd"


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 4, b"text\x00with a zero", b"\x01\x02\x03\x04" * 50, b"\x01\x00\x05\x00" * 50],
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json", "a.html"])
def test_binary_data_is_not_text(name: str, data: bytes) -> None:
    assert "is a binary file, not text" in message_of(name, data, UnsupportedFileError)

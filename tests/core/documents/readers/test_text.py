"""CSV, JSON, HTML and plain text, in the encodings that they come in."""

from __future__ import annotations

import json

import pytest

from core.documents.readers.reader import read_document
from core.errors import CorruptFileError, FileTooLargeError, UnsupportedFileError
from core.evaluation.samples import sample_files
from tests.documents import lines_with_rows, message_of, text_of

pytestmark = pytest.mark.portable

# --- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_names_each_value(delimiter: str) -> None:
    rows = [["city", "note"], ["Ulm", f"a {delimiter}\nb"], ["", "x"]]
    lines = [delimiter.join(f'"{cell}"' if "\n" in cell else cell for cell in row) for row in rows]
    tidy = " ".join(f"a {delimiter} b".split())
    text = text_of("cities.csv", "\r\n".join(lines).encode())
    assert text == f"city: Ulm; note: {tidy}\nnote: x"


def test_csv_with_decimal_commas_is_cut_at_semicolons() -> None:
    assert text_of("prices.csv", b"name;price\nbread;1,50\nmilk;0,99\n") == (
        "name: bread; price: 1,50\nname: milk; price: 0,99"
    )


def test_csv_without_header_gives_plain_values() -> None:
    assert text_of("points.csv", b"1,2\n3,4\n") == "1; 2\n3; 4"


def test_csv_keeps_cells_beyond_the_header_and_a_lone_header() -> None:
    assert text_of("a.csv", b"a,b\n1,2,3\n") == "a: 1; b: 2; 3"
    assert text_of("b.csv", b"a,b\n") == "a; b"


def test_csv_of_one_column_gives_its_rows() -> None:
    assert text_of("names.csv", b"name\nAda\nGrace\n") == "name\nAda\nGrace"


def test_csv_reads_a_cell_of_200_000_characters() -> None:
    assert len(text_of("long.csv", b"id,text\n7," + b"x" * 200_000)) > 200_000


# --- JSON


def test_json_gives_a_line_per_value() -> None:
    data = json.dumps({"users": [{"name": "Ada", "tags": []}, {"name": "Bo"}], "ok": True, "gone": None})
    assert text_of("users.json", data.encode()) == (
        "users[0].name: Ada\nusers[1].name: Bo\nok: true\ngone: null"
    )


def test_json_drops_what_cannot_be_stored() -> None:
    assert text_of("odd.json", rb'["a\u0000b", "\ud800c", "\ud83d\ude00"]') == "[0]: ab\n[1]: c\n[2]: 😀"


def test_json_that_is_invalid_names_the_line() -> None:
    message = message_of("bad.json", b'{"a": 1,\n "b": }', CorruptFileError)
    assert "bad.json is not valid JSON" in message
    assert "line 2" in message


def test_json_nested_too_deeply_is_refused() -> None:
    assert "too deeply" in message_of("deep.json", b"[" * 100_000 + b"]" * 100_000, CorruptFileError)


def test_json_nested_as_deeply_as_parsers_go_is_read() -> None:
    assert text_of("deep.json", b"[" * 500 + b"7" + b"]" * 500).endswith("[0]: 7")


def test_json_whose_paths_outgrow_memory_is_refused() -> None:
    data = json.dumps({"k" * 100_000: [1] * 10_000}).encode()
    assert "Split it" in message_of("bomb.json", data, FileTooLargeError)


# --- HTML


def test_html_keeps_blocks_and_drops_scripts() -> None:
    page = """<!doctype html><html><head><title>A &amp; B</title><style>p{}</style></head><body>
    <h1>Head</h1><p>One <b> two</b>
    three<br>four</p><ul><li>x<li>y</ul><table><tr><th>k<th>v<tr><td>1<td>2</table>
    <pre>  keep  this</pre><script>alert(1)</script><noscript>no</noscript><template>t</template><!-- c -->"""
    assert text_of("page.html", page.encode()) == (
        "A & B\n\nHead\n\nOne two three\nfour\n\nx\ny\n\nk: 1; v: 2\n\n  keep  this"
    )


@pytest.mark.parametrize("encoding", ["iso-8859-2", "windows-1251", "shift_jis"])
def test_html_follows_its_declared_encoding(encoding: str) -> None:
    word = {"iso-8859-2": "Łódź", "windows-1251": "Привет", "shift_jis": "日本語"}[encoding]
    page = f'<html><head><meta charset="{encoding}"></head><body>{word}</body></html>'
    assert text_of("page.htm", page.encode(encoding)) == word


@pytest.mark.parametrize("declared", ["no-such-encoding", "utf-16", "rot13"])
def test_html_ignores_a_wrong_declaration(declared: str) -> None:
    page = f'<html><meta charset="{declared}"><body>Grüße</body></html>'
    assert text_of("page.html", page.encode()) == "Grüße"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>\n<doc><p>xml</p></doc>', "xml"),
        ("https://example.com/", "https://example.com/"),
        ("<div>" * 20_000 + "deep", "deep"),
    ],
)
def test_html_that_is_odd_is_read_without_warnings(markup: str, text: str) -> None:
    assert text_of("odd.html", markup.encode()) == text


# --- Text and its encodings

PROSE = "Zwölf Boxkämpfer jagen Viktor über den großen Sylter Deich, “quer” — 5 €.\n"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.markdown", "A.TXT"])
def test_text_is_kept_as_it_is(name: str) -> None:
    assert text_of(name, b"# Title\r\n\r\n  two  spaces\r\rend\t\n") == "# Title\n\n  two  spaces\n\nend\t\n"


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


def test_text_in_utf8_with_one_bad_byte_stays_utf8() -> None:
    assert text_of("a.txt", PROSE.encode() * 3 + b"\xff") == PROSE * 3 + "\ufffd"


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 4, b"text\x00with a zero", b"\x01\x02\x03\x04" * 50, b"\x01\x00\x05\x00" * 50],
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json", "a.html"])
def test_binary_data_is_not_text(name: str, data: bytes) -> None:
    assert "is a binary file, not text" in message_of(name, data, UnsupportedFileError)


# --- The handbook that comes with the app


def test_samples_are_read_in_four_formats_and_hold_enough_text() -> None:
    documents = [read_document(path.name, path.read_bytes()) for path in sample_files()]
    assert sorted(document.file.rpartition(".")[2] for document in documents) == (
        ["html", "md", "md", "md", "pdf", "txt"]
    )
    for document in documents:
        assert 400 <= sum(len(page.text.split()) for page in document.pages) <= 900, document.file
    assert [document.num_pages for document in documents if document.num_pages] == [4]


def test_rows_of_csv_are_those_that_a_program_for_spreadsheets_shows() -> None:
    data = b'sep=;\n# Rents\n\nTown;Rent\nAlby;5\n\n"Bo\nrg";6\nCella;7\n'
    assert lines_with_rows(read_document("a.csv", data).pages[0]) == [
        "row 1: Rents",
        "row 4: Town: Alby; Rent: 5",
        "row 6: Town: Bo rg; Rent: 6",
        "row 7: Town: Cella; Rent: 7",
    ]

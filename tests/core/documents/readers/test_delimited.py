"""CSV: which cells a row has, and their names."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from tests.documents import lines_with_rows, text_of

pytestmark = pytest.mark.portable


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


def test_rows_of_csv_are_those_that_a_program_for_spreadsheets_shows() -> None:
    data = b'sep=;\n# Rents\n\nTown;Rent\nAlby;5\n\n"Bo\nrg";6\nCella;7\n'
    assert lines_with_rows(read_document("a.csv", data).pages[0]) == [
        "row 1: Rents",
        "row 4: Town: Alby; Rent: 5",
        "row 6: Town: Bo rg; Rent: 6",
        "row 7: Town: Cella; Rent: 7",
    ]

"""Tables of web pages: merged cells in all their rows, and tables that only place things."""

from __future__ import annotations

import pytest

from core.documents.readers.html_tables import is_data_table
from core.documents.readers.html_tree import Node, parse_html
from tests.documents import html_text

pytestmark = pytest.mark.portable


def test_merged_cells_hold_in_all_rows() -> None:
    table = (
        "<table><caption>Staff</caption><tr><th>Department<th>Person<th>Room<tr><td rowspan=3>"
        "Radiology<td>Ines"
        "<td>R-101<tr><td>Tom<td>R-102<tr><td>Yuki<td>R-103<tr><td>Lab<td colspan=2>nobody</table>"
    )
    assert html_text(table).split("\n") == [
        "Staff",
        "",
        "Department: Radiology; Person: Ines; Room: R-101",
        "Department: Radiology; Person: Tom; Room: R-102",
        "Department: Radiology; Person: Yuki; Room: R-103",
        "Department: Lab; Person: nobody",
    ]


def test_header_of_two_rows_and_header_cells_beside_rows() -> None:
    table = "<table><tr><th rowspan=2>Region<th colspan=2>2025<tr><th>Q1<th>Q2<tr><td>North<td>1<td>2</table>"
    assert html_text(table) == "Region: North; 2025 Q1: 1; 2025 Q2: 2"
    assert (
        html_text("<table><tr><th>Tenant<td>Maria<tr><th>Rent<td>940 EUR</table>")
        == "Tenant: Maria\nRent: 940 EUR"
    )


def test_tables_that_lay_out_the_page_are_read_piece_by_piece() -> None:
    inner = "<table><tr><th>k<th>v<tr><td>1<td>2</table>"
    assert html_text(f"<table><tr><td>Left<td>{inner}</table>") == "Left\n\nk: 1; v: 2"


def test_span_that_claims_millions_of_cells_is_read_at_once() -> None:
    table = "<table>" + "<tr><td colspan=1000 rowspan=65000>x<td>y" * 3000 + "</table>"
    assert "x" in html_text(table)


def _table(markup: str) -> Node:
    return next(node for node in parse_html(f"<table>{markup}</table>").iter() if node.tag == "table")


@pytest.mark.parametrize(
    ("markup", "is_data"),
    [
        ("<tr><th>a<th>b<tr><td>1<td>2", True),
        ("<tr><td>1<td>2<tr><td>3<td>4", True),
        ("<tr><td>1<tr><td>2", False),
        ("<tr><th>a<th><table></table>", False),
        ("<tr><th>a<td><h2>b</h2>", False),
        ("<tr><th>a<td><input type=text>", False),
        ("<tr><th>a<td><input type=checkbox>", True),
        (f"<tr><td>{'long ' * 99}<td>2", False),
        (f"<tr><td>{'long ' * 99}<td>2{'<tr><td>1<td>2' * 3}", True),
    ],
)
def test_table_of_data_is_told_from_one_that_lays_out_the_page(markup: str, is_data: bool) -> None:
    assert is_data_table(_table(markup)) is is_data


def test_table_that_says_that_it_holds_no_data_is_believed() -> None:
    node = _table("<tr><th>a<th>b")
    node.attributes["role"] = "presentation"
    assert not is_data_table(node)

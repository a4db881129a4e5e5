"""HTML as a browser shows it."""

from __future__ import annotations

import pytest

from core.documents.readers.html import read_html
from tests.documents import text_of

pytestmark = pytest.mark.portable


def _text(markup: str) -> str:
    return text_of("a.html", markup.encode())


@pytest.mark.parametrize(
    "markup",
    [
        "<p hidden>no</p>",
        '<p style="color:red; display: none">no</p>',
        '<p style="visibility:hidden">no</p>',
        "<style>.x, #y {display:none} p{color:red}</style><p class='a x'>no</p><div id=y>no</div>",
        "<dialog>no</dialog>",
        '<input type="hidden" value="no"><input type="password" value="no">',
        "<noscript>no</noscript><template>no</template><svg><text>no</text></svg>",
        '<span class="katex-html">no</span>',
    ],
)
def test_what_a_browser_does_not_show_is_left_out(markup: str) -> None:
    assert _text(f"<p>Seen{markup}</p><p>too</p>").split() == ["Seen", "too"]


def test_rules_for_print_and_for_what_is_shown_again_hide_nothing() -> None:
    style = "<style>@media print {.x {display:none}} .y {display:none} .y {display:block}</style>"
    assert _text(f"{style}<p class=x>One</p><p class=y>Two</p>") == "One\n\nTwo"
    assert _text('<style>.y {display:none}</style><p class=y style="display:block">Two</p>') == "Two"
    style = "<style>.y {display:none} /*@media print { */ .y {display:block} .x {display:none}</style>"
    assert _text(f"{style}<p class=x>One</p><p class=y>Two</p>") == "Two"


def test_page_that_a_script_shows_is_read() -> None:
    page = "<head><title>Harbour</title><style>body {display:none}</style></head><body><p>Dredged.</p></body>"
    assert _text(page) == "Harbour\n\nDredged."


def test_list_items_have_their_numbers() -> None:
    assert _text("<ol><li>First<ol type=a><li>Inner<li>one</ol></li><li>Second</ol>") == (
        "1. First\na. Inner\nb. one\n2. Second"
    )
    assert (
        _text("<ol start=3><li>Third<li value=7>Seventh<li>Eighth</ol>") == "3. Third\n7. Seventh\n8. Eighth"
    )
    assert _text("<ol reversed><li>x<li>y</ol>") == "2. x\n1. y"
    assert _text("<ol type=I><li>x<li><p>y<p>z</ol>") == "I. x\nII. y\n\nz"
    assert _text("<dl><dt>Term<dd>Meaning</dl>") == "Term\nMeaning"


def test_values_of_form_fields_are_read() -> None:
    form = (
        "<label>Name <input value='Ann'></label><textarea>my text</textarea><select><option>one<option "
        "selected>two"
        "</select><input type=checkbox checked> yes <input type=checkbox> no"
    )
    assert _text(form) == "Name Ann my text two ☒ yes ☐ no"


def test_merged_cells_hold_in_all_rows() -> None:
    table = (
        "<table><caption>Staff</caption><tr><th>Department<th>Person<th>Room<tr><td rowspan=3>"
        "Radiology<td>Ines"
        "<td>R-101<tr><td>Tom<td>R-102<tr><td>Yuki<td>R-103<tr><td>Lab<td colspan=2>nobody</table>"
    )
    assert _text(table).split("\n") == [
        "Staff",
        "",
        "Department: Radiology; Person: Ines; Room: R-101",
        "Department: Radiology; Person: Tom; Room: R-102",
        "Department: Radiology; Person: Yuki; Room: R-103",
        "Department: Lab; Person: nobody",
    ]


def test_header_of_two_rows_and_header_cells_beside_rows() -> None:
    table = "<table><tr><th rowspan=2>Region<th colspan=2>2025<tr><th>Q1<th>Q2<tr><td>North<td>1<td>2</table>"
    assert _text(table) == "Region: North; 2025 Q1: 1; 2025 Q2: 2"
    assert (
        _text("<table><tr><th>Tenant<td>Maria<tr><th>Rent<td>940 EUR</table>")
        == "Tenant: Maria\nRent: 940 EUR"
    )


def test_tables_that_lay_out_the_page_are_read_piece_by_piece() -> None:
    inner = "<table><tr><th>k<th>v<tr><td>1<td>2</table>"
    assert _text(f"<table><tr><td>Left<td>{inner}</table>") == "Left\n\nk: 1; v: 2"


def test_span_that_claims_millions_of_cells_is_read_at_once() -> None:
    table = "<table>" + "<tr><td colspan=1000 rowspan=65000>x<td>y" * 3000 + "</table>"
    assert "x" in _text(table)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("3 × 10<sup>6</sup> t", "3 × 10⁶ t"),
        ("500<sup>1</sup> euros", "500¹ euros"),
        ("5<sup>1</sup>&frasl;<sub>2</sub> in", "5½ in"),
        ("see<sup><a>[3]</a></sup>", "see[3]"),
        ("<math><mn>5</mn><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "5½"),
        (
            "<math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mfrac><mi>a</mi><mi>b</mi></mfrac></math>",
            "x²=a/b",
        ),
        ("co&shy;operate", "cooperate"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt></ruby>", "漢(kan)"),
    ],
)
def test_raised_letters_fractions_and_formulas(markup: str, text: str) -> None:
    assert _text(f"<p>{markup}</p>") == text


PAGE = (
    "<title>Ships</title><header><a>Home</a></header><nav>Menu</nav><div class='cookie-banner'>We use "
    "cookies.</div>"
    "<main><article><header><h1>Ships of oak</h1></header><p>{}</p></article></main><aside>Read more</aside>"
    "<footer>Imprint</footer>"
)


def test_menus_and_banners_are_left_out_where_that_is_wanted() -> None:
    page = PAGE.format("Oak is heavy. " * 30).encode()
    read = read_html("a.html", page, main_only=True)
    assert read.pages[0].text == f"Ships\n\nShips of oak\n\n{('Oak is heavy. ' * 30).strip()}"
    assert read.notes == ("menus and banners left out",)
    assert "Imprint" in read_html("a.html", page).pages[0].text


def test_menu_of_a_page_without_a_title_is_left_out_too() -> None:
    page = PAGE.replace("<title>Ships</title>", "").format("Oak is heavy. " * 30).encode()
    text = read_html("a.html", page, main_only=True).pages[0].text
    assert text == f"Ships of oak\n\n{('Oak is heavy. ' * 30).strip()}"


def test_page_of_which_little_would_be_left_is_read_whole() -> None:
    page = PAGE.format("Short.").encode()
    assert "Imprint" in read_html("a.html", page, main_only=True).pages[0].text


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


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1_000, 10_000])
def test_deeply_nested_html_is_read(depth: int) -> None:
    html = "<div>" * depth + "The pier is made of oak." + "</div>" * depth
    assert text_of("deep.html", html.encode()).strip() == "The pier is made of oak."

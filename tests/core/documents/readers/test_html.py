"""HTML as a browser shows it."""

from __future__ import annotations

import pytest

from tests.documents import html_text, text_of

pytestmark = pytest.mark.portable


def test_list_items_have_their_numbers() -> None:
    assert html_text("<ol><li>First<ol type=a><li>Inner<li>one</ol></li><li>Second</ol>") == (
        "1. First\na. Inner\nb. one\n2. Second"
    )
    assert (
        html_text("<ol start=3><li>Third<li value=7>Seventh<li>Eighth</ol>")
        == "3. Third\n7. Seventh\n8. Eighth"
    )
    assert html_text("<ol reversed><li>x<li>y</ol>") == "2. x\n1. y"
    assert html_text("<ol type=I><li>x<li><p>y<p>z</ol>") == "I. x\nII. y\n\nz"
    assert html_text("<dl><dt>Term<dd>Meaning</dl>") == "Term\nMeaning"


def test_values_of_form_fields_are_read() -> None:
    form = (
        "<label>Name <input value='Ann'></label><textarea>my text</textarea><select><option>one<option "
        "selected>two"
        "</select><input type=checkbox checked> yes <input type=checkbox> no"
    )
    assert html_text(form) == "Name Ann my text two ☒ yes ☐ no"


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
    assert html_text(f"<p>{markup}</p>") == text


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

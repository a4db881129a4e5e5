"""What a browser shows of a page, however broken that is."""

from __future__ import annotations

import pytest

from core.documents.readers.html_tree import Hidden, Node, cut_before, parse_html
from tests.documents import html_text, text_of

pytestmark = pytest.mark.portable


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
    assert html_text(f"<p>Seen{markup}</p><p>too</p>").split() == ["Seen", "too"]


def test_rules_for_print_and_for_what_is_shown_again_hide_nothing() -> None:
    style = "<style>@media print {.x {display:none}} .y {display:none} .y {display:block}</style>"
    assert html_text(f"{style}<p class=x>One</p><p class=y>Two</p>") == "One\n\nTwo"
    assert html_text('<style>.y {display:none}</style><p class=y style="display:block">Two</p>') == "Two"
    style = "<style>.y {display:none} /*@media print { */ .y {display:block} .x {display:none}</style>"
    assert html_text(f"{style}<p class=x>One</p><p class=y>Two</p>") == "Two"


def test_page_that_a_script_shows_is_read() -> None:
    page = "<head><title>Harbour</title><style>body {display:none}</style></head><body><p>Dredged.</p></body>"
    assert html_text(page) == "Harbour\n\nDredged."


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


def _tree(markup: str) -> Node:
    return parse_html(markup)


def test_page_in_pieces_has_what_is_around_a_border_on_both_sides() -> None:
    root = _tree("<div class=x><p id=a>One<p id=b>Two<p id=c>Three</div>")
    marked = [node for node in root.iter() if node.attributes.get("id") in {"b", "c"}]
    first, second, third = cut_before(root, marked)
    assert [piece.text() for piece in (first, second, third)] == ["One", "Two", "Three"]
    for piece in (first, second, third):
        assert [node.attributes.get("class") for node in piece.iter() if node.tag == "div"] == ["x"]


@pytest.mark.parametrize(
    ("css", "names"),
    [
        (".a, p.b { color: red; display: none }", {".a", "p.b"}),
        (".a { visibility: hidden } .a { display: block }", set()),
        ("@media screen { .c { color: red } .a { display: none } } .b { display: none }", {".b"}),
        (".a .b { display: none } .a > p { display: none }", set()),
        ("/* .a { display: none } */ .b { display : NONE }", {".b"}),
        (".a { display: none", {".a"}),
    ],
)
def test_rules_hide_what_simple_selectors_name(css: str, names: set[str]) -> None:
    assert Hidden.of(_tree(f"<style>{css}</style>")).names == names


def test_what_is_hidden_is_told_by_the_element_and_the_rules() -> None:
    hidden = Hidden(frozenset({".x", "p#y", "aside"}))
    shown = {
        markup: hidden.is_shown(next(node for node in _tree(markup).iter() if node.tag in {"p", "aside"}))
        for markup in (
            "<p>", "<p class='w x'>", "<p id=y>", "<p id=z>", "<aside>", "<p hidden>",
            "<p hidden=until-found>",
            "<p class=x style='display:block'>",
        )
    }  # fmt: skip
    assert list(shown.values()) == [True, False, False, True, False, False, True, True]

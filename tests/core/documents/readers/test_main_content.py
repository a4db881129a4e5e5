"""A page without its menus and banners, where enough of it is left."""

from __future__ import annotations

import pytest

from core.documents.readers.html import read_html

pytestmark = pytest.mark.portable


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

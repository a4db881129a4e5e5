"""A model's Markdown as the browser is given it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.answers.models import Answer, Source
from pages.components.markdown import label_text, model_markdown, passage_text
from pages.views.ask.citation_links import linked

CODE = ["`a[1]`", "`$HOME`", "`dict[k]: v`", "```\n![x](y) $a$ d[k]: v\n```", "Code:\n\n    a[1](b) $x$ $y$"]
SOURCES = tuple(
    Source(number=n, file="a.md", page=None, score=0.5, text="t", chunk_id=str(n), document_id="d")
    for n in (1, 2, 3)
)


@pytest.mark.parametrize("code", CODE)
def test_code_is_shown_as_it_is(code: str) -> None:
    assert model_markdown(code) == code
    assert linked(Answer(text=code, mode="llm", sources=SOURCES), 0) == code


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"It is \(x^2\).", "It is $x^2$."),
        ("It is $x_1$ and $$y$$.", "It is $x_1$ and $y$."),
        ("So:\n\n\\[\n\\frac{a}{b}\n\\]", "So:\n\n$$\n\\frac{a}{b}\n$$"),
        ("$5 and $10", r"\$5 and \$10"),
        ("from $5 to 10$", r"from \$5 to 10\$"),
        ("$HOME:$PATH", r"\$HOME:\$PATH"),
        (r"\$5", r"\$5"),
        ("$f[x](y)$ and $![a](b)$", "$f[x] (y)$ and $! [a] (b)$"),
        (r"\(\url{x}\)", r"\\\(\\url\{x\}\\\)"),
    ],
)
def test_formulas_are_shown_as_formulas_and_prices_as_prices(written: str, shown: str) -> None:
    assert model_markdown(written) == shown


def test_citations_are_links_to_their_sources_in_whichever_form() -> None:
    answer = Answer(text="High [1-2], 【3】 in [1, 3] and `a[1]`.", mode="llm", sources=SOURCES)
    assert linked(answer, 4) == (
        r"High [\[1\]](#cite-4-1)[\[2\]](#cite-4-2), [\[3\]](#cite-4-3)"
        r" in [\[1\]](#cite-4-1)[\[3\]](#cite-4-3) and `a[1]`."
    )
    assert linked(answer, 4, is_linked=False).startswith(r"High \[1\]\[2\]")


@given(st.text(alphabet="ax$![]():`~$<>-\\ \n|#1", max_size=60))
def test_nothing_a_model_writes_becomes_an_image_or_a_link(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(model_markdown(text))
    kinds = {child.type for token in tokens for child in token.children or []}
    links = [child for token in tokens for child in token.children or [] if child.type == "link_open"]
    assert "image" not in kinds
    assert all(link.markup == "autolink" for link in links)


def test_passage_of_a_pdf_is_prose_in_which_rows_of_a_table_stay_lines() -> None:
    text = "The fee is\n120 euros.\n\nName | Year\nAnn | 2022\nIt was\nlong ago."
    shown = "The fee is 120 euros.\n\nName | Year\nAnn | 2022\nIt was long ago."
    assert passage_text(_source("a.pdf", text)) == shown
    assert passage_text(_source("a.txt", text)) == text


def _source(file: str, text: str) -> Source:
    return Source(
        number=1, file=file, page=1, score=0.5, text=text, chunk_id="c", document_id="d", position=0
    )


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("password.pdf", "password.pdf"),
        ("test_mskanji.csv", "test_mskanji.csv"),
        ("Rechnung (März) 2024.xlsx", "Rechnung (März) 2024.xlsx"),
        ("_fees_.txt", r"\_fees\_\.txt"),
        ("*fees*.txt", r"\*fees\*\.txt"),
        ("1. fees", r"1\. fees"),
    ],
)
def test_name_in_a_label_is_escaped_only_where_it_would_be_markup(name: str, label: str) -> None:
    assert label_text(name) == label
    assert MarkdownIt().renderInline(label_text(name)) == name

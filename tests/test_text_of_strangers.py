"""Text of strangers on every surface: it is shown, and it is never markup, script, formula or command."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from core.answers.models import Source
from core.charts import formatting
from core.cli.main import main
from core.documents.file_identity import clean_file_name
from core.runtime.console import plain, plain_json
from core.runtime.csv import csv_text
from pages.components.document_text import passage_html
from pages.components.markdown import escaped, model_markdown
from pages.views.ask.source_dialog import heat_strip
from tests.openai_server import OpenAIServer

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</div></span><iframe src=//evil.example>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "<http://evil.example>",
    ":red[x] :material/home: :streamlit:",
    "$\\href{javascript:alert(1)}{x}$",
    "`code` **bold** # heading",
    "%{x} %{customdata}",
    "&lt;b&gt; &#60;b&#62;",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x9b31m\x08\x08\x7f",
    "\u202etxt.exe \u2066abc\u2069",
    '=HYPERLINK("http://evil.example")',
    "+1+cmd|' /C calc'!A1",
    "-2+3",
    "@SUM(1)",
    " =1+1",
]

# Text whose lines Markdown would take for something.
LINES = [
    "Title\n===",
    "Title\n---",
    "    code\n\tmore",
    "a\r\n \tcode",
    "1. one\n2) two\n> said\n- - -",
    "| a |\n|---|\n| b |",
    "\uff1d1+1",
]


class Tags(HTMLParser):
    """The elements and attributes of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def _strip(text: str) -> str:
    source = Source(number=1, file=text, text=text, score=0.5, chunk_id="1", document_id="d", page=None)
    return heat_strip(0, 1, [source])


PIECES: dict[str, Callable[[str], str]] = {
    "a passage": passage_html,
    "a marked passage": lambda text: passage_html(text, is_marked=True),
    "where a source lies": _strip,
    "a chart's text": formatting.safe,
    "a chart's lines": lambda text: formatting.wrap(text, 10_000),
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("piece", PIECES)
def test_html_of_a_piece_holds_no_element_of_the_text(piece: str, text: str) -> None:
    found = Tags(PIECES[piece](text))
    assert found.tags <= {"div", "span", "mark", "a", "br"}
    assert found.attributes <= {"dir", "style", "href", "title"}


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_has_every_special_character_escaped(text: str) -> None:
    shown = escaped(text).replace(":small[]", "")
    for mark in "`*_{}[]()#+-!|<>$~:&":
        assert shown.count(mark) == shown.count(f"\\{mark}") == text.count(mark)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://evil.example", "http\\::small[]//evil\\.example"),
        ("see HTTPS://evil.example", "see HTTPS\\::small[]//evil\\.example"),
        ("www.evil.example", "www:small[]\\.evil\\.example"),
        ("me@evil.example", "me:small[]@evil\\.example"),
        ("C:/notes @home", "C\\:/notes @home"),
    ],
)
def test_address_has_something_empty_inside_so_that_it_is_no_link(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_model_markdown_holds_no_link_image_or_formula_that_leads_away(text: str) -> None:
    shown = model_markdown(text)
    assert "](" not in shown and "![" not in shown
    assert shown.count("$") == shown.count("\\$")


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_cell_is_no_formula(text: str) -> None:
    ((cell,),) = list(csv.reader(io.StringIO(csv_text([{"a": text}], ["a"])), strict=True))[1:]
    assert cell.endswith(text)
    assert cell.strip()[:1] not in set("=+-@\uff1d")


@pytest.mark.parametrize("text", HOSTILE)
def test_terminal_gets_no_command(text: str) -> None:
    shown = plain(text)
    assert shown.isprintable()
    assert plain("one\n\ttwo") == "one\n\ttwo"


@pytest.mark.parametrize("text", HOSTILE)
def test_json_on_the_terminal_is_the_same_value(text: str) -> None:
    shown = plain_json(json.dumps({text: text}, ensure_ascii=False))
    assert json.loads(shown) == {text: text}
    assert shown.isprintable()


@pytest.mark.parametrize("text", [*HOSTILE, "../../etc/passwd", "C:\\x\\y.txt", "a\x00b"])
def test_file_name_is_no_path_and_steers_nothing(text: str) -> None:
    name = clean_file_name(text)
    assert "/" not in name and "\\" not in name and plain(name) == name


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_answer_of_a_model_steers_no_terminal(
    openai_server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    form: list[str],
) -> None:
    openai_server.words = ["\x1b]0;owned\x07", "\x9b31m", "\u202e", "It is 37 metres high [1]."]
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.base_url)
    monkeypatch.setenv("LLM_MODEL", "stand-in")
    note = tmp_path / "harbour.txt"
    note.write_text("The lighthouse in the harbour is 37 metres high.")
    assert main(["ingest", str(note)]) == 0
    capsys.readouterr()
    assert main(["ask", "How high is the lighthouse?", *form]) == 0
    shown = capsys.readouterr().out
    assert "37 metres" in shown
    assert all(char.isprintable() or char == "\n" for char in shown)


@pytest.mark.parametrize("text", [*HOSTILE, *LINES])
def test_escaped_text_has_no_markup(text: str) -> None:
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(escaped(text))
    assert Tags(html).tags == {"p"}

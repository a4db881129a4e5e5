"""pages.views.ask.citation_links: what a reader sees of an extractive answer."""

from __future__ import annotations

from core.answers.models import Answer, Source
from pages.views.ask.citation_links import citation_href, linked

CODE = "```python\nprint(sys.argv[1], **kwargs)  # ![x](http://a.example/x.png)\n```"


def source(number: int) -> Source:
    return Source(
        number=number, file="a.md", page=None, score=0.5, text="", chunk_id="c", document_id="d"
    )  # fmt: skip


def test_code_of_an_extractive_answer_is_a_block_as_it_stands_and_names_no_source() -> None:
    answer = Answer(
        text=f"**Run *this*:** all_\n\n{CODE}\n\n[2]\n\n", mode="extractive", sources=(source(1), source(2))
    )
    shown = linked(answer, 4)
    assert CODE in shown
    assert shown.replace(CODE, "").count(citation_href(4, 2)) == 1
    assert citation_href(4, 1) not in shown
    assert shown.startswith("**Run \\*this\\*")
    assert [each.number for each in answer.used] == [2]


def test_ticks_of_a_sentence_begin_no_code() -> None:
    answer = Answer(text="It says ``` and **then** [1]\n\n", mode="extractive", sources=(source(1),))
    assert "```" not in linked(answer, 0)

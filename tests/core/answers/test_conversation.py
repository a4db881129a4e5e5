from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.answers.conversation import Turn, as_json, as_markdown, exchanges
from core.answers.models import Answer, Source
from core.answers.retrieval import Retrieval

pytestmark = pytest.mark.portable


def source(number: int, file: str = "harbour.txt", page: int | None = 3) -> Source:
    return Source(
        number=number, file=file, page=page, score=0.714, text="t", chunk_id=f"c{number}", document_id="d"
    )


ANSWERED = Turn(
    question="How\nhigh?",
    answer=Answer(
        text="37 metres [2].",
        mode="llm",
        sources=(source(1), source(2, "b.md", None)),
        model="stand-in",
        searched_for="How high is the lighthouse?",
        timings_s={"search": 0.0123456},
    ),
    knowledge_base="default",
    retrieval=Retrieval(top_k=7),
    rating="down",
    reason="Too\nshort",
)
STOPPED = Turn(question="Why?", answer=Answer(text="Beca", mode="extractive", sources=(), is_partial=True))
FAILED = Turn(
    question="When?",
    answer=Answer(text="", mode="llm", sources=(), error="It can't be reached.", is_partial=True),
)


def test_markdown_has_question_answer_sources_and_rating() -> None:
    text = as_markdown([ANSWERED, STOPPED, FAILED])
    for line in (
        "## How high?",
        "Searched for: How high is the lighthouse?",
        "37 metres [2].",
        "(stand-in)",
        "- [1] harbour.txt, page 3, cosine similarity 0.71 (found, not named by the answer)",
        "- [2] b.md, cosine similarity 0.71",
        "Rated down: Too short",
        "(stopped before its end)",
        "Error: It can't be reached.",
    ):
        assert line in text.splitlines()


def test_markdown_has_both_answers_and_what_was_answered_before() -> None:
    extractive = Answer(text="It is\u2060 37 metres.", mode="extractive", sources=(source(1),))
    turn = replace(ANSWERED, extractive=extractive, earlier=(replace(STOPPED, question="How high?"),))
    lines = as_markdown([turn]).splitlines()
    found = [
        lines.index(line)
        for line in (
            "Asked of the knowledge base default",
            "37 metres [2].",
            "### Extractive answer beside it",
            "It is 37 metres.",
            "Rated down: Too short",
            "### Answered before",
            "Beca",
        )
    ]
    assert found == sorted(found)


def test_answer_to_another_question_is_no_earlier_one() -> None:
    turn = replace(STOPPED, question="How high?", earlier=())
    turn.take_place_of(replace(ANSWERED, question="How tall?", files_refusal="No room."))
    assert (turn.earlier, turn.files_refusal) == ((), "No room.")


def test_json_keeps_settings_rating_and_times() -> None:
    answered, stopped, failed = json.loads(as_json([ANSWERED, STOPPED, FAILED]))["turns"]
    assert (answered["top_k"], answered["rating"], answered["reason"]) == (7, "down", "Too\nshort")
    assert answered["used"] == [2]
    assert answered["timings_s"] == {"search": 0.0123}
    assert stopped["is_partial"] and stopped["mode"] == "extractive"
    assert failed["error"] == "It can't be reached."


def test_empty_conversation_is_exported_too() -> None:
    assert json.loads(as_json([]))["turns"] == []
    assert as_markdown([]).startswith("# Conversation")


def test_follow_up_may_refer_to_what_was_answered() -> None:
    assert [exchange.question for exchange in exchanges([ANSWERED, STOPPED, FAILED])] == [
        "How\nhigh?",
        "Why?",
    ]

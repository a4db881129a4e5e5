"""What a model writes while it thinks is kept apart from its answer, in whichever form it comes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers.reasoning import split_reasoning

pytestmark = pytest.mark.portable

HIGH = "It is 37 m high [1]."
FORMS = [
    f"<think>\nThe user asks [2].\n</think>\n\n{HIGH}",
    f"The user asks [2].\n</think>\n\n{HIGH}",
    f"<thinking>The user asks [2].</thinking>{HIGH}",
    f"<THINK>The user asks [2].</THINK>{HIGH}",
    f"[THINK]The user asks [2].[/THINK]{HIGH}",
    "<|channel|>analysis<|message|>The user asks [2].<|end|>"
    f"<|start|>assistant<|channel|>final<|message|>{HIGH}<|return|>",
    f"<|start|>assistant<|channel|>analysis<|message|>The user asks [2].<|channel|>final<|message|>{HIGH}",
    f"The user asks [2].<|end|><|start|>assistant<|channel|>final<|message|>{HIGH}",
    f"analysisThe user asks [2].assistantfinal{HIGH}",
    f"<think></think><think>The user asks [2].</think>{HIGH}",
]
ANSWERS = [
    HIGH,
    "Models end it with `</think>`.",
    "```\n<think>a</think>\n```",
    "Analysis of the light: a < b, and <b> is bold.",
    "analysisX is a word.",
    "The tag <think> opens it.",
]


@pytest.mark.parametrize("written", FORMS)
def test_reasoning_is_told_from_the_answer(written: str) -> None:
    assert split_reasoning(written) == ("The user asks [2].", HIGH)


@pytest.mark.parametrize("written", ANSWERS)
def test_answer_that_speaks_of_tags_is_an_answer(written: str) -> None:
    assert split_reasoning(written) == ("", written)


@pytest.mark.parametrize("written", [form for form in FORMS if not form.startswith("The user")])
def test_nothing_of_reasoning_is_shown_while_it_comes(written: str) -> None:
    for end in range(len(written)):
        assert HIGH.startswith(split_reasoning(written[:end], is_whole=False)[1])


@given(st.text(alphabet="<>/|[]thinkal sys`\n", max_size=60))
def test_what_has_no_end_of_reasoning_is_not_lost(text: str) -> None:
    reasoning, answer = split_reasoning(text)
    kept = (reasoning + answer).replace("\n", "").replace(" ", "")
    assert len(kept) <= len(text)
    has_tags = re.search(r"</think|\[/think", text) or re.match(r"\s*[<\[]think[>\]]", text)
    if not has_tags and not reasoning:
        assert answer == text


def test_reasoning_without_end_is_no_answer() -> None:
    assert split_reasoning("<think>The user asks") == ("The user asks", "")

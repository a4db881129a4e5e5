"""What programs get of an answer."""

from __future__ import annotations

import pytest

from core.answers.citations import as_quotation
from core.answers.models import Answer, AnswerMode, Source

pytestmark = pytest.mark.portable

SOURCES = tuple(
    Source(
        number=number,
        chunk_id=f"c{number}",
        document_id="d",
        file="fees.txt",
        page=None,
        score=0.5,
        text="See note [2].",
        position=number,
        num_chunks=3,
    )
    for number in (1, 2, 3)
)


@pytest.mark.parametrize(
    ("mode", "text", "plain", "cited"),
    [
        ("extractive", f"{as_quotation('See note [2].')} [1]", "See note [2]. [1]", [1]),
        # What a model wrote arrives as it wrote it.
        ("llm", "A\u2060B [3][1]", "A\u2060B [3][1]", [3, 1]),
    ],
)
def test_answer_for_programs_is_plain_text_and_its_citations_are_told_apart(
    mode: AnswerMode, text: str, plain: str, cited: list[int]
) -> None:
    told = Answer(text=text, mode=mode, sources=SOURCES).to_dict()
    assert (told["answer"], told["cited"]) == (plain, cited)

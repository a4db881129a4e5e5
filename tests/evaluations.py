"""Evaluations made by hand."""

from __future__ import annotations

from core.answers.retrieval import Retrieval
from core.evaluation.evaluate import Outcome, Result
from core.evaluation.questions import Question


def hits(*ranks: int | None, language: str | None = None) -> Result:
    """An evaluation whose answers were at these ranks; None was not found."""
    question = Question(text="?", file="a.txt", contains=("x",), kind="plain")
    return Result(
        retrieval=Retrieval(),
        outcomes=tuple(
            Outcome(question=question, rank=rank, is_complete=True, num_passages=5, score=0.5,
                    top_file="a.txt", top_passage="x", language=language)
            for rank in ranks
        ),
    )  # fmt: skip

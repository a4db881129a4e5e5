"""Values that are asked for by their label, and of which document."""

from __future__ import annotations

import pytest

from core.answers.labels import are_values_of, documents_about
from core.answers.models import Source

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What is the total of the order?", "TOTAL: $46,248.78"),
        ("What is the grand total?", "Total: | $18,705.73"),
        ("What is the total of Noisebridge?", "| Total | | | $10.00"),
        ("Wie hoch ist der Gesamtbetrag?", "Total EUR | 34,73"),
        ("What is the order's total?", "Total of the order: $46,248.78"),
        ("What is the sum due in total?", "Gesamtsumme: 12,00"),
        ("Who is the reporting manager of Alexandra?", "Reporting Manager: Dr. James Thompson"),
    ],
)
def test_value_is_asked_for_by_its_label(question: str, line: str) -> None:
    assert are_values_of(question, [line]) == [True]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What is the total of the order?", "Subtotal: $36,812.50"),
        # Nothing is said that the question does not say.
        ("Who are the authors of PEP 572?", "PEP: 572"),
        ("who are the authors of pep 572?", "PEP: 572"),
        # What somebody says is not what they are.
        ("На коју планину је дошао Конор Меклауд?", "КОНОР МЕКЛАУД: НЕМАМО ВИШЕ"),
        ("What did Conor see?", "Conor: We have no more."),
        ("What is the total?", "The total of this is small."),
        ("What is the total?", "12 | 10.00"),
    ],
)
def test_other_line_is_no_value_that_was_asked_for(question: str, line: str) -> None:
    assert are_values_of(question, [line]) == [False]


def _source(number: int, document: str, text: str, relevance: float) -> Source:
    return Source(
        number=number, file=f"{document}.pdf", page=1, score=0.5, text=text, chunk_id=str(number),
        document_id=document, relevance=relevance,
    )  # fmt: skip


KRAXI = _source(1, "kraxi", "Kraxi Systems, Inc.\nINVOICE | January 8", 0.74)
REPORT = _source(2, "report", "Subtotal: $19,951.53\nTotal: $18,705.73", 0.72)


def test_document_is_about_a_question_that_has_what_it_names() -> None:
    assert documents_about("What is the total of the Kraxi invoice?", [KRAXI, REPORT]) == {"kraxi"}


def test_all_that_are_as_relevant_are_about_a_question_that_names_nothing() -> None:
    less = _source(3, "letter", "Total: 3", 0.5)
    assert documents_about("what is the total", [KRAXI, REPORT, less]) == {"kraxi", "report"}


def test_name_that_none_of_them_has_tells_nothing() -> None:
    assert documents_about("What is the total for Ann Miller?", [KRAXI, REPORT]) == {"kraxi", "report"}
    assert documents_about("What is the total?", []) == set()

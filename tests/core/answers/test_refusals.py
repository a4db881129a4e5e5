"""What is said where nothing was found, or where that can't be told."""

from __future__ import annotations

import pytest

from core.answers.refusals import NOTHING_FOUND, can_not_tell, nothing_found
from core.answers.retrieval import Found
from core.config.settings import BUNDLED_MODEL

pytestmark = pytest.mark.portable


def _found(*languages: str | None) -> Found:
    return Found(hits=(), verdict="unclear", question_language="ru", languages=frozenset(languages))


def test_languages_that_the_model_can_not_compare_are_named() -> None:
    sentence = can_not_tell(_found("en", "de", None), BUNDLED_MODEL)
    assert sentence.startswith(
        "The bundled model can't compare Russian with English and German, so I can't tell"
    )
    assert can_not_tell(_found("en"), "their/model-en").startswith("The model their/model-en can't compare")


def test_many_languages_are_not_listed_one_by_one() -> None:
    sentence = can_not_tell(_found("en", "de", "es", "fr", "ru"), BUNDLED_MODEL)
    assert sentence == (
        "I found nothing about this in your Russian documents. The bundled model can't compare Russian "
        "with the other languages of your documents, so I can't tell whether those documents say it. Ask in "
        "the language of the document that you mean, or make the knowledge base with a multilingual model."
    )


def test_what_was_looked_through_in_the_question_s_own_language_is_said_first() -> None:
    sentence = can_not_tell(_found("en", "ru"), BUNDLED_MODEL)
    assert sentence.startswith(
        "I found nothing about this in your Russian documents. The bundled model can't"
    )


@pytest.mark.parametrize(("language", "beginning"), [("ru", "В ваших"), ("zh", "我"), ("de", "Dazu")])
def test_nothing_found_is_said_in_the_question_s_language(language: str, beginning: str) -> None:
    assert nothing_found(language).startswith(beginning)


@pytest.mark.parametrize("language", [None, "en", "sw"])
def test_nothing_found_is_said_in_english_elsewhere(language: str | None) -> None:
    assert nothing_found(language) == NOTHING_FOUND

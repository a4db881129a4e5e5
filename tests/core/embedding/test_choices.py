"""Models by name: which languages they read, what they want before a text, and what is said of a misfit."""

from __future__ import annotations

import numpy as np
import pytest

from core.config.settings import BUNDLED_MODEL
from core.embedding.choices import CHOICES, NANO_MODEL, misfit, prompts_of, reads_language
from core.embedding.model import Embedder

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("model", "english", "russian"),
    [
        (BUNDLED_MODEL, True, False),
        ("sentence-transformers/all-MiniLM-L6-v2", True, False),
        ("BAAI/bge-base-en-v1.5", True, False),
        ("intfloat/e5-small-v2", True, False),
        ("intfloat/multilingual-e5-small", True, True),
        ("BAAI/bge-m3", True, True),
        (NANO_MODEL, True, True),
        ("someone/their-model", None, None),
    ],
)
def test_name_of_a_model_says_which_languages_it_reads(
    model: str, english: bool | None, russian: bool | None
) -> None:
    assert (reads_language(model, "en"), reads_language(model, "ru")) == (english, russian)


def test_misfit_names_the_languages_and_the_choices() -> None:
    sentence = misfit(BUNDLED_MODEL, [("ru", 0.0), ("en", 0.0), (None, None), ("zh", 0.09)])
    assert sentence is not None
    assert "The bundled model was made for English. Documents in Chinese and Russian" in sentence
    assert all(choice.setting in sentence for choice in CHOICES[1:3])
    assert "kb change-model" in sentence
    assert "unknown" not in sentence
    assert misfit(BUNDLED_MODEL, [("en", 0.02), (None, None)]) is None
    assert misfit("BAAI/bge-m3", [("ru", 0.0)]) is None


def test_misfit_says_how_much_of_a_document_the_model_cannot_read() -> None:
    sentence = misfit(BUNDLED_MODEL, [("zh", 0.412), ("en", 0.0)])
    assert sentence is not None
    assert "Documents in Chinese (up to 41 % of a document's text is unknown to it) are found" in sentence


def test_misfit_of_a_model_that_does_not_say_its_languages_is_told_by_what_it_cannot_read() -> None:
    sentence = misfit("somebody/model", [("zh", 0.3), ("en", 0.0)])
    assert sentence is not None
    assert "The model somebody/model has no entry for some letters or words: up to 30 %" in sentence
    assert misfit("somebody/model", [("zh", None), ("en", 0.09)]) is None


def test_chance_is_where_the_similarities_of_unrelated_texts_lie(embedder: Embedder) -> None:
    mean, deviation = embedder.unrelated_similarity
    assert -0.1 < mean < 0.2
    assert 0.02 < deviation < 0.2
    question = np.asarray(embedder.embed_query("How tall is the lighthouse?"))
    similarity = float(embedder.embed(["The lighthouse is 37 metres tall."])[0] @ question)
    assert (similarity - mean) / deviation > 4


def test_other_models_get_nothing_before_their_texts() -> None:
    assert prompts_of("BAAI/bge-m3") is None
    assert prompts_of("someone/base5-small") is None

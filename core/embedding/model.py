"""The embedding model: bundled by default, any Hugging Face name or folder on request."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.config.settings import BUNDLED_MODEL, Settings
from core.documents.tokenization import Tokenization
from core.embedding.choices import NANO_MODEL, NANO_SETTING, reads_language
from core.errors import EmbeddingError, ModelUnavailableError

if TYPE_CHECKING:
    import numpy as np

# Called with bytes done and bytes in total (None while unknown).
DownloadProgress = Callable[[int, int | None], None]


class EmbeddingModel(Protocol):
    """What runs a model: of the modules beside this `bundled_model`, `nano_model` or `hugging_face_model`."""

    @property
    def dim(self) -> int:
        """The length of each vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """What it reads of a text, special tokens included; what lies behind is ignored."""
        ...

    @property
    def precision(self) -> str:
        """In what it multiplies: "bfloat16", "int8" or "float32"."""
        ...

    @property
    def text_prompt(self) -> str:
        """What stands before each text that is embedded; "" where the model wants nothing."""
        ...

    @property
    def parallel(self) -> int:
        """How many calls of `encode` at once use the machine best."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of any length, shape (len(texts), dim); it blocks, and any thread may call it."""
        ...

    def encode_query(self, question: str) -> np.ndarray:
        """The vector of a question, shape (dim,), with the model's query instruction where it has one."""
        ...

    def tokenizer_json(self) -> str:
        """The tokenizer in the form of the library `tokenizers`; it may be set to cut long texts off."""
        ...

    def on_all_cores(self) -> AbstractContextManager[None]:
        """Let one call have all cores meanwhile, for when nothing else is to be embedded."""
        ...


# No passage has anything to do with a question, or with another one.
UNRELATED_QUESTIONS = (
    "How tall is the lighthouse?",
    "When was the company founded?",
    "Who wrote the letter?",
    "What does the ticket cost?",
    "Which bread rises longest?",
    "How many people live in the valley?",
)
UNRELATED_PASSAGES = (
    "The recipe asks for flour, salt and two eggs.",
    "A train leaves for the coast every hour.",
    "The committee met on Tuesday and elected a chairman.",
    "Volcanic soil is rich in minerals.",
    "The software must be restarted after an update.",
    "Her grandmother played the violin in an orchestra.",
)
LEAST_DEVIATION = 0.005


@dataclass(frozen=True)
class Embedder:
    """A loaded embedding model.

    Attributes:
        name: As stored on the knowledge base.
    """

    name: str
    model: EmbeddingModel

    @property
    def dim(self) -> int:
        """Dimension of its vectors."""
        return self.model.dim

    @property
    def max_tokens(self) -> int:
        """What it reads of a text, special tokens included; what lies behind is ignored."""
        return self.model.max_tokens

    @property
    def precision(self) -> str:
        """ "bfloat16", "int8" or "float32"."""
        return self.model.precision

    @property
    def parallel(self) -> int:
        """How many calls of `embed` at once use the machine best."""
        return self.model.parallel

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of `texts`, shape (len(texts), dim), float32.

        Raises:
            EmbeddingError: When the model fails on a text.
        """
        import numpy as np

        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        try:
            vectors = self.model.encode(texts)
        except (RuntimeError, ValueError, IndexError) as exc:
            raise EmbeddingError(f"The embedding model {self.name} failed on a text: {exc}") from exc
        _trim_heap()
        return _normalised(np.asarray(vectors, dtype=np.float32))

    async def aembed(self, texts: Sequence[str]) -> np.ndarray:
        """`embed`, in a thread: the model would block the event loop."""
        return await asyncio.to_thread(self.embed, texts)

    def embed_query(self, question: str) -> list[float]:
        """The unit vector of a question, with the model's query instruction where it has one."""
        vector: list[float] = _normalised(self.model.encode_query(question)[None, :])[0].tolist()
        return vector

    async def aembed_query(self, question: str) -> list[float]:
        """`embed_query`, in a thread."""
        return await asyncio.to_thread(self.embed_query, question)

    def reads(self, language: str | None) -> bool | None:
        """Whether it was trained on texts of a language; None where that is not known."""
        if language is None:
            return None
        return reads_language(self.name, language)

    @cached_property
    def unrelated_similarity(self) -> tuple[float, float]:
        """Mean and standard deviation of the cosine similarity of questions and unrelated passages.

        Where they lie tells what a similarity is worth: 0.7 is near for one model, and nothing for another
        whose similarities begin there.
        """
        import numpy as np

        questions = np.asarray([self.embed_query(question) for question in UNRELATED_QUESTIONS])
        similarities = questions @ self.embed(UNRELATED_PASSAGES).T
        return float(similarities.mean()), max(float(similarities.std()), LEAST_DEVIATION)

    @cached_property
    def tokenization(self) -> Tokenization:
        """What has to be known of the model to cut texts for it."""
        return Tokenization(
            tokenizer_json=self.model.tokenizer_json(),
            max_tokens=self.max_tokens,
            text_prompt=self.model.text_prompt,
        )

    def on_all_cores(self) -> AbstractContextManager[None]:
        """While this lasts, one call of `embed` at a time has every core."""
        return self.model.on_all_cores()


@cache
def _c_library() -> ctypes.CDLL | None:
    """glibc, or None on systems with another C library."""
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") else None


def _trim_heap() -> None:
    # Batches of many lengths fragment glibc's heap: a long document would keep hundreds of MB.
    library = _c_library()
    if library is not None:
        library.malloc_trim(0)


def _normalised(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(norms, 1e-12)


def load_embedder(settings: Settings, *, on_download: DownloadProgress | None = None) -> Embedder:
    """Load the model that the settings name; blocks for a second, another one than the bundled for many.

    Args:
        settings: They name the model, and the folder in which downloaded ones are kept.
        on_download: Told of bytes done and in total while a model is fetched from the hub; None where nobody
            asks.

    Raises:
        ModelUnavailableError: When it is not installed, is another one, or can't be fetched or run.
    """
    if settings.embed_model is None:
        from core.embedding.bundled_model import BundledModel, bundled_folder

        bundled = BundledModel(bundled_folder())
        _trim_heap()
        return Embedder(BUNDLED_MODEL, bundled)
    if settings.embed_model == NANO_SETTING:
        from core.embedding.nano_model import NanoModel, nano_file

        return Embedder(NANO_MODEL, NanoModel(nano_file()))
    from core.embedding.hugging_face_model import HuggingFaceModel

    folder = _folder(settings, settings.embed_model, on_download)
    return Embedder(settings.embed_model, HuggingFaceModel(folder, settings.embed_model))


def known_model(settings: Settings) -> tuple[str, int] | None:
    """Name and dimension of the model where they are known before it is loaded."""
    if settings.embed_model is not None:
        return None
    from core.embedding.bundled_model import DIM

    return BUNDLED_MODEL, DIM


def _folder(settings: Settings, name: str, on_download: DownloadProgress | None) -> Path:
    """Where the named model is: a folder as it is, or a model of the hub, fetched.

    Raises:
        ModelUnavailableError: When there is no such folder, or the model can't be fetched.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if name.startswith((".", "/", "~")):
        raise ModelUnavailableError(
            f"EMBED_MODEL names the folder {name}, which does not exist. "
            "Correct it, or unset it to use the bundled model."
        )
    from core.embedding.download import fetch_model

    return fetch_model(name, settings.data_dir / "models", on_download)


_lock = threading.Lock()
# By EMBED_MODEL: while one model is fetched, which takes minutes, the others are there.
_loading: dict[str | None, threading.Lock] = {}
_loaded: dict[str | None, Embedder] = {}


def shared_embedder(settings: Settings, *, on_download: DownloadProgress | None = None) -> Embedder:
    """The process's one copy of the model; the first call loads it, others for the same one wait for that."""
    name = settings.embed_model
    with _lock:
        loading = _loading.setdefault(name, threading.Lock())
    with loading:
        if name not in _loaded:
            _loaded[name] = load_embedder(settings, on_download=on_download)
        return _loaded[name]

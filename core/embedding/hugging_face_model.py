"""Any embedding model of Hugging Face, or a local folder of one, through LlamaIndex and torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.embedding.choices import prompts_of
from core.errors import ModelUnavailableError
from core.runtime.cpu_affinity import num_cores

if TYPE_CHECKING:
    import numpy as np

BATCH_SIZE = 8
# More passes at once than this would cost memory for little.
MAX_PARALLEL = 4


class HuggingFaceModel:
    """A model that sentence-transformers loads. `encode` may be called by several threads at once.

    Attributes:
        precision: "bfloat16" where the CPU multiplies it in hardware, else "float32".
        text_prompt: What the model wants before every text; most want nothing.
        parallel: Passes that run side by side, each on cores of its own.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Load the model of `folder`, called `name`; blocks for seconds.

        Raises:
            ModelUnavailableError: When sentence-transformers can't load it.
        """
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
        # LlamaIndex knows of BGE and Instructor what they want, not of E5.
        prompts = prompts_of(name) or (
            get_query_instruct_for_model_name(name),
            get_text_instruct_for_model_name(name),
        )
        self.text_prompt = str(prompts[1])
        self.precision = "bfloat16" if is_bfloat16 else "float32"
        try:
            self._model = HuggingFaceEmbedding(
                model_name=str(folder),
                device=device,
                embed_batch_size=BATCH_SIZE,
                # By the model's name: the class would look the folder's up, and find none.
                query_instruction=prompts[0],
                text_instruction=self.text_prompt,
                model_kwargs={"dtype": torch.bfloat16} if is_bfloat16 else {},
            )
            dim = self._model._model.get_embedding_dimension()
        except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as exc:
            raise ModelUnavailableError(
                f"The embedding model {name} can't be loaded from {folder}: {exc}. "
                "Check the folder, or unset EMBED_MODEL to use the bundled model."
            ) from exc
        self.dim = int(dim or len(self._model.get_text_embedding("dimension")))
        self.max_tokens = int(self._model._model.max_seq_length or 512)
        self.parallel = _share_cores() if device == "cpu" else 1

    def tokenizer_json(self) -> str:
        """The model's own fast tokenizer, with the truncation that embedding last set."""
        written: str = self._model._model.tokenizer.backend_tokenizer.to_str()
        return written

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of any length, shape (len(texts), dim).

        Handing over all at once lets sentence-transformers put texts of like length into one batch.
        """
        vectors: np.ndarray = self._model._model.encode(
            list(texts), prompt_name="text", batch_size=BATCH_SIZE, show_progress_bar=False
        )
        return vectors

    def encode_query(self, question: str) -> np.ndarray:
        """The vector of a question, with the model's query instruction where it has one; shape (dim,)."""
        import numpy as np

        return np.asarray(self._model.get_query_embedding(question), dtype=np.float32)

    @contextmanager
    def on_all_cores(self) -> Iterator[None]:
        """Give one pass every core, and take them back afterwards."""
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(num_cores())
        try:
            yield
        finally:
            torch.set_num_threads(before)


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


def _share_cores() -> int:
    """Give each of several passes its own cores, and return how many passes that are.

    One pass over all cores waits at the end of every layer for the slowest of them; on 2 cores two
    passes of one thread each embed about a third more texts a second (tests/performance/ingest.py).
    """
    import torch

    parallel = min(num_cores(), MAX_PARALLEL)
    torch.set_num_threads(max(1, num_cores() // parallel))
    return parallel

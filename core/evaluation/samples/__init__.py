"""A small handbook on waiting, searching and measuring, to try the app with before uploading anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.config.settings import BUNDLED_MODEL

if TYPE_CHECKING:
    import numpy as np

# Some 100 chunks.
HANDBOOK_COPIES = 6
_FOLDER = Path(__file__).parent
# What the bundled model makes of the handbook's chunks; `python -m deploy.embed_samples` writes it.
VECTORS_FILE = _FOLDER / "vectors.npz"

# Each is answered in exactly one place of the handbook.
SUGGESTED_QUESTIONS: tuple[str, ...] = (
    "What happens when a coroutine blocks the event loop?",
    "Why does a Strong search have to wait?",
    "What is coordinated omission?",
    "How much should neighbouring chunks overlap?",
    "Why are the first runs of a benchmark thrown away?",
)


def sample_files() -> tuple[Path, ...]:
    """The handbook's documents, in the order of their names."""
    return tuple(
        sorted(path for path in _FOLDER.iterdir() if path.suffix in {".md", ".txt", ".html", ".pdf"})
    )


def handbook(num_copies: int = HANDBOOK_COPIES) -> bytes:
    """The handbook's texts as one Markdown document, so many times over: long enough to see steps overlap."""
    texts = [path.read_text(encoding="utf-8") for path in sample_files() if path.suffix in {".md", ".txt"}]
    copies = [f"# Copy {number}\n\n" + "\n\n".join(texts) for number in range(1, num_copies + 1)]
    return "\n\n".join(copies).encode()


def questions_file(*, are_in_english: bool = True) -> Path:
    """Questions about the handbook with their known answers: see `core.evaluation.questions`.

    Args:
        are_in_english: As the handbook is; otherwise fewer of them, in German, Spanish and Chinese.
    """
    return _FOLDER / ("questions.jsonl" if are_in_english else "questions-de-es-zh.jsonl")


def sample_vectors(model: str) -> dict[str, np.ndarray]:
    """The unit vectors of the handbook's chunks by the hash of their text; empty but for the bundled model.

    They come with Overlap, so that a newcomer's first answer need not wait for the model.
    """
    import numpy as np

    if model != BUNDLED_MODEL:
        return {}
    with np.load(VECTORS_FILE) as kept:
        return dict(zip(kept["hashes"].tolist(), kept["vectors"].astype(np.float32), strict=True))

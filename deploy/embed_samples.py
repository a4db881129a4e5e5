"""Embed the handbook's chunks anew: needed after its texts, the readers or the chunker have changed.

python -m deploy.embed_samples
"""

from __future__ import annotations

import numpy as np

from core.config.settings import BUNDLED_MODEL
from core.documents.chunking import Cutter, chunk_document
from core.documents.readers.reader import read_document
from core.embedding.bundled_model import BundledModel, bundled_folder
from core.embedding.model import Embedder
from core.evaluation.samples import VECTORS_FILE, sample_files


def main() -> None:
    """Write the vectors' file."""
    # As exact as it can be: what runs the model in less is held to a cosine of 0.999.
    embedder = Embedder(BUNDLED_MODEL, BundledModel(bundled_folder(), precision="float32"))
    cutter = Cutter.of(embedder.tokenization)
    texts = {
        chunk.text_hash: chunk.text
        for path in sample_files()
        for chunk in chunk_document(read_document(path.name, path.read_bytes()), cutter)
    }
    vectors = embedder.embed(list(texts.values()))
    # Half the size, and the cosine to the unrounded ones is 1.000000.
    np.savez(VECTORS_FILE, hashes=np.array(list(texts)), vectors=vectors.astype(np.float16))


if __name__ == "__main__":
    main()

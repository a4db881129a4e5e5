"""Files of a folder, damaged in a fixed way, through the app's own reader with its limits.

    python tests/fuzz/damage.py FOLDER [--flips 20]

Each file whole, cut at every tenth, with bytes flipped (seeded), and in ZIP archives inside each other.
Generated files of every type besides. Each must give a document or our error; printed is how many gave
what. Exit code 1 for anything else, and when a process, a thread or an open file is left over.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil

from core.config.settings import Settings
from core.documents.models import CutDocument
from core.documents.sandbox.pool import DocumentReader
from core.documents.sources.zip_archive import zip_files
from core.documents.tokenization import Tokenization
from core.embedding.model import shared_embedder
from core.errors import DocumentError
from tests.documents import build_zip
from tests.fuzz.files import READ_SUFFIXES, check_document, check_sentence, file_seeds

DEPTH = 20


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--flips", type=int, default=20, help="damaged copies of each file")
    args = parser.parse_args()
    files = [(path.name, path.read_bytes()) for path in sorted(args.folder.iterdir()) if path.is_file()]
    for suffix in READ_SUFFIXES:
        files += [(f"made{number}.{suffix}", data) for number, data in enumerate(file_seeds(suffix))]
    tokenization = shared_embedder(Settings.from_env({})).tokenization
    before = _use()
    reader, results, slowest, faults = DocumentReader(), Counter[str](), (0.0, ""), 0
    for what, name, data in (damage for file in files for damage in _damages(*file, args.flips)):
        started_s = time.monotonic()
        try:
            results[f"{what}: {_outcome(reader, name, data, tokenization)}"] += 1
        except Exception as exc:
            faults += 1
            print(f"FAULT {what} of {name}: {exc!r}")
        slowest = max(slowest, (time.monotonic() - started_s, f"{what} of {name}"))
    reader.close()
    for line, number in sorted(results.items()):
        print(f"{number:6} {line}")
    after = _use()
    print(f"{results.total() + faults:,} inputs from {len(files)} files, {faults} faults")
    print(f"slowest {slowest[0]:.2f} s: {slowest[1]}; before {before}, after {after}")
    return 1 if faults or any(after[name] > before[name] for name in ("children", "files", "threads")) else 0


def _outcome(reader: DocumentReader, name: str, data: bytes, tokenization: Tokenization) -> str:
    try:
        if name.endswith(".zip"):
            return f"{len([file.read() for file in zip_files(name, data)])} file unpacked"
        _check(reader.read(name, data, tokenization))
    except DocumentError as exc:
        check_sentence(str(exc))
        return type(exc).__name__ + (" (its process ended)" if "ended the process" in str(exc) else "")
    return "read"


def _check(cut: CutDocument) -> None:
    """Raise AssertionError where its chunks do not make a document."""
    texts: dict[int | None, str] = {}
    for chunk in cut.chunks:
        texts[chunk.page] = texts.get(chunk.page, "") + chunk.text
    pages = tuple(replace(page, text=texts.get(page.number, "")) for page in cut.document.pages)
    check_document(replace(cut.document, pages=pages))


def _damages(name: str, data: bytes, num_flips: int) -> Iterator[tuple[str, str, bytes]]:
    yield "whole", name, data
    for tenth in range(1, 10):
        yield "cut", name, data[: len(data) * tenth // 10]
    rng = random.Random(name)
    for number in range(num_flips):
        damaged = bytearray(data)
        # From a single bit to one byte in a hundred.
        for _ in range(1 + number * len(data) // 100 // max(1, num_flips)):
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        yield "flipped", name, bytes(damaged)
    packed = build_zip({name: data})
    yield "zipped", f"{name}.zip", packed
    yield "zip as file", name, packed
    for _ in range(DEPTH):
        packed = build_zip({"inner.zip": packed})
    yield "zipped deeply", f"{name}.zip", packed
    yield "zip cut", f"{name}.zip", packed[: len(packed) // 2]


def _use() -> dict[str, int]:
    process = psutil.Process()
    return {
        "MB": process.memory_info().rss >> 20,
        "files": process.num_fds(),
        "threads": threading.active_count(),
        "children": len(process.children(recursive=True)),
    }


if __name__ == "__main__":
    sys.exit(main())

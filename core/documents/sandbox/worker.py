"""The process that files are read and cut in: one after another, with limits.

See `core.documents.sandbox.pool`.

    python -m core.documents.sandbox.worker MEMORY_BYTES

stdin: a line of JSON (name, size, password, ocr, encoding, main_only, time_s, is_whole, and the tokenization
where it is another than before), then the file's bytes; again and again.
stdout: messages, a line of JSON each: {"pages": [done, of]} now and then, {"document": ...} when it is read,
{"chunks": [...]} part by part, or where is_whole {"page": [...]} one by one, and at the end {"done": true}
(of a file that was cut with its unknown_share), {"error": class, "message": sentence} or {"memory": true}.
It ends when stdin does, or when the process that started it is gone.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from itertools import islice
from typing import Any, BinaryIO

from core import errors
from core.documents.chunking import Cutter, chunk_document
from core.documents.models import Document
from core.documents.readers.reader import read_document, warm_up
from core.documents.tokenization import Tokenization, unknown_share
from core.errors import DocumentError
from core.runtime.child_process import end_with_parent

# All of a long file's at once would be held twice on either side of the pipe.
CHUNKS_A_MESSAGE = 256
PROGRESS_EVERY_S = 0.1
# The parent ends a worker in time; this is for a parent that is gone while a parser lets no thread see that.
ALARM_MARGIN_S = 10.0


def main() -> None:
    """Answer requests from stdin on stdout until stdin ends; `sys.argv[1]` limits memory, in bytes."""
    # What a library prints must not get between the messages.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory(int(sys.argv[1]))
    # One that is stuck in a file does not look at stdin.
    end_with_parent()
    _warm_up()
    cutter: Cutter | None = None
    requests = sys.stdin.buffer
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        if len(data) < request["size"]:
            break
        if request["tokenization"] is not None:
            cutter = Cutter.of(Tokenization(**request["tokenization"]))
        _send(answers, _answer(request, data, cutter, answers))


def _answer(request: dict[str, Any], data: bytes, cutter: Cutter | None, answers: BinaryIO) -> dict[str, Any]:
    """Read a file and send what it is, cut or by its pages; returns the last message."""
    try:
        document = _read(request, data, answers)
        _send(answers, {"document": _as_json(document)})
        if request["is_whole"]:
            for page in document.pages:
                _send(answers, {"page": [page.text, page.blocks, page.rows]})
        else:
            assert cutter is not None, "the first file to cut comes with a tokenization"
            _cut(document, cutter, answers)
            texts = [page.text for page in document.pages]
            return {"done": True, "unknown_share": unknown_share(texts, cutter.tokenizer)}
    except DocumentError as exc:
        return {"error": type(exc).__name__, "message": str(exc)}
    except MemoryError:
        return {"memory": True}
    return {"done": True}


def _read(request: dict[str, Any], data: bytes, answers: BinaryIO) -> Document:
    last_s = time.monotonic()

    def on_page(done: int, of: int) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= PROGRESS_EVERY_S:
            last_s = time.monotonic()
            _send(answers, {"pages": [done, of]})

    _set_alarm(request["time_s"])
    try:
        return read_document(
            request["name"],
            data,
            password=request["password"],
            ocr=request["ocr"],
            encoding=request["encoding"],
            main_only=request["main_only"],
            on_page=on_page,
        )
    finally:
        _set_alarm(None)


def _cut(document: Document, cutter: Cutter, answers: BinaryIO) -> None:
    chunks = chunk_document(document, cutter)
    while some := list(islice(chunks, CHUNKS_A_MESSAGE)):
        _send(answers, {"chunks": some})


def _as_json(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "file": document.file,
        "size_bytes": document.size_bytes,
        "pages": [[page.number, page.is_damaged, page.label] for page in document.pages],
        "notes": document.notes,
        "num_chars": sum(len(page.text) for page in document.pages),
    }


def _send(answers: BinaryIO, message: dict[str, Any]) -> None:
    import orjson

    answers.write(orjson.dumps(message) + b"\n")
    answers.flush()


def error_of(name: str, message: str) -> DocumentError:
    """The error that the worker named; only those about documents can come out of it."""
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, DocumentError):
        return kind(message)
    return DocumentError(message)


def _limit_memory(num_bytes: int) -> None:
    if sys.platform == "win32":  # it has no such limit
        return
    import resource

    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        try:
            resource.setrlimit(limit, (num_bytes, num_bytes))
        except (OSError, ValueError):
            continue  # macOS refuses it


def _set_alarm(limit_s: float | None) -> None:
    # Its default action ends the process, also one that is stuck in C code.
    if sys.platform != "win32":
        signal.alarm(0 if limit_s is None else math.ceil(limit_s + ALARM_MARGIN_S))


def _warm_up() -> None:
    import numpy  # noqa: F401
    import orjson  # noqa: F401
    import pypdfium2  # noqa: F401
    import tokenizers  # noqa: F401

    warm_up()


if __name__ == "__main__":
    main()

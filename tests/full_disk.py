"""Fills a small disk and works on it: `python -m tests.full_disk FOLDER` prints what was seen as JSON.

In a process of its own, because the disk is mounted for that process alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.bench.records.archive import load_run
from core.bench.records.codec import write_run
from core.config.settings import Settings
from core.embedding.model import shared_embedder
from core.errors import OverlapError
from core.ingest.pipeline import Ingest
from core.store import KnowledgeStore
from tests.bench_runs import RUN_ID, make_run
from tests.conftest import release_lite
from tests.faults import DOCUMENT_ID, SMALL_TEXT, TEXT, open_store, text_file


def fill(path: Path) -> None:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(handle, bytes(4096))
    except OSError:
        os.close(handle)


async def ingest(store: KnowledgeStore, settings: Settings, *files: tuple[bytes, str]) -> list[list[str]]:
    job = Ingest(
        [text_file(data, name) for data, name in files], store=store, embedder=shared_embedder(settings)
    )
    return [[file.stage, file.error or ""] for file in (await job.run()).files]


def sentence(call: Callable[[], object]) -> str:
    try:
        call()
    except OverlapError as exc:
        return str(exc)
    return ""


async def main(folder: Path) -> dict[str, Any]:
    settings = Settings.from_env({"OVERLAP_DATA_DIR": str(folder)})
    embedder = shared_embedder(settings)
    store = open_store(settings.target, embedder)
    record = settings.runs_dir / f"{RUN_ID}.json"
    seen: dict[str, Any] = {"before": await ingest(store, settings, (SMALL_TEXT, "small.txt"))}
    write_run(make_run(note="first"), record)
    fill(folder / "filler")
    seen["full"] = await ingest(store, settings, (TEXT, "long.txt"))
    seen["record"] = sentence(lambda: write_run(make_run(note="second"), record))
    seen["record_note"] = load_run(record).note
    seen["records"] = len(list(settings.runs_dir.iterdir()))
    seen["hit"] = store.search(embedder.embed_query("How high is the lighthouse?"), 1)[0].node.get_content()
    seen["opening"] = sentence(lambda: open_store(settings.target, embedder))
    (folder / "filler").unlink()
    seen["after"] = await ingest(store, settings, (TEXT, "long.txt"))
    seen["rows"] = store.count()
    release_lite(settings.target.uri)
    again = open_store(settings.target, embedder, create=False)
    seen["rows_reopened"] = again.count()
    seen["documents"] = sorted([document.file, document.is_complete] for document in again.documents())
    seen["ids"] = len(again.chunk_ids(DOCUMENT_ID))
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1])))))

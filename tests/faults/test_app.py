"""The app's own process killed, or started twice: the next one goes on from what is there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bench.load.runner import run_plan
from core.bench.plan.plan import Plan
from core.bench.records.archive import load_run
from core.config.settings import Settings, Target
from core.documents.chunking import Cutter, chunk_document
from core.documents.readers.reader import read_document
from core.embedding.model import Embedder
from core.ingest.pipeline import Ingest
from core.store import KnowledgeStore, bench_collections, connect
from tests.bench_runs import RUN_ID
from tests.conftest import release_lite
from tests.faults import DOCUMENT_ID, KB, TEXT, open_store, text_file, wait_until
from tests.lite_process import LiteProcess

NEXT_ID = "20261122T154013Z-0a1b2c"


@pytest.fixture
def milvus(tmp_path: Path) -> Iterator[LiteProcess]:
    with LiteProcess(tmp_path / "milvus") as running:
        yield running


def _core(*arguments: str, data_dir: Path, target: Target | None = None) -> subprocess.Popen[str]:
    env = os.environ | {"OVERLAP_DATA_DIR": str(data_dir)}
    if target is not None:
        env["MILVUS_URI"] = target.uri
    return subprocess.Popen(
        [sys.executable, "-m", "core", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _ingest(path: Path, data_dir: Path, target: Target | None = None) -> subprocess.Popen[str]:
    return _core("ingest", str(path), "--kb", KB, "--json", data_dir=data_dir, target=target)


async def _undisturbed(store: KnowledgeStore, embedder: Embedder) -> set[str]:
    await Ingest([text_file()], store=store, embedder=embedder).run()
    return store.chunk_ids(DOCUMENT_ID)


async def test_killed_ingest_is_completed_by_the_same_command(
    settings: Settings, tmp_path: Path, embedder: Embedder, cutter: Cutter
) -> None:
    # So long that it is still going in when its progress was read here.
    text = b" ".join(TEXT.replace(b"thing", b"thing %d" % part) for part in range(6))
    path = tmp_path / "long.txt"
    path.write_bytes(text)
    with _ingest(path, settings.data_dir) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if re.search(r" [1-9]\d*/\d+ chunks", line):
                process.kill()
                break
    assert process.returncode == -9
    with _ingest(path, settings.data_dir) as again:
        output, _ = again.communicate(timeout=600)
    (file,) = json.loads(output)["files"]
    assert file["stage"] == "done" and 0 < file["added"] < file["chunks"]
    kb = open_store(settings.target, embedder, create=False)
    document = read_document(path.name, text)
    assert kb.chunk_ids(document.id) == {chunk.id for chunk in chunk_document(document, cutter)}
    assert kb.count() == file["chunks"]
    await kb.aclose()
    release_lite(kb.target.uri)


async def test_two_processes_that_ingest_the_same_file_at_once_add_it_once(
    milvus: LiteProcess, store: KnowledgeStore, tmp_path: Path, embedder: Embedder
) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(TEXT)
    processes = [_ingest(path, tmp_path / name, milvus.target) for name in ("one", "two")]
    outputs = [process.communicate(timeout=180) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    kb = open_store(milvus.target, embedder, create=False)
    assert kb.chunk_ids(DOCUMENT_ID) == await _undisturbed(store, embedder)
    assert kb.count() == 61
    assert len(kb.documents()) == 1
    await kb.aclose()


async def test_two_sessions_of_one_process_that_ingest_the_same_file_at_once_add_it_once(
    milvus: LiteProcess, store: KnowledgeStore, embedder: Embedder
) -> None:
    opened = await asyncio.gather(*[asyncio.to_thread(open_store, milvus.target, embedder) for _ in range(2)])
    await asyncio.gather(*[Ingest([text_file()], store=kb, embedder=embedder).run() for kb in opened])
    assert opened[0].chunk_ids(DOCUMENT_ID) == await _undisturbed(store, embedder)
    assert [kb.count() for kb in opened] == [61, 61]
    for kb in opened:
        await kb.aclose()


def test_killed_benchmark_reads_as_cut_and_the_next_one_clears_what_it_left(
    milvus: LiteProcess, tmp_path: Path
) -> None:
    path = tmp_path / f"{RUN_ID}.json"
    flags = ["--op", "add", "--lanes", "sync,async", "--counts", "10", "--dim", "8", "--repeats", "100"]
    bench = _core(
        "bench", "--target", milvus.target.uri, "--run-id", RUN_ID, "--out", str(path), "--events", *flags,
        data_dir=tmp_path / "data",
    )  # fmt: skip
    with bench as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "trial":
                process.kill()
                break
    cut = load_run(path)
    assert (cut.status, cut.note) == ("stopped", "The process ended before the run did.")
    assert cut.trials and all(trial.num_ok == 10 for trial in cut.trials)
    # A collection of the run is not ours to drop only because it is called so.
    connect(milvus.target).create_collection("overlap_bench_foreign", dimension=4)
    assert bench_collections(milvus.target)
    plan = Plan(target=milvus.target.label, operations=("add",), counts=(5,), dim=8)
    done = run_plan(
        plan, milvus.target, run_id=NEXT_ID, path=tmp_path / f"{NEXT_ID}.json", emit=lambda event: None
    )
    assert done.status == "complete"
    assert any("ended run had left were dropped" in note for note in done.environment["notes"])
    assert connect(milvus.target).list_collections() == ["overlap_bench_foreign"]
    wait_until(lambda: bench_collections(milvus.target) == {}, "the clearing")

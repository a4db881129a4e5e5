"""A real Milvus server is killed once, in the middle of everything, and started again."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.bench.records.archive import load_run
from core.bench.records.run import Run
from core.config.settings import Settings, Target
from core.documents.file_identity import document_id
from core.embedding.model import Embedder
from core.errors import StoreError
from core.ingest.pipeline import Ingest
from core.ingest.progress import IngestSnapshot, Stage
from core.servers.standalone import LocalMilvus
from core.store import KnowledgeStore, bench_collections
from tests.bench_runs import RUN_ID
from tests.conftest import release_lite
from tests.faults import DOCUMENT_ID, SMALL_TEXT, WAIT_S, ActingEmbedder, open_store, text_file, wait_until

SMALL = document_id(SMALL_TEXT)
QUESTION = "How high is the lighthouse?"
NEXT_ID = "20261122T154013Z-0a1b2c"
BENCH = ["--op", "add,search", "--lanes", "sync,async", "--counts", "20", "--dim", "16", "--time-limit", "20"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """What was seen. Texts are sentences; hits are the ids that the same search found, best first."""

    snapshot: IngestSnapshot
    waits: list[str]
    chunk_ids: set[str]
    undisturbed_ids: set[str]
    num_rows: int
    search_while_away: str
    delete_while_away: str
    hits_before: list[str]
    hits_after: list[str]
    deleted_again: int
    small_left: int
    cut_run: Run
    next_run: Run
    collections_left: dict[str, str]


@pytest.fixture(scope="module")
def observed(milvus: LocalMilvus, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Observed:
    return asyncio.run(_observe(milvus, embedder, tmp_path_factory.mktemp("faults")))


async def _observe(milvus: LocalMilvus, embedder: Embedder, folder: Path) -> Observed:
    target = Target(uri=(await asyncio.to_thread(milvus.start)).uri)
    kb = await asyncio.to_thread(open_store, target, embedder)
    await Ingest([text_file(SMALL_TEXT)], store=kb, embedder=embedder).run()
    bench = _bench(target, folder, RUN_ID, "--repeats", "100")
    try:
        return await _observe_with(milvus, kb, embedder, bench, folder)
    finally:
        bench.kill()
        bench.wait()


async def _observe_with(
    milvus: LocalMilvus,
    kb: KnowledgeStore,
    embedder: Embedder,
    bench: subprocess.Popen[bytes],
    folder: Path,
) -> Observed:
    target, vector = kb.target, embedder.embed_query(QUESTION)
    hits_before = await _hits(kb, vector)
    restarts: list[asyncio.Task[object]] = []
    sentences: list[str] = []

    async def kill() -> None:
        await asyncio.to_thread(wait_until, lambda: kb.count() > 1, "the first insert")
        await asyncio.to_thread(wait_until, lambda: _has_trials(folder / f"{RUN_ID}.json"), "the first trial")
        milvus.kill()
        sentences.append(await _failure(kb.asearch(vector, 1)))
        sentences.append(await _failure(asyncio.to_thread(kb.delete_document, SMALL)))
        restarts.append(asyncio.create_task(asyncio.to_thread(restart)))

    def restart() -> None:
        # A server that is back before the next insert would leave nothing to wait for.
        wait_until(lambda: _waits(job.snapshot()), "waiting for the server")
        milvus.start()

    acting = ActingEmbedder(embedder, kill)
    job = Ingest([text_file()], store=kb, embedder=acting)  # type: ignore[arg-type]
    snapshot = await job.run()
    await asyncio.gather(*restarts)
    assert await asyncio.to_thread(bench.wait, 120) == 1
    if job.retry(0):
        snapshot = await job.run()
    hits_after = await _hits_when_back(kb, vector)
    next_bench = _bench(target, folder, NEXT_ID, "--repeats", "1")
    assert await asyncio.to_thread(next_bench.wait, 120) == 0
    result = Observed(
        snapshot=snapshot,
        waits=_waits(snapshot),
        chunk_ids=kb.chunk_ids(DOCUMENT_ID),
        undisturbed_ids=await _undisturbed(embedder, folder),
        num_rows=kb.count(DOCUMENT_ID),
        search_while_away=sentences[0],
        delete_while_away=sentences[1],
        hits_before=hits_before,
        hits_after=hits_after,
        deleted_again=kb.delete_document(SMALL),
        small_left=kb.count(SMALL),
        cut_run=load_run(folder / f"{RUN_ID}.json"),
        next_run=load_run(folder / f"{NEXT_ID}.json"),
        collections_left=bench_collections(target),
    )
    kb.drop()
    await kb.aclose()
    return result


def _bench(target: Target, folder: Path, run_id: str, *flags: str) -> subprocess.Popen[bytes]:
    out = folder / f"{run_id}.json"
    argv = [sys.executable, "-m", "core", "bench", "--target", target.uri, "--run-id", run_id]
    argv += ["--out", str(out), *BENCH, *flags]
    env = os.environ | {"OVERLAP_DATA_DIR": str(folder / "data")}
    return subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _waits(snapshot: IngestSnapshot) -> list[str]:
    return [entry.event for entry in snapshot.log if entry.event.startswith("waits ")]


def _has_trials(path: Path) -> bool:
    return path.exists() and bool(json.loads(path.read_bytes())["trials"])


async def _hits(kb: KnowledgeStore, vector: list[float]) -> list[str]:
    return [hit.node.node_id for hit in await kb.asearch(vector, 1)]


async def _hits_when_back(kb: KnowledgeStore, vector: list[float]) -> list[str]:
    """The same store searches on; a server that calls itself ready may refuse for some seconds more."""
    until_s = time.monotonic() + WAIT_S
    while True:
        try:
            return await _hits(kb, vector)
        except StoreError:
            assert time.monotonic() < until_s, "the search does not come back"
            await asyncio.sleep(0.2)


async def _failure(call: Awaitable[object]) -> str:
    with pytest.raises(StoreError) as caught:
        await call
    return str(caught.value)


async def _undisturbed(embedder: Embedder, folder: Path) -> set[str]:
    lite = Settings.from_env({"OVERLAP_DATA_DIR": str(folder / "lite")}).target
    store = await asyncio.to_thread(open_store, lite, embedder)
    await Ingest([text_file()], store=store, embedder=embedder).run()
    ids = store.chunk_ids(DOCUMENT_ID)
    await store.aclose()
    release_lite(lite.uri)
    return ids


def test_ingest_waits_for_the_server_and_ends_with_the_same_chunks(observed: Observed) -> None:
    (file,) = observed.snapshot.files
    assert file.stage is Stage.DONE
    assert observed.waits
    assert observed.chunk_ids == observed.undisturbed_ids
    assert observed.num_rows == len(observed.chunk_ids) == file.num_chunks


def test_search_says_that_the_server_is_away_and_works_when_it_is_back(observed: Observed) -> None:
    assert "does not answer" in observed.search_while_away
    assert observed.hits_after == observed.hits_before != []


def test_delete_that_failed_is_repeated_and_leaves_nothing(observed: Observed) -> None:
    assert "does not answer" in observed.delete_while_away
    assert (observed.deleted_again, observed.small_left) == (1, 0)


def test_record_of_the_benchmark_is_complete_up_to_the_fault_and_says_why(observed: Observed) -> None:
    run = observed.cut_run
    assert run.status == "failed"
    assert "answer" in run.note
    whole = [trial for trial in run.trials if not (trial.num_failed or trial.cut)]
    assert whole and all(trial.num_ok == trial.count for trial in whole)
    assert len(run.trials) <= len(whole) + 2


def test_next_benchmark_is_whole_and_clears_what_the_cut_one_left(observed: Observed) -> None:
    assert observed.next_run.status == "complete"
    assert all(check.passed for check in observed.next_run.checks)
    assert observed.collections_left == {}

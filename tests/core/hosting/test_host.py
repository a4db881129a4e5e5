"""What the host of a shared app does for its visitors: it makes room, and deletes what is theirs."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from core.config.settings import Settings, Target
from core.config.shared_limits import SharedLimits
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import QuotaError, StoreError
from core.hosting.host import Host, Hosts
from core.hosting.ingest_admission import IngestJob, admit
from core.knowledge_base import KnowledgeBase
from core.runtime.jobs import Jobs
from core.store.collections import create_knowledge_base, knowledge_base_names
from core.store.owners import owners
from tests.visitors import ANN, BEN, CEM, DEA, NOW_S, PDF, give


def test_deletion_stops_an_ingest_and_waits_for_its_end(shared: Settings, embedder: Embedder) -> None:
    kb = KnowledgeBase.load("default", shared.for_visitor(ANN))
    texts = [f"Number {number} of the harbour. " * 150 for number in range(200)]
    ingest = kb.new_ingest(
        [
            IncomingFile(name=f"{number}.txt", size_bytes=len(text), read=text.encode)
            for number, text in enumerate(texts)
        ]
        + [IncomingFile(name="a.pdf", size_bytes=len(PDF), read=lambda: PDF)]
    )

    jobs = Jobs()
    busy = Host(shared, forget=jobs.forget_visitor)
    admission = admit(busy, ANN, [1])
    job = jobs.begin(IngestJob, f"lite|{ANN}|default", lambda: IngestJob(ingest, admission))
    while not ingest.snapshot().num_chunks_added and job.is_running:
        job.wait(0.01)
    busy.delete(ANN)
    assert not job.is_running, "it had ended before all was deleted"
    assert job.result is not None
    assert any(str(file.stage) == "stopped" for file in job.result.files)
    assert knowledge_base_names(shared.for_visitor(ANN).target) == []
    assert not (shared.visitors_dir / ANN).exists()


def test_nothing_begins_while_all_is_deleted(shared: Settings) -> None:
    refused: list[str] = []

    def forget(visitor: str) -> None:
        with pytest.raises(QuotaError, match="being deleted just now"):
            leaving.begin_ingest(ANN)
        leaving.begin_ingest(BEN)
        leaving.end_ingest(BEN)
        refused.append(visitor)

    leaving = Host(shared, forget=forget)
    leaving.delete(ANN)
    assert set(refused) == {ANN}
    leaving.begin_ingest(ANN)


def test_visitors_who_have_only_looked_give_place_to_a_newcomer(shared: Settings, embedder: Embedder) -> None:
    give(shared.for_visitor(ANN), embedder)
    create_knowledge_base(shared.for_visitor(BEN).target, "default", model=embedder.name, dim=embedder.dim)
    told: list[str] = []
    full = Host(replace(shared, limits=SharedLimits(total_visitors=3)), forget=told.append)
    for number, visitor in enumerate((ANN, BEN, CEM)):
        full.welcome(visitor, NOW_S + number)
    full.begin_ingest(CEM)
    full.end_ingest(CEM)
    full.welcome(DEA, NOW_S + 10)
    assert told == [BEN], "the others have something, or are about to"
    assert list(full.visits.known()) == [ANN, CEM, DEA]
    assert set(owners(shared.target)) == {ANN}
    full.begin_ingest(DEA)
    with pytest.raises(QuotaError, match="has 3 visitors"):
        full.welcome(BEN, NOW_S + 20)
    full.welcome(ANN, NOW_S + 30)


class Troubled:
    """A benchmark's place of which the first look fails, whatever the reason."""

    def __init__(self) -> None:
        self.num_looks = 0
        self.is_looked_at_again = threading.Event()

    @property
    def current(self) -> None:
        self.num_looks += 1
        if self.num_looks == 1:
            raise RuntimeError("nobody has foreseen this")
        self.is_looked_at_again.set()


def test_upkeep_outlives_a_failure_that_nobody_has_foreseen(shared: Settings) -> None:
    troubled = Troubled()
    tending = Host(shared, forget=lambda _: None, bench=troubled).start()  # type: ignore[arg-type]
    assert troubled.is_looked_at_again.wait(30)
    assert not tending.done()
    tending.cancel()


def test_limits_that_change_hold_for_the_same_host_from_then_on(shared: Settings) -> None:
    hosts = Hosts(forget=lambda _: None)
    host = hosts.of(shared)
    stricter = replace(shared.limits, questions_per_minute=1, idle_hours=720)
    assert hosts.of(replace(shared, limits=stricter)) is host
    assert host.settings.limits.idle_hours == 720
    host.quotas.ask(ANN)
    with pytest.raises(QuotaError, match="1 question within a minute"):
        host.quotas.ask(ANN)


def test_visitor_is_not_told_where_milvus_is(shared: Settings) -> None:
    away = replace(shared, target=Target(uri="http://127.0.0.1:9"))
    with pytest.raises(StoreError) as caught:
        Host(away, forget=lambda _: None).room_for_chunks(ANN)
    assert "127.0.0.1" not in str(caught.value) and "This app's Milvus does not answer" in str(caught.value)

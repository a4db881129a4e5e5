"""What is kept for visitors, what is deleted, and what one visitor's deletion leaves to the others."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.config.limits import SharedLimits
from core.config.settings import Settings
from core.documents.originals import Originals
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import FileTooLargeError, ForeignCollectionError, KnowledgeBaseNotFoundError, QuotaError
from core.hosting.host import Host
from core.hosting.ingest_admission import IngestJob, admit, checked_when_read
from core.hosting.retention import Visits, clear_idle
from core.knowledge_base import KnowledgeBase, delete_knowledge_base
from core.runtime.jobs import Jobs
from core.store import KnowledgeStore, connect
from core.store.collections import create_knowledge_base, document_ids, knowledge_base_names, overview
from core.store.connection import KIND_KEY
from core.store.names import KB_KIND, NAME_KEY, collection_name
from core.store.tenants import count_chunks, drop_all, owners
from pages.state.quota import room_for_knowledge_base
from tests.documents import build_pdf

ANN, BEN, CEM, DEA = "aa" * 12, "bb" * 12, "cc" * 12, "dd" * 12
PDF = build_pdf(["The lighthouse is 37 metres high.", "Bread needs flour."])
HOUR_S = 3600
NOW_S = 1_800_000_000.0


@pytest.fixture
def shared(lite: Settings) -> Settings:
    return replace(lite, is_shared=True)


def give(settings: Settings, embedder: Embedder, name: str = "default") -> KnowledgeBase:
    """A knowledge base with one PDF of two chunks."""
    kb = KnowledgeBase.load(name, settings)
    file = IncomingFile(name="a.pdf", size_bytes=len(PDF), read=lambda: PDF)

    async def ingest() -> None:
        await kb.ingest_job([file]).run()
        await kb.aclose()

    asyncio.run(ingest())
    return kb


def test_knowledge_bases_of_a_visitor_are_found_under_that_visitor_only(
    shared: Settings, embedder: Embedder
) -> None:
    for who in (shared, shared.for_visitor(ANN), shared.for_visitor(BEN)):
        create_knowledge_base(who.target, "Notes", model=embedder.name, dim=embedder.dim)
    create_knowledge_base(shared.for_visitor(ANN).target, "Mine", model=embedder.name, dim=embedder.dim)
    assert knowledge_base_names(shared.for_visitor(ANN).target) == ["Mine", "Notes"]
    assert knowledge_base_names(shared.for_visitor(BEN).target) == ["Notes"]
    assert knowledge_base_names(shared.target) == ["Notes"]
    assert set(owners(shared.target)) == {ANN, BEN}
    with pytest.raises(KnowledgeBaseNotFoundError):
        document_ids(shared.for_visitor(BEN).target, "Mine")


@pytest.mark.parametrize("name", [f"v{ANN}__default", f"overlap_kb_v{ANN}__default", f"V{ANN}  default"])
def test_no_name_leads_to_another_visitors_collection(name: str) -> None:
    theirs = collection_name("default", ANN)
    assert collection_name(name) != theirs
    assert collection_name(name, BEN) != theirs


def test_collection_in_a_visitors_name_but_without_the_mark_is_left_alone(
    shared: Settings, embedder: Embedder
) -> None:
    client = connect(shared.target)
    name = collection_name("default", ANN)
    client.create_collection(name, dimension=4)
    client.alter_collection_properties(name, {KIND_KEY: KB_KIND, NAME_KEY: "default"})
    target = shared.for_visitor(ANN).target
    with pytest.raises(ForeignCollectionError):
        KnowledgeStore.open(target, "default", model=embedder.name, dim=embedder.dim)
    assert drop_all(shared.target, ANN) == 0
    assert client.has_collection(name)


def test_original_of_a_visitor_is_in_the_visitors_folder_and_goes_with_it(
    shared: Settings, embedder: Embedder
) -> None:
    for visitor in (ANN, BEN):
        give(shared.for_visitor(visitor), embedder)
    (document,) = document_ids(shared.for_visitor(ANN).target, "default")
    delete_knowledge_base(shared.for_visitor(ANN), "default")
    assert Originals(shared.for_visitor(ANN).originals_dir).find(document) is None
    assert Originals(shared.for_visitor(BEN).originals_dir).find(document) is not None


def test_idle_visitors_are_cleared_and_others_stay(shared: Settings, embedder: Embedder) -> None:
    for visitor in (ANN, BEN):
        give(shared.for_visitor(visitor), embedder)
        shared.for_visitor(visitor).runs_dir.mkdir(parents=True)
    give(shared, embedder, "the host's own")
    visits = Visits(shared.visitors_dir)
    later_s = NOW_S + 25 * HOUR_S
    visits.note(ANN, NOW_S)
    visits.note(BEN, later_s - HOUR_S)
    told: list[str] = []
    assert clear_idle(shared, later_s, forget=told.append) == [ANN]
    assert told == [ANN]
    assert knowledge_base_names(shared.for_visitor(ANN).target) == []
    assert not (shared.visitors_dir / ANN).exists()
    assert [card.num_chunks for card in overview(shared.for_visitor(BEN).target)] == [2]
    assert shared.for_visitor(BEN).runs_dir.exists()
    assert knowledge_base_names(shared.target) == ["the host's own"]


def test_knowledge_base_whose_visitor_is_not_known_is_cleared_in_time(
    shared: Settings, embedder: Embedder
) -> None:
    give(shared.for_visitor(ANN), embedder)
    (made,) = owners(shared.target).values()
    assert made
    assert clear_idle(shared, NOW_S - 10_000 * HOUR_S) == []
    assert clear_idle(shared, NOW_S + 10_000 * HOUR_S) == [ANN]


def test_visit_is_noted_at_most_once_a_minute(tmp_path: Path) -> None:
    visits = Visits(tmp_path)
    assert visits.last_s(ANN) is None
    for now_s, noted_s in ((NOW_S, NOW_S), (NOW_S + 30, NOW_S), (NOW_S + 61, NOW_S + 61)):
        visits.note(ANN, now_s)
        assert visits.last_s(ANN) == noted_s
    assert list(visits.known()) == [ANN]


def test_folder_that_is_no_visitors_is_never_cleared(shared: Settings) -> None:
    (shared.visitors_dir / "lost+found").mkdir(parents=True)
    outside = shared.data_dir / "precious"
    outside.mkdir()
    (shared.visitors_dir / "link").symlink_to(outside)
    assert clear_idle(shared, NOW_S + 10_000 * HOUR_S) == []
    assert outside.exists() and (shared.visitors_dir / "lost+found").exists()


def test_chunks_are_counted_for_a_visitor_and_in_all(shared: Settings, embedder: Embedder) -> None:
    give(shared.for_visitor(ANN), embedder)
    give(shared.for_visitor(ANN), embedder, "more")
    give(shared.for_visitor(BEN), embedder)
    give(shared, embedder, "the host's own")
    assert (count_chunks(shared.target, ANN), count_chunks(shared.target)) == (4, 6)


def host(settings: Settings, **limits: int) -> Host:
    return Host(replace(settings, limits=SharedLimits(**limits)), forget=lambda visitor: None)


def test_visitor_with_all_chunks_used_up_is_told_to_delete(shared: Settings, embedder: Embedder) -> None:
    give(shared.for_visitor(ANN), embedder)
    with pytest.raises(QuotaError, match="keeps up to 2 chunks for each visitor"):
        admit(host(shared, chunks=2), ANN, [1])
    with pytest.raises(QuotaError, match="This shared app is full"):
        admit(host(shared, total_chunks=2), BEN, [1])
    assert admit(host(shared, chunks=3), ANN, [1]).room == 1


def test_replacing_needs_room_for_the_new_version_only_and_never_doubles_twice(
    shared: Settings, embedder: Embedder
) -> None:
    give(shared.for_visitor(ANN), embedder)
    assert admit(host(shared, chunks=2), ANN, [1], 2).room == 2
    assert admit(host(shared, chunks=2, total_chunks=2), ANN, [1], 1).room == 1
    give(shared.for_visitor(ANN), embedder, "broken off")
    with pytest.raises(QuotaError, match="keeps up to 2 chunks for each visitor"):
        admit(host(shared, chunks=2), ANN, [1], 4)


def test_ingest_ends_when_the_room_is_used_up(shared: Settings, embedder: Embedder) -> None:
    full = host(shared, chunks=4)
    kb = KnowledgeBase.load("default", shared.for_visitor(ANN))
    texts = [f"Number {number} of the harbour. " * 150 for number in range(60)]
    files = [
        IncomingFile(name=f"{number}.txt", size_bytes=len(text), read=text.encode)
        for number, text in enumerate(texts)
    ]
    job = IngestJob(kb.ingest_job(files), admit(full, ANN, [1])).start()
    job.wait()
    snapshot = job.result
    assert snapshot is not None
    assert 4 <= kb.store.count() < 60
    assert any(str(file.stage) == "stopped" for file in snapshot.files)
    with pytest.raises(QuotaError, match="used up"):
        admit(full, ANN, [1])


def test_number_of_visitors_who_add_at_once_is_limited(shared: Settings) -> None:
    busy = host(shared, ingests_at_once=1)
    first = admit(busy, ANN, [1])
    with pytest.raises(QuotaError, match="Other visitors are adding documents just now"):
        admit(busy, BEN, [1])
    with pytest.raises(QuotaError, match="being added already"):
        admit(busy, ANN, [1])
    first.give_back()
    admit(busy, BEN, [1])


def test_refused_documents_give_the_place_back(shared: Settings) -> None:
    busy = host(shared, ingests_at_once=1)
    with pytest.raises(QuotaError, match="up to 20 MB"):
        admit(busy, ANN, [10**9])
    admit(busy, BEN, [1])


def test_file_that_is_larger_than_it_said_is_refused() -> None:
    liar = IncomingFile(name="a.txt", size_bytes=1, read=lambda: bytes(2 * 1024**2 + 1))
    with pytest.raises(FileTooLargeError, match="more than the 2 MB"):
        checked_when_read(liar, 2).read()


def test_app_of_ones_own_admits_all() -> None:
    assert admit(None, "", [10**12]).host is None


def test_deletion_stops_an_ingest_and_waits_for_its_end(shared: Settings, embedder: Embedder) -> None:
    kb = KnowledgeBase.load("default", shared.for_visitor(ANN))
    texts = [f"Number {number} of the harbour. " * 150 for number in range(200)]
    ingest = kb.ingest_job(
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


def test_knowledge_bases_made_at_once_stay_within_the_limit(shared: Settings, embedder: Embedder) -> None:
    settings = replace(shared.for_visitor(ANN), limits=SharedLimits(knowledge_bases=3))

    def make(number: int) -> str:
        try:
            with room_for_knowledge_base(settings):
                create_knowledge_base(
                    settings.target, f"number {number}", model=embedder.name, dim=embedder.dim
                )
        except QuotaError as exc:
            return str(exc)
        return ""

    with ThreadPoolExecutor(12) as threads:
        said = list(threads.map(make, range(12)))
    assert len(knowledge_base_names(settings.target)) == said.count("") == 3

"""Who may add documents now, and how much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.config.settings import Settings
from core.config.shared_limits import SharedLimits
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import FileTooLargeError, QuotaError
from core.hosting.host import Host
from core.hosting.ingest_admission import CHUNKS_USED_UP, IngestJob, admit, checked_when_read
from core.knowledge_base import KnowledgeBase
from tests.visitors import ANN, BEN, give


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
    job = IngestJob(kb.new_ingest(files), admit(full, ANN, [1])).start()
    job.wait()
    snapshot = job.result
    assert snapshot is not None
    assert 4 <= kb.store.count() < 60
    stopped = [file for file in snapshot.files if str(file.stage) == "stopped"]
    assert {file.error for file in stopped} == {CHUNKS_USED_UP}
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

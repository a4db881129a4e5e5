"""Documents of one name: which is the older version, and what an ingest does with it."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.config.settings import Settings
from core.documents.models import DocumentSummary, SameName, Stage, Version
from core.documents.originals import Originals
from core.documents.sources.incoming import IncomingFile, origin_of
from core.documents.sources.web import web_files
from core.documents.versions import older_versions
from core.embedding.model import Embedder
from core.errors import DocumentError, StoreError
from core.ingest.metadata import ingest_time
from core.ingest.pipeline import Ingest
from core.ingest.progress import IngestSnapshot
from core.ingest.same_name import name_conflicts
from core.store import KnowledgeStore
from core.store.summaries import version_of
from tests.documents import build_pdf

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

OLD, NEW = "The membership fee is 120 euros a year.", "The membership fee is 150 euros a year."
LONG = " ".join(f"Rule number {number} of the club is about boat {number * 31}." for number in range(60))


def _file(
    text: str | bytes, name: str = "fee.txt", *, same_name: SameName = "keep", origin: str = ""
) -> IncomingFile:
    data = text.encode() if isinstance(text, str) else text
    return IncomingFile(
        name=name, size_bytes=len(data), read=lambda: data, same_name=same_name, origin=origin
    )


async def _ingest(store: KnowledgeStore, embedder: Embedder, *files: IncomingFile) -> IngestSnapshot:
    return await Ingest(files, store=store, embedder=embedder).run()


def _older(documents: Sequence[Version]) -> set[str]:
    return set(older_versions(documents, lambda version: version.num_chunks > 0))


def _version(id: str, minute: int, *, origin: str = "", num_chunks: int = 1) -> Version:
    at = f"2026-11-26T20:{minute:02}:00+00:00"
    return Version(id=id, file="fee.txt", origin=origin, ingested_at=at, num_chunks=num_chunks)


def test_document_is_older_when_one_of_its_name_was_added_later() -> None:
    versions = [_version("third", 3), _version("first", 1), _version("second", 2)]
    assert older_versions(versions, lambda _: True) == {"first": "third", "second": "third"}
    other = replace(_version("other", 0), file="statutes.txt")
    assert _older([_version("first", 1), other]) == set()


def test_document_is_not_older_than_one_that_is_not_all_in() -> None:
    assert _older([_version("whole", 1), _version("begun", 2, num_chunks=0)]) == set()
    begun = [_version("first", 1), _version("second", 2), _version("begun", 3, num_chunks=0)]
    assert _older(begun) == {"first"}


def test_of_documents_from_before_origins_were_stored_only_a_single_one_is_a_version() -> None:
    """Those of a folder, an index.md of each part, would else be older versions of the last of them."""

    def stored(id: str, minute: int, **origin: str) -> Version:
        at = f"2026-11-26T20:{minute:02}:00+00:00"
        return version_of({"doc_id": id, "file": "index.md", "ingested_at": at, "num_chunks": 1, **origin})

    a, b, new = stored("a", 1), stored("b", 2), stored("new", 3, origin="")
    assert _older([a, b]) == set()
    assert _older([a, new]) == {"a"}
    assert _older([a, b, new]) == set()


def test_documents_of_one_ingest_are_no_versions_of_each_other() -> None:
    assert _older([_version("a", 1), _version("b", 1)]) == set()


def test_files_of_one_name_in_several_folders_are_told_apart() -> None:
    a, b = _version("a", 1, origin="a"), _version("b", 2, origin="b")
    assert _older([a, b]) == set()
    assert _older([a, b, _version("a again", 3, origin="a")]) == {"a"}
    assert _older([a, b, _version("by itself", 4)]) == set(), "which of both it is of can't be told"
    assert _older([a, _version("by itself", 4)]) == {"a"}, "there is no other"


def test_time_with_and_without_fractions_is_compared() -> None:
    whole = replace(_version("whole", 1), ingested_at="2026-11-26T20:01:00+00:00")
    later = replace(_version("later", 1), ingested_at="2026-11-26T20:01:00.000001+00:00")
    assert _older([whole, later]) == {"whole"}


async def test_kept_version_is_said_and_is_the_older_one(store: KnowledgeStore, embedder: Embedder) -> None:
    await _ingest(store, embedder, _file(OLD))
    (old,) = store.documents()
    (progress,) = (await _ingest(store, embedder, _file(NEW))).files
    assert progress.stage is Stage.DONE
    assert ([version.id for version in progress.beside], progress.replaced) == ([old.id], ())
    (new,) = [document for document in store.documents() if document.id != old.id]
    assert store.older_versions() == {old.id: new.id}
    (again,) = (await _ingest(store, embedder, _file(OLD))).files
    assert (again.stage, [version.id for version in again.beside]) == (Stage.PRESENT, [new.id])


async def test_older_version_holds_again_when_the_newer_is_deleted(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await _ingest(store, embedder, _file(OLD))
    await _ingest(store, embedder, _file(NEW))
    ((old, new),) = store.older_versions().items()
    store.delete_document(new)
    assert store.older_versions() == {}
    assert [document.id for document in store.documents()] == [old]


async def test_replaced_version_is_gone_with_its_kept_pdf(
    store: KnowledgeStore, embedder: Embedder, tmp_path: Path
) -> None:
    originals = Originals(tmp_path / "files")
    old, new = (_file(build_pdf([text]), "fee.pdf", same_name="replace") for text in (OLD, NEW))
    await Ingest([old], store=store, embedder=embedder, originals=originals).run()
    (before,) = store.documents()
    snapshot = await Ingest([new], store=store, embedder=embedder, originals=originals).run()
    (progress,) = snapshot.files
    assert (progress.stage, progress.beside) == (Stage.DONE, ())
    assert [(version.id, version.num_chunks) for version in progress.replaced] == [(before.id, 1)]
    (after,) = store.documents()
    assert (after.file, after.id == before.id, store.count()) == ("fee.pdf", False, 1)
    assert originals.find(before.id) is None and originals.find(after.id) is not None
    assert any(entry.event.startswith("replaced the version added 20") for entry in snapshot.log)


async def test_files_of_one_ingest_do_not_replace_each_other(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    contents: list[bytes] = []

    def read() -> bytes:
        if not contents:
            raise DocumentError("fee.txt is not there yet.")
        return contents[0]

    late = replace(_file(OLD, same_name="replace"), read=read)
    job = Ingest([_file(NEW, same_name="replace"), late], store=store, embedder=embedder)
    await job.run()
    contents.append(OLD.encode())
    assert job.retry(1)
    snapshot = await job.run()
    assert [(file.stage, file.replaced) for file in snapshot.files] == [(Stage.DONE, ())] * 2
    assert store.count() == 2


def test_two_ingests_are_told_apart_within_a_second() -> None:
    assert len({ingest_time() for _ in range(1000)}) > 10


async def test_replacing_leaves_other_names_and_other_folders_alone(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    a, b = origin_of("a"), origin_of("b")
    await _ingest(
        store,
        embedder,
        _file("Statutes.", "statutes.txt"),
        _file("Fees of a.", origin=a),
        _file("Fees of b.", origin=b),
        _file("Quoted.", 'fee" or position >= 0 or file == "x.txt'),
    )
    snapshot = await _ingest(
        store,
        embedder,
        _file("New fees of a.", same_name="replace", origin=a),
        _file("Fees in the first file.", same_name="replace"),
        _file("Quoted anew.", 'fee" or position >= 0 or file == "x.txt', same_name="replace"),
    )
    assert [len(file.replaced) for file in snapshot.files] == [1, 0, 1]
    assert store.count() == len(store.documents()) == 5
    assert len([document for document in store.documents() if document.origin == b]) == 1


class FailingStore:
    """The store, which inserts so many rows only of what it is given, or all and deletes none then."""

    def __init__(self, store: KnowledgeStore, *, num_rows: int | None = None) -> None:
        self._store, self._num_rows, self.target = store, num_rows, store.target

    async def aadd(self, nodes: list[TextNode]) -> None:
        await self._store.aadd(nodes[: self._num_rows])
        if self._num_rows is not None:
            raise StoreError("Milvus refused the insert.")

    def delete_document(self, document_id: str) -> int:
        if self._num_rows is None:
            raise StoreError("Milvus refused the deletion.")
        return self._store.delete_document(document_id)

    def look_up(self, document_id: str, file: str) -> tuple[DocumentSummary | None, tuple[Version, ...]]:
        return self._store.look_up(document_id, file)

    def chunk_ids(self, document_id: str) -> set[str]:
        return self._store.chunk_ids(document_id)

    def flush(self) -> None:
        self._store.flush()


@pytest.mark.parametrize("num_rows", [0, 3])
async def test_old_version_is_there_until_the_new_one_is_all_in(
    num_rows: int, store: KnowledgeStore, embedder: Embedder
) -> None:
    await _ingest(store, embedder, _file(OLD))
    (old,) = store.documents()
    new = _file(LONG, same_name="replace")
    failing = FailingStore(store, num_rows=num_rows)
    (failed,) = (await Ingest([new], store=failing, embedder=embedder).run()).files  # type: ignore[arg-type]
    assert (failed.stage, failed.replaced) == (Stage.FAILED, ())
    assert store.count(old.id) == 1
    assert store.older_versions() == {}, "what is not all in is no newer version yet"
    (whole,) = (await _ingest(store, embedder, new)).files
    assert (whole.stage, [version.id for version in whole.replaced]) == (Stage.DONE, [old.id])
    assert [(document.file, document.is_complete) for document in store.documents()] == [("fee.txt", True)]


async def test_version_that_could_not_be_deleted_is_said_and_goes_with_the_next_try(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await _ingest(store, embedder, _file(OLD))
    new = _file(NEW, same_name="replace")
    job = Ingest([new], store=FailingStore(store), embedder=embedder)  # type: ignore[arg-type]
    (failed,) = (await job.run()).files
    assert failed.stage is Stage.FAILED
    assert failed.error is not None and "fee.txt is in, but the version that it replaces" in failed.error
    assert store.count() == 2
    (again,) = (await _ingest(store, embedder, new)).files
    assert (again.stage, len(again.replaced), store.count()) == (Stage.PRESENT, 1, 1)


async def test_content_that_comes_under_two_names_replaces_only_once_it_is_in(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await _ingest(store, embedder, _file(OLD))
    files = _file(LONG, "first.txt", same_name="replace"), _file(LONG, same_name="replace")
    _, copy = (await _ingest(store, embedder, *files)).files
    assert copy.stage is Stage.PRESENT and copy.error == "The same content as first.txt."
    assert len(copy.beside) + len(copy.replaced) == 1, "it is said where it could not go yet"
    _, copy = (await _ingest(store, embedder, *files)).files
    assert copy.beside == ()
    assert [document.file for document in store.documents()] == ["first.txt"]


async def test_name_is_the_same_however_its_accents_are_put_together(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    name = "Beiträge.txt"
    await _ingest(store, embedder, _file(OLD, unicodedata.normalize("NFD", name)))
    (progress,) = (await _ingest(store, embedder, _file(NEW, name, same_name="replace"))).files
    assert len(progress.replaced) == 1
    assert [document.file for document in store.documents()] == [name]


async def test_names_are_taken_only_by_other_content(store: KnowledgeStore, embedder: Embedder) -> None:
    await _ingest(store, embedder, _file(OLD), _file("Statutes.", "statutes.txt"))
    documents = {document.file: document for document in store.documents()}
    files = [_file(NEW), _file("Statutes.", "statutes.txt"), _file("Tides.", "tides.txt")]
    asked: list[int] = []
    ids = {0: "another", 1: documents["statutes.txt"].id}

    def content_id(index: int) -> str:
        asked.append(index)
        return ids[index]

    assert name_conflicts(files, store.documents(), content_id) == {0: [documents["fee.txt"]]}
    assert asked == [0, 1], "a file whose name nobody has is not read"


async def test_content_that_is_begun_only_still_takes_a_name(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await _ingest(store, embedder, _file(OLD))
    failing = FailingStore(store, num_rows=3)
    await Ingest([_file(LONG)], store=failing, embedder=embedder).run()  # type: ignore[arg-type]
    begun, old = store.documents()
    assert (begun.is_complete, old.is_complete) == (False, True)
    assert name_conflicts([_file(LONG)], store.documents(), lambda _: begun.id) == {0: [old]}


async def test_address_takes_the_name_that_it_gave_before(store: KnowledgeStore, embedder: Embedder) -> None:
    url = "https://www.example.org/fees"
    (file,) = web_files(url)
    await _ingest(store, embedder, _file("<p>120 euros</p>", "fees.html", origin=file.origin))
    assert list(name_conflicts([file], store.documents(), None)) == [0]
    (other,) = web_files("https://www.example.org/other/fees?year=2026")
    await _ingest(store, embedder, _file("<p>90 euros</p>", "fees.html", origin=other.origin))
    (taken,) = name_conflicts([file], store.documents(), None).values()
    assert [document.origin for document in taken] == [file.origin]


async def test_older_versions_are_known_anew_after_each_write(
    store: KnowledgeStore, lite: Settings, embedder: Embedder
) -> None:
    await _ingest(store, embedder, _file(OLD))
    assert store.older_versions() == {}
    await _ingest(store, embedder, _file(NEW))
    assert len(store.older_versions()) == 1
    kept = store.older_versions()
    assert await asyncio.to_thread(store.older_versions) is kept, "Milvus is not asked again"

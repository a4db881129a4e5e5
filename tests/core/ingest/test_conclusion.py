"""What an ingest does with an older version of a document: it stays until the new one is all in."""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from core.documents.originals import Originals
from core.documents.sources.incoming import origin_of
from core.embedding.model import Embedder
from core.errors import DocumentError
from core.ingest.pipeline import Ingest
from core.ingest.progress import Stage
from core.store import KnowledgeStore
from tests.documents import build_pdf
from tests.two_versions import LONG, NEW, OLD, FailingStore, fee_file, ingest


async def test_kept_version_is_said_and_is_the_older_one(store: KnowledgeStore, embedder: Embedder) -> None:
    await ingest(store, embedder, fee_file(OLD))
    (old,) = store.documents()
    (progress,) = (await ingest(store, embedder, fee_file(NEW))).files
    assert progress.stage is Stage.DONE
    assert ([version.id for version in progress.beside], progress.replaced) == ([old.id], ())
    (new,) = [document for document in store.documents() if document.id != old.id]
    assert store.older_versions() == {old.id: new.id}
    (again,) = (await ingest(store, embedder, fee_file(OLD))).files
    assert (again.stage, [version.id for version in again.beside]) == (Stage.PRESENT, [new.id])


async def test_older_version_holds_again_when_the_newer_is_deleted(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await ingest(store, embedder, fee_file(OLD))
    await ingest(store, embedder, fee_file(NEW))
    ((old, new),) = store.older_versions().items()
    store.delete_document(new)
    assert store.older_versions() == {}
    assert [document.id for document in store.documents()] == [old]


async def test_replaced_version_is_gone_with_its_kept_pdf(
    store: KnowledgeStore, embedder: Embedder, tmp_path: Path
) -> None:
    originals = Originals(tmp_path / "files")
    old, new = (fee_file(build_pdf([text]), "fee.pdf", same_name="replace") for text in (OLD, NEW))
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

    late = replace(fee_file(OLD, same_name="replace"), read=read)
    job = Ingest([fee_file(NEW, same_name="replace"), late], store=store, embedder=embedder)
    await job.run()
    contents.append(OLD.encode())
    assert job.retry(1)
    snapshot = await job.run()
    assert [(file.stage, file.replaced) for file in snapshot.files] == [(Stage.DONE, ())] * 2
    assert store.count() == 2


async def test_replacing_leaves_other_names_and_other_folders_alone(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    a, b = origin_of("a"), origin_of("b")
    await ingest(
        store,
        embedder,
        fee_file("Statutes.", "statutes.txt"),
        fee_file("Fees of a.", origin=a),
        fee_file("Fees of b.", origin=b),
        fee_file("Quoted.", 'fee" or position >= 0 or file == "x.txt'),
    )
    snapshot = await ingest(
        store,
        embedder,
        fee_file("New fees of a.", same_name="replace", origin=a),
        fee_file("Fees in the first file.", same_name="replace"),
        fee_file("Quoted anew.", 'fee" or position >= 0 or file == "x.txt', same_name="replace"),
    )
    assert [len(file.replaced) for file in snapshot.files] == [1, 0, 1]
    assert store.count() == len(store.documents()) == 5
    assert len([document for document in store.documents() if document.origin == b]) == 1


@pytest.mark.parametrize("num_rows", [0, 3])
async def test_old_version_is_there_until_the_new_one_is_all_in(
    num_rows: int, store: KnowledgeStore, embedder: Embedder
) -> None:
    await ingest(store, embedder, fee_file(OLD))
    (old,) = store.documents()
    new = fee_file(LONG, same_name="replace")
    failing = FailingStore(store, num_rows=num_rows)
    (failed,) = (await Ingest([new], store=failing, embedder=embedder).run()).files  # type: ignore[arg-type]
    assert (failed.stage, failed.replaced) == (Stage.FAILED, ())
    assert store.count(old.id) == 1
    assert store.older_versions() == {}, "what is not all in is no newer version yet"
    (whole,) = (await ingest(store, embedder, new)).files
    assert (whole.stage, [version.id for version in whole.replaced]) == (Stage.DONE, [old.id])
    assert [(document.file, document.is_complete) for document in store.documents()] == [("fee.txt", True)]


async def test_version_that_could_not_be_deleted_is_said_and_goes_with_the_next_try(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await ingest(store, embedder, fee_file(OLD))
    new = fee_file(NEW, same_name="replace")
    job = Ingest([new], store=FailingStore(store), embedder=embedder)  # type: ignore[arg-type]
    (failed,) = (await job.run()).files
    assert failed.stage is Stage.FAILED
    assert failed.error is not None and "fee.txt is in, but the version that it replaces" in failed.error
    assert store.count() == 2
    (again,) = (await ingest(store, embedder, new)).files
    assert (again.stage, len(again.replaced), store.count()) == (Stage.PRESENT, 1, 1)


async def test_content_that_comes_under_two_names_replaces_only_once_it_is_in(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await ingest(store, embedder, fee_file(OLD))
    files = fee_file(LONG, "first.txt", same_name="replace"), fee_file(LONG, same_name="replace")
    _, copy = (await ingest(store, embedder, *files)).files
    assert copy.stage is Stage.PRESENT and copy.error == "The same content as first.txt."
    assert (copy.beside, len(copy.replaced)) == ((), 1)
    assert [document.file for document in store.documents()] == ["first.txt"]


async def test_name_is_the_same_however_its_accents_are_put_together(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    name = "Beiträge.txt"
    await ingest(store, embedder, fee_file(OLD, unicodedata.normalize("NFD", name)))
    (progress,) = (await ingest(store, embedder, fee_file(NEW, name, same_name="replace"))).files
    assert len(progress.replaced) == 1
    assert [document.file for document in store.documents()] == [name]


class PatientEmbedder:
    """The real model, which embeds once the ingest's last file has ended."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.tokenization, self.parallel = embedder.tokenization, embedder.parallel
        self.job: Ingest | None = None

    async def aembed(self, texts: list[str]) -> object:
        assert self.job is not None
        while not self.job.snapshot().files[-1].stage.is_final:  # noqa: ASYNC110
            await asyncio.sleep(0)
        return await self._embedder.aembed(texts)


async def test_version_that_comes_again_under_another_name_is_not_deleted(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await ingest(store, embedder, fee_file(OLD))
    (old,) = store.documents()
    patient = PatientEmbedder(embedder)
    files = fee_file(NEW, same_name="replace"), fee_file(OLD, "fee-2024.txt", same_name="replace")
    patient.job = Ingest(files, store=store, embedder=patient)  # type: ignore[arg-type]
    new, renamed = (await patient.job.run()).files
    assert (new.stage, new.replaced, renamed.stage) == (Stage.DONE, (), Stage.PRESENT)
    assert {document.id for document in store.documents()} > {old.id}

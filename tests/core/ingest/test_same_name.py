"""Before an ingest: which names are taken, and by what."""

from __future__ import annotations

from core.documents.sources.web import web_files
from core.embedding.model import Embedder
from core.ingest.pipeline import Ingest
from core.ingest.same_name import name_conflicts
from core.store import KnowledgeStore
from tests.two_versions import LONG, NEW, OLD, FailingStore, fee_file, ingest


async def test_names_are_taken_only_by_other_content(store: KnowledgeStore, embedder: Embedder) -> None:
    await ingest(store, embedder, fee_file(OLD), fee_file("Statutes.", "statutes.txt"))
    documents = {document.file: document for document in store.documents()}
    files = [fee_file(NEW), fee_file("Statutes.", "statutes.txt"), fee_file("Tides.", "tides.txt")]
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
    await ingest(store, embedder, fee_file(OLD))
    failing = FailingStore(store, num_rows=3)
    await Ingest([fee_file(LONG)], store=failing, embedder=embedder).run()  # type: ignore[arg-type]
    begun, old = store.documents()
    assert (begun.is_complete, old.is_complete) == (False, True)
    assert name_conflicts([fee_file(LONG)], store.documents(), lambda _: begun.id) == {0: [old]}


async def test_address_takes_the_name_that_it_gave_before(store: KnowledgeStore, embedder: Embedder) -> None:
    url = "https://www.example.org/fees"
    (file,) = web_files(url)
    await ingest(store, embedder, fee_file("<p>120 euros</p>", "fees.html", origin=file.origin))
    assert list(name_conflicts([file], store.documents(), None)) == [0]
    (other,) = web_files("https://www.example.org/other/fees?year=2026")
    await ingest(store, embedder, fee_file("<p>90 euros</p>", "fees.html", origin=other.origin))
    (taken,) = name_conflicts([file], store.documents(), None).values()
    assert [document.origin for document in taken] == [file.origin]

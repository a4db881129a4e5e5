"""The ingest pipeline on a real Milvus Lite with the real model."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from core.config.settings import Settings
from core.documents.models import Chunk, DocumentSummary, Version
from core.documents.originals import Originals
from core.documents.sandbox.pool import DocumentReader
from core.documents.sources.incoming import IncomingFile
from core.documents.sources.paths import files_of
from core.embedding.model import Embedder
from core.errors import StoreUnavailableError
from core.ingest.pipeline import Ingest
from core.ingest.progress import IngestSnapshot, Stage
from core.store import KnowledgeStore
from core.store.chunks import StoredChunk, chunks_between
from core.store.schema import chunk_node
from tests.damaged import erase_pages
from tests.documents import build_pdf, build_xlsx

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

SENTENCES = [f"Sentence number {i} tells about thing {i * 31} and nothing else at all." for i in range(400)]


def _file(name: str, text: str) -> IncomingFile:
    return IncomingFile(name=name, size_bytes=len(text), read=text.encode)


def _long(num_sentences: int = 400) -> str:
    return " ".join(SENTENCES[:num_sentences])


async def _ingest(store: KnowledgeStore, embedder: Embedder, *files: IncomingFile) -> IngestSnapshot:
    return await Ingest(files, store=store, embedder=embedder).run()


async def test_ingest_adds_every_chunk_and_reports_it(store: KnowledgeStore, embedder: Embedder) -> None:
    snapshot = await _ingest(store, embedder, _file("long.txt", _long()), _file("short.txt", "One line."))
    assert [file.stage for file in snapshot.files] == [Stage.DONE, Stage.DONE]
    long = snapshot.files[0]
    assert long.num_chunks is not None and long.num_chunks > 20
    assert long.chunks_done == long.chunks_added == long.num_chunks
    assert long.first_searchable_s is not None and long.first_searchable_s <= snapshot.elapsed_s
    assert store.count() == snapshot.num_chunks_added
    assert {document.file for document in store.documents()} == {"long.txt", "short.txt"}
    assert all(document.is_complete for document in store.documents())


async def test_small_file_does_not_wait_for_a_big_one_before_it(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    snapshot = await _ingest(store, embedder, _file("long.txt", _long()), _file("short.txt", "One line."))
    long, short = snapshot.files
    assert (long.file, short.file) == ("long.txt", "short.txt")
    assert long.first_searchable_s is not None and short.first_searchable_s is not None
    assert short.first_searchable_s < long.first_searchable_s
    assert snapshot.first_searchable_s == short.first_searchable_s


async def test_same_file_again_also_under_another_name_adds_nothing(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    first = await _ingest(store, embedder, _file("a.txt", _long(60)))
    again = await _ingest(store, embedder, _file("a.txt", _long(60)), _file("b.md", _long(60)))
    assert [file.stage for file in again.files] == [Stage.PRESENT, Stage.PRESENT]
    assert again.files[1].error == "The same content as a.txt."
    later = await _ingest(store, embedder, _file("c.txt", _long(60)))
    assert (later.files[0].stage, later.files[0].error) == (Stage.PRESENT, "It is there as a.txt.")
    assert again.num_chunks_added == later.num_chunks_added == 0
    assert store.count() == first.num_chunks_added


async def test_language_and_what_the_model_cannot_read_are_kept_with_each_document(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    chinese = "港口的灯塔建于一八九七年，高三十七米。守塔人每天晚上都要爬上楼梯，点亮灯火。" * 3
    files = [
        IncomingFile(name=name, size_bytes=1, read=text.encode)
        for name, text in (("zh.txt", chinese), ("en.txt", "The lighthouse was built in 1897."))
    ]
    snapshot = await _ingest(store, embedder, *files)
    kept = {document.file: (document.language, document.unknown_share) for document in store.documents()}
    assert kept == {file.file: (file.language, file.unknown_share) for file in snapshot.files}
    assert kept["en.txt"] == ("en", 0.0)
    language, share = kept["zh.txt"]
    assert language == "zh" and share is not None and 0.2 < share < 0.8


class NoReader(DocumentReader):
    """Fails the test that lets it read."""

    def read(self, name: str, *_: object, **__: object) -> NoReturn:
        raise AssertionError(f"{name} was read")


async def test_file_that_is_there_is_known_by_its_bytes_and_not_read_again(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    data = build_pdf(["The pier is made of oak.", "The tower is made of stone."])
    file = IncomingFile(name="harbour.pdf", size_bytes=len(data), read=lambda: data)
    await _ingest(store, embedder, file)
    snapshot = await Ingest([file, file], store=store, embedder=embedder, reader=NoReader()).run()
    assert [known.stage for known in snapshot.files] == [Stage.PRESENT, Stage.PRESENT]
    known = snapshot.files[0]
    assert (known.num_pages, known.num_chunks, known.chunks_done, known.chunks_added) == (2, 2, 2, 0)


@pytest.mark.parametrize("wanting", ["a chunk", "the picture", "text recognition"])
async def test_file_that_is_there_is_read_again_when_something_is_wanting(
    store: KnowledgeStore, embedder: Embedder, tmp_path: Path, wanting: str
) -> None:
    data = build_pdf(["The pier is made of oak.", "The tower is made of stone."])
    file = IncomingFile(name="harbour.pdf", size_bytes=len(data), read=lambda: data)
    originals, reader = Originals(tmp_path), DocumentReader()
    await Ingest([file], store=store, embedder=embedder, originals=originals).run()
    (document,) = store.documents()
    if wanting == "a chunk":
        store.vector_store.client.delete(store.info.collection, filter="position == 1")
    elif wanting == "the picture":
        originals.forget(document.id)
    else:
        file = replace(file, ocr=True)
    snapshot = await Ingest([file], store=store, embedder=embedder, originals=originals, reader=reader).run()
    reader.close()
    added = 1 if wanting == "a chunk" else 0
    assert (snapshot.files[0].chunks_added, snapshot.files[0].error) == (added, None)
    assert store.document(document.id) == document
    assert originals.find(document.id) is not None
    assert any("was read in" in entry.event for entry in snapshot.log)


async def test_same_name_with_other_content_is_another_document(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    await _ingest(store, embedder, _file("a.txt", "The first text."), _file("a.txt", "The second text."))
    assert [document.file for document in store.documents()] == ["a.txt", "a.txt"]


async def test_bad_files_fail_with_their_reason_and_the_others_go_on(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    snapshot = await _ingest(
        store,
        embedder,
        _file("broken.pdf", "%PDF-1.7 and no more"),
        _file("empty.txt", ""),
        _file("blank.txt", "  \n \n"),
        _file("program.exe", "MZ"),
        _file("good.txt", "This one is good."),
        IncomingFile(name="gone.txt", size_bytes=0, read=Path("/no/such/file.txt").read_bytes),
    )
    assert [file.stage for file in snapshot.files] == [Stage.FAILED] * 4 + [Stage.DONE, Stage.FAILED]
    for file in snapshot.files:
        assert (file.error is None) == (file.stage is Stage.DONE)
        assert file.error is None or file.file in file.error
    assert [document.file for document in store.documents()] == ["good.txt"]


async def test_damaged_page_is_left_out_and_said_also_the_second_time(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    data = erase_pages(build_pdf(["The pier is made of oak.", "Lost.", "The tower is made of stone."]), 2)
    file = IncomingFile(name="harbour.pdf", size_bytes=len(data), read=lambda: data)
    first = (await _ingest(store, embedder, file)).files[0]
    assert (first.stage, first.chunks_added, first.error) == (Stage.DONE, 2, None)
    again = (await _ingest(store, embedder, file)).files[0]
    assert again.stage is Stage.PRESENT
    assert first.warning == again.warning == "Page 2 of 3 is damaged and was left out."
    (document,) = store.documents()
    assert (document.num_pages, document.warning) == (3, first.warning)


async def test_file_without_damage_has_no_warning(store: KnowledgeStore, embedder: Embedder) -> None:
    assert (await _ingest(store, embedder, _file("a.txt", "A text."))).files[0].warning is None


class StoppingEmbedder:
    """The real model, which asks for Stop as soon as it has embedded `after` texts."""

    def __init__(self, embedder: Embedder, after: int) -> None:
        self._embedder, self._left = embedder, after
        self.tokenization = embedder.tokenization
        self.parallel = 1
        self.num_embedded = 0
        self.job: Ingest | None = None

    async def aembed(self, texts: list[str]) -> object:
        self.num_embedded += len(texts)
        self._left -= len(texts)
        if self._left <= 0 and self.job is not None:
            self.job.stop()
        return await self._embedder.aembed(texts)


async def test_stopped_ingest_keeps_what_it_has_and_goes_on_from_there(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    stopping = StoppingEmbedder(embedder, after=1)
    job = Ingest([_file("long.txt", _long())], store=store, embedder=stopping)  # type: ignore[arg-type]
    stopping.job = job
    stopped = (await job.run()).files[0]
    assert stopped.stage is Stage.STOPPED
    assert stopped.num_chunks is not None
    assert 0 < stopped.chunks_done < stopped.num_chunks
    assert store.count() == stopped.chunks_done
    assert not store.documents()[0].is_complete

    counting = StoppingEmbedder(embedder, after=10_000)
    job = Ingest([_file("long.txt", _long())], store=store, embedder=counting)  # type: ignore[arg-type]
    resumed = (await job.run()).files[0]
    assert resumed.stage is Stage.DONE
    assert resumed.chunks_added == counting.num_embedded == stopped.num_chunks - stopped.chunks_done
    assert store.count() == stopped.num_chunks
    assert store.documents()[0].is_complete


async def test_interrupted_and_undisturbed_ingest_give_the_same_ids(
    store: KnowledgeStore, lite: Settings, embedder: Embedder
) -> None:
    stopping = StoppingEmbedder(embedder, after=1)
    job = Ingest([_file("long.txt", _long(150))], store=store, embedder=stopping)  # type: ignore[arg-type]
    stopping.job = job
    await job.run()
    await _ingest(store, embedder, _file("long.txt", _long(150)))
    other = KnowledgeStore.open(lite.target, "other", model=embedder.name, dim=embedder.dim)
    await _ingest(other, embedder, _file("long.txt", _long(150)))
    (document,) = other.documents()
    assert store.chunk_ids(document.id) == other.chunk_ids(document.id)
    await other.aclose()


class FailingStore:
    """A store whose first inserts fail as a lost server does."""

    def __init__(self, store: KnowledgeStore, failures: int) -> None:
        self._store, self.failures_left = store, failures

    async def aadd(self, nodes: object) -> object:
        if self.failures_left:
            self.failures_left -= 1
            raise StoreUnavailableError("Milvus at x does not answer.")
        return await self._store.aadd(nodes)  # type: ignore[arg-type]

    def look_up(self, document_id: str, file: str) -> tuple[DocumentSummary | None, tuple[Version, ...]]:
        return self._store.look_up(document_id, file)

    def flush(self) -> None:
        self._store.flush()


@pytest.mark.parametrize(("failures", "stage"), [(2, Stage.DONE), (3, Stage.FAILED)])
async def test_lost_server_is_tried_again_a_limited_number_of_times(
    failures: int, stage: Stage, store: KnowledgeStore, embedder: Embedder
) -> None:
    failing = FailingStore(store, failures)
    job = Ingest(
        [_file("a.txt", "A text.")],
        store=failing,  # type: ignore[arg-type]
        embedder=embedder,
        retry_after_s=(0.0, 0.0),
    )
    snapshot = await job.run()
    assert snapshot.files[0].stage is stage
    assert store.count() == (1 if stage is Stage.DONE else 0)


async def test_loop_stays_free_while_files_are_read_and_embedded(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    # The read waits for a sign that only the event loop can give: a blocked loop would never give it.
    may_read = threading.Event()

    def read() -> bytes:
        assert may_read.wait(20)
        return b"A text."

    file = IncomingFile(name="a.txt", size_bytes=7, read=read)
    running = asyncio.create_task(_ingest(store, embedder, file))
    await asyncio.sleep(0)
    may_read.set()
    assert (await running).files[0].stage is Stage.DONE


async def test_missing_path_is_a_failure_of_its_own(store: KnowledgeStore, embedder: Embedder) -> None:
    snapshot = await _ingest(store, embedder, *files_of(["/no/such.txt"]))
    assert snapshot.files[0].stage is Stage.FAILED
    assert "No such file" in str(snapshot.files[0].error)


async def test_copy_of_a_file_that_failed_is_not_called_already_there(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    broken = "%PDF-1.4 and nothing that could be read"
    snapshot = await _ingest(store, embedder, _file("a.pdf", broken), _file("copy.pdf", broken))
    assert [file.stage for file in snapshot.files] == [Stage.FAILED, Stage.FAILED]
    assert "The same content" not in str(snapshot.files[1].error)


class OvertakenEmbedder:
    """The real model, which lets the beginning of a document wait for what comes after it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.tokenization = embedder.tokenization
        self.parallel = 2
        self.num_calls = 0
        self._has_overtaken = asyncio.Event()

    async def aembed(self, texts: list[str]) -> object:
        self.num_calls += 1
        if self.num_calls == 1:
            await self._has_overtaken.wait()
        vectors = await self._embedder.aembed(texts)
        self._has_overtaken.set()
        return vectors


async def test_beginning_of_a_document_goes_in_first_also_when_it_was_overtaken(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    class WatchedStore:
        """The store; positions: of the chunks of each insert, in order."""

        positions: list[list[int]] = []  # noqa: RUF012

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def aadd(self, nodes: list[TextNode]) -> list[str]:
            self.positions.append([node.metadata["position"] for node in nodes])
            return await store.aadd(nodes)

    watched = WatchedStore()
    overtaken = OvertakenEmbedder(embedder)
    job = Ingest([_file("long.txt", _long())], store=watched, embedder=overtaken)  # type: ignore[arg-type]
    assert (await job.run()).files[0].stage is Stage.DONE
    assert overtaken.num_calls >= 2
    assert watched.positions[0][0] == 0


async def test_document_that_an_earlier_version_has_read_is_read_anew_when_it_is_added_again(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    file = _file("towns.csv", "town,sales\nAlby,10\n")
    await _ingest(store, embedder, file)
    (document,) = store.documents()
    assert not document.is_outdated
    # As it was before readers had versions: other passages, and nothing said of who has read them.
    (chunk,) = chunks_between(store, document.id, 0, 0)
    store.delete_document(document.id)
    extra = {"size_bytes": 1, "num_pages": None, "num_chunks": 1, "ingested_at": document.ingested_at}
    old = Chunk(**{**base_of(chunk), "id": "0" * 32, "text": "Alby; 10", "text_hash": "0" * 32})
    store.add([chunk_node(old, embedding=embedder.embed([old.text])[0].tolist(), extra=extra)])
    assert [document.is_outdated for document in store.documents()] == [True]

    snapshot = await _ingest(store, embedder, file)
    assert [each.stage for each in snapshot.files] == [Stage.DONE]
    assert [each.is_outdated for each in store.documents()] == [False]
    assert [each.text for each in chunks_between(store, document.id, 0, 9)] == ["town: Alby; sales: 10"]


def base_of(chunk: StoredChunk) -> dict[str, Any]:
    names = ("id", "document_id", "file", "page", "position", "start", "end", "text", "num_tokens", "label")
    return {name: getattr(chunk, name) for name in names}


async def test_notes_of_a_document_are_kept_and_told(store: KnowledgeStore, embedder: Embedder) -> None:
    data = build_xlsx({"Sum": [["Item", "Cost"], ["Desk", 100], ["Total", "=SUM(B2:B2)"]]})
    file = IncomingFile(name="sum.xlsx", size_bytes=len(data), read=lambda: data)
    snapshot = await _ingest(store, embedder, file)
    again = await _ingest(store, embedder, file)
    notes = ("1 formula without a saved value",)
    assert snapshot.files[0].notes == again.files[0].notes == store.documents()[0].notes == notes
    assert any(notes[0] in entry.event for entry in snapshot.log)
    (chunk,) = chunks_between(store, store.documents()[0].id, 0, 9)
    assert (chunk.page, chunk.label) == (1, "sheet Sum, rows 2–3")


class Upload:
    """A file whose bytes are held as long as something holds this."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        return self._data


async def test_bytes_of_what_is_in_are_let_go_and_of_what_failed_are_kept(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    good, copy, bad = Upload(b"A line of text."), Upload(b"A line of text."), Upload(b"%PDF-1.4 nothing")
    seen = [weakref.ref(upload) for upload in (good, copy, bad)]
    files = [
        IncomingFile(name=name, size_bytes=1, read=upload.read)
        for name, upload in (("a.txt", good), ("copy.txt", copy), ("bad.pdf", bad))
    ]
    job = Ingest(files, store=store, embedder=embedder)
    await job.run()
    del good, copy, bad, files
    gc.collect()
    assert [upload() is None for upload in seen] == [True, True, False]
    assert [file.stage for file in job.snapshot().files] == [Stage.DONE, Stage.PRESENT, Stage.FAILED]


async def test_web_page_that_is_asked_for_whole_is_read_anew(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    menu = "<nav><a href='/'>Home</a> <a href='/shop'>Shop</a></nav>"
    html = f"<html><body>{menu}<main><p>{'The pier is made of oak. ' * 20}</p></main></body></html>"
    page = replace(_file("pier.html", html), main_only=True)
    (first,) = (await _ingest(store, embedder, page)).files
    (again,) = (await _ingest(store, embedder, page)).files
    assert (first.stage, again.stage) == (Stage.DONE, Stage.PRESENT)
    (whole,) = (await _ingest(store, embedder, replace(page, main_only=False))).files
    assert whole.stage is Stage.DONE
    (document,) = store.documents()
    texts = " ".join(chunk.text for chunk in chunks_between(store, document.id, 0, document.num_chunks))
    assert "Shop" in texts and "oak" in texts

"""Stopping and trying again single files, the log, the steps, the kept originals."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.config.settings import Secret
from core.documents.chunking import Cutter, chunk_document
from core.documents.file_identity import document_id
from core.documents.models import CutDocument, Document
from core.documents.originals import Originals
from core.documents.readers.reader import read_document
from core.documents.sandbox.pool import DocumentReader, ReadCall
from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.embedding.model import Embedder
from core.errors import DocumentError, EmbeddingError, StoreError
from core.ingest.journal import log_text
from core.ingest.pipeline import Ingest
from core.ingest.progress import Stage
from core.store import KnowledgeStore
from core.store.chunks import chunks_between
from tests.documents import build_image_pdf, build_pdf

LONG = " ".join(f"Sentence number {i} tells about thing {i * 31} and nothing else." for i in range(300))


def _file(name: str, data: str | bytes) -> IncomingFile:
    content = data.encode() if isinstance(data, str) else data
    return IncomingFile(name=name, size_bytes=len(content), read=lambda: content)


async def test_every_step_is_timed_and_logged(store: KnowledgeStore, embedder: Embedder) -> None:
    data = build_pdf([f"Page {number} tells of the harbour." for number in range(3)])
    snapshot = await Ingest([_file("a.pdf", data)], store=store, embedder=embedder).run()
    (file,) = snapshot.files
    assert list(file.steps_s) == ["read", "chunk", "embed", "insert", "flush"]
    assert all(0 <= time_s <= snapshot.elapsed_s for time_s in file.steps_s.values())
    assert (file.pages_done, file.num_pages) == (3, 3)
    assert file.pages_per_s is not None
    events = [entry.event for entry in snapshot.log]
    assert events[0] == "is being read"
    assert events[1].endswith("3 pages") and "has 3 chunks" in events[2] and "can be asked" in events[3]
    assert events[4].startswith("is in: 3 chunks in ")
    lines = log_text(snapshot.log).splitlines()
    assert len(lines) == len(events)
    assert all("  a.pdf  " in line for line in lines)


async def test_log_counts_one_chunk_as_one(store: KnowledgeStore, embedder: Embedder) -> None:
    snapshot = await Ingest([_file("a.txt", "The pier.")], store=store, embedder=embedder).run()
    events = [entry.event for entry in snapshot.log]
    assert any(event.startswith("has 1 chunk (") for event in events)
    assert events[-1].startswith("is in: 1 chunk in ")


async def test_one_file_is_stopped_and_the_others_go_on(store: KnowledgeStore, embedder: Embedder) -> None:
    def read() -> bytes:
        job.stop_file(0)
        never.wait(20)
        return b"Never there."

    never = threading.Event()
    files = [IncomingFile(name="slow.txt", size_bytes=1, read=read), _file("good.txt", "Good text.")]
    job = Ingest(files, store=store, embedder=embedder)
    snapshot = await job.run()
    never.set()
    assert [file.stage for file in snapshot.files] == [Stage.STOPPED, Stage.DONE]
    assert [document.file for document in store.documents()] == ["good.txt"]
    job.stop_file(1)
    assert job.snapshot().files[1].stage is Stage.DONE, "what has ended stays"


async def test_stop_does_not_wait_for_a_file_that_hangs(store: KnowledgeStore, embedder: Embedder) -> None:
    def read() -> bytes:
        job.stop("No room is left.")
        never.wait(20)
        return b"Never there."

    never = threading.Event()
    job = Ingest(
        [IncomingFile(name="slow.txt", size_bytes=1, read=read), _file("b.txt", "B.")],
        store=store,
        embedder=embedder,
    )
    snapshot = await job.run()
    assert not never.is_set()
    never.set()
    assert [file.stage for file in snapshot.files] == [Stage.STOPPED, Stage.STOPPED]
    assert [file.error for file in snapshot.files] == ["No room is left."] * 2


class StoppingEmbedder:
    """The real model, which asks for something before it embeds."""

    def __init__(self, embedder: Embedder, ask: Callable[[], None]) -> None:
        self._embedder, self._ask = embedder, ask
        self.tokenization, self.parallel = embedder.tokenization, embedder.parallel

    async def aembed(self, texts: list[str]) -> object:
        self._ask()
        return await self._embedder.aembed(texts)


async def test_ingest_that_was_told_to_stop_says_so_until_it_has_ended(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    def stop() -> None:
        said.append(job.snapshot().is_stopping)
        job.stop()
        said.append(job.snapshot().is_stopping)

    said: list[bool] = []
    stopping = StoppingEmbedder(embedder, stop)
    job = Ingest([_file("a.txt", "One line.")], store=store, embedder=stopping)  # type: ignore[arg-type]
    snapshot = await job.run()
    assert (said, snapshot.is_running, snapshot.is_stopping) == ([False, True], False, False)


class InterruptedReader(DocumentReader):
    """Once it interrupts a file, when that is read and is being cut."""

    def __init__(self, interrupt: Callable[[ReadCall], object]) -> None:
        super().__init__()
        self._interrupt, self._has_interrupted = interrupt, False

    def read(self, *args: Any, **options: Any) -> CutDocument:
        call, on_read = options["call"], options["on_read"]

        def interrupted(document: Document) -> None:
            on_read(document)
            if not self._has_interrupted:
                self._has_interrupted = True
                self._interrupt(call)

        return super().read(*args, **{**options, "on_read": interrupted})


def _kill_process(call: ReadCall) -> None:
    assert call._worker is not None
    call._worker.kill()


# Few tokens, and more text than a pipe holds: its process is still cutting when it is interrupted.
ONE_LINE = "x" * 1_000_000


async def test_process_that_dies_while_it_cuts_costs_that_file_and_trying_again_loses_nothing(
    store: KnowledgeStore, embedder: Embedder, cutter: Cutter
) -> None:
    reader = InterruptedReader(_kill_process)
    # As large, so that it is read after the other one.
    good_text = replace(_file("good.txt", "Good text."), size_bytes=len(ONE_LINE))
    files = [_file("line.txt", ONE_LINE), good_text]
    job = Ingest(files, store=store, embedder=embedder, reader=reader)
    line, good = (await job.run()).files
    assert (line.stage, good.stage) == (Stage.FAILED, Stage.DONE)
    assert line.error is not None and "ended the process that read it" in line.error
    assert {"read", "chunk"} == set(line.steps_s)
    assert job.retry(0)
    assert (await job.run()).files[0].stage is Stage.DONE
    reader.close()
    document = read_document("line.txt", ONE_LINE.encode())
    assert store.chunk_ids(document.id) == {chunk.id for chunk in chunk_document(document, cutter)}


async def test_stop_while_a_file_is_cut_ends_the_ingest_and_the_next_one_goes_on(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    reader = InterruptedReader(lambda _: job.stop("No room is left."))
    # As large, so that it is read after the other one.
    good_text = replace(_file("good.txt", "Good text."), size_bytes=len(ONE_LINE))
    files = [_file("line.txt", ONE_LINE), good_text]
    job = Ingest(files, store=store, embedder=embedder, reader=reader)
    stopped = await job.run()
    assert [file.stage for file in stopped.files] == [Stage.STOPPED, Stage.STOPPED]
    assert [file.error for file in stopped.files] == ["No room is left."] * 2
    assert store.count() == 0
    again = await Ingest(files, store=store, embedder=embedder, reader=reader).run()
    reader.close()
    assert [file.stage for file in again.files] == [Stage.DONE, Stage.DONE]
    assert again.num_chunks_added == store.count()


async def test_failed_file_is_tried_again_in_the_same_ingest(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    contents: list[bytes] = []

    def read() -> bytes:
        if not contents:
            raise DocumentError("late.txt is not there yet.")
        return contents[0]

    files = [IncomingFile(name="late.txt", size_bytes=1, read=read), _file("good.txt", "Good text.")]
    job = Ingest(files, store=store, embedder=embedder)
    first = await job.run()
    assert [file.stage for file in first.files] == [Stage.FAILED, Stage.DONE]
    assert job.ended.is_set()
    contents.append(b"Now it is there.")
    assert not job.retry(1), "what went well is not tried again"
    assert job.retry(0), "the run had ended"
    assert job.snapshot().is_running and not job.ended.is_set()
    second = await job.run()
    assert [file.stage for file in second.files] == [Stage.DONE, Stage.DONE]
    assert {document.file for document in store.documents()} == {"late.txt", "good.txt"}
    assert any(entry.event == "is tried again" for entry in second.log)


class LosingStore:
    """A real knowledge base that takes nothing in while it is `away`."""

    def __init__(self, store: KnowledgeStore) -> None:
        self._store, self.is_away = store, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def aadd(self, nodes: Any) -> None:
        if self.is_away:
            raise StoreError("Milvus has no space left.")
        await self._store.aadd(nodes)


async def test_file_whose_twin_is_not_in_is_not_called_there(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    """Read and left to the first one, which then could not be inserted."""
    losing: Any = LosingStore(store)
    files = [_file("a.txt", "The same text."), _file("b.txt", "The same text.")]
    job = Ingest(files, store=losing, embedder=embedder, retry_after_s=())
    first = await job.run()
    assert [file.stage for file in first.files] == [Stage.FAILED, Stage.FAILED]
    assert first.files[1].error == "b.txt has the same content as a.txt, which could not be added."
    losing.is_away = False
    assert job.retry(0) and not job.retry(1)
    second = await job.run()
    assert [file.stage for file in second.files] == [Stage.DONE, Stage.PRESENT]


async def test_bad_files_with_one_content_stay_bad_when_both_are_tried_again(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    files = [_file(f"bad-{number}.pdf", "no pdf") for number in range(2)]
    job = Ingest(files, store=store, embedder=embedder)
    await job.run()
    assert job.retry(0) and not job.retry(1)
    again = await job.run()
    assert [file.stage for file in again.files] == [Stage.FAILED, Stage.FAILED]


async def test_retry_while_others_go_on_needs_no_second_run(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    def read() -> bytes:
        starts.append(job.retry(0))
        return b"Good text."

    starts: list[bool] = []
    files = [
        _file("bad.pdf", "no pdf"),
        IncomingFile(name="good.txt", size_bytes=len("no pdf"), read=read),
    ]
    job = Ingest(files, store=store, embedder=embedder)
    snapshot = await job.run()
    assert starts == [False]
    assert [file.stage for file in snapshot.files] == [Stage.FAILED, Stage.DONE]
    assert [entry.file for entry in snapshot.log if entry.event == "is tried again"] == ["bad.pdf"]


async def test_protected_pdf_is_read_with_its_password_which_nothing_keeps(
    store: KnowledgeStore, embedder: Embedder, tmp_path: Path
) -> None:
    data = build_pdf(["The vault is blue."], password="open sesame")
    job = Ingest(
        [_file("vault.pdf", data)], store=store, embedder=embedder, originals=Originals(tmp_path / "files")
    )
    (file,) = (await job.run()).files
    assert (file.stage, file.remedy) == (Stage.FAILED, "password")
    assert job.retry(0, password=Secret(value="wrong"))
    (file,) = (await job.run()).files
    assert file.remedy == "password"
    assert file.error is not None and file.error.startswith("The password does not open vault.pdf")
    assert job.retry(0, password=Secret(value="open sesame"))
    snapshot = await job.run()
    assert snapshot.files[0].stage is Stage.DONE
    assert "sesame" not in log_text(snapshot.log)
    assert all(state.incoming.password is None for state in job._files)
    assert not (tmp_path / "files").exists()


async def test_scan_says_that_its_text_can_be_recognised(store: KnowledgeStore, embedder: Embedder) -> None:
    (file,) = (
        await Ingest([_file("scan.pdf", build_image_pdf())], store=store, embedder=embedder).run()
    ).files
    assert (file.stage, file.remedy) == (Stage.FAILED, "ocr")


@pytest.mark.parametrize(
    ("name", "data"),
    [("empty.txt", b""), ("broken.pdf", b"%PDF-1.7 and no more"), ("song.mp3", b"ID3")],
)
async def test_file_that_can_not_be_read_is_not_offered_to_be_tried_again(
    name: str, data: bytes, store: KnowledgeStore, embedder: Embedder
) -> None:
    (file,) = (await Ingest([_file(name, data)], store=store, embedder=embedder).run()).files
    assert (file.stage, file.remedy) == (Stage.FAILED, "another file")


async def test_pdf_of_which_nothing_went_in_is_not_kept(
    store: KnowledgeStore, embedder: Embedder, tmp_path: Path
) -> None:
    originals = Originals(tmp_path / "files")

    def fail() -> None:
        raise EmbeddingError("The model has gone.")

    files = [_file("secret.pdf", build_pdf(["The vault is blue."]))]
    failing = StoppingEmbedder(embedder, fail)
    job = Ingest(files, store=store, embedder=failing, originals=originals)  # type: ignore[arg-type]
    assert (await job.run()).files[0].stage is Stage.FAILED
    assert originals.find(document_id(build_pdf(["The vault is blue."]))) is None


async def test_pdfs_are_kept_also_when_they_were_there_without_their_original(
    store: KnowledgeStore, embedder: Embedder, tmp_path: Path
) -> None:
    originals = Originals(tmp_path / "files")
    data = build_pdf(["The pier is made of oak."])
    files = [_file("a.pdf", data), _file("b.txt", "A text.")]
    await Ingest(files, store=store, embedder=embedder, originals=originals).run()
    (document,) = [document for document in store.documents() if document.file == "a.pdf"]
    kept = originals.find(document.id)
    assert kept is not None and kept.read_bytes() == data
    assert len(list((tmp_path / "files").iterdir())) == 1, "only PDFs are kept"
    originals.forget(document.id)
    (again, _) = (await Ingest(files, store=store, embedder=embedder, originals=originals).run()).files
    assert again.stage is Stage.PRESENT
    assert originals.find(document.id) is not None


async def test_file_takes_the_name_that_comes_with_its_bytes(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    def read() -> NamedBytes:
        return NamedBytes(name="../page.html", data=b"<p>A page.</p>")

    file = IncomingFile(name="page", size_bytes=0, read=read)
    (progress,) = (await Ingest([file], store=store, embedder=embedder).run()).files
    assert (progress.file, progress.stage, progress.size_bytes) == ("page.html", Stage.DONE, 14)


async def test_stopped_file_goes_on_from_where_it_was_when_tried_again(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    job = Ingest([_file("long.txt", LONG)], store=store, embedder=embedder)
    job.stop()
    (stopped,) = (await job.run()).files
    assert stopped.stage is Stage.STOPPED
    assert job.retry(0)
    (file,) = (await job.run()).files
    assert file.stage is Stage.DONE
    assert store.count() == file.num_chunks


async def test_text_that_is_in_is_read_with_another_encoding_which_replaces_what_was_wrong(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    words = "Zażółć gęślą jaźń. " * 8
    data = f"{LONG}\n\n{words}".encode("windows-1250")
    job = Ingest([_file("a.txt", data)], store=store, embedder=embedder)
    assert job.retry(0) is False, "nothing has failed"
    (first,) = (await job.run()).files
    assert not job.retry(0), "it is in"
    for encoding in ("koi8-r", "windows-1250"):
        assert job.retry(0, encoding=encoding)
        (file,) = (await job.run()).files
        assert (file.stage, file.notes) == (Stage.DONE, (f"read as {encoding}",))
        (document,) = store.documents()
        assert (document.notes, document.is_complete) == (file.notes, True)
        assert document.chunks_present == document.num_chunks == file.num_chunks
        text = "".join(chunk.text for chunk in chunks_between(store, document.id, 0, 99))
        assert (words[:17] in text) == (encoding == "windows-1250")
    assert first.num_chunks == file.num_chunks


class StoppingLate(StoppingEmbedder):
    """Asks once the last file of the ingest has ended."""

    job: Ingest

    async def aembed(self, texts: list[str]) -> object:
        while not self.job.snapshot().files[-1].stage.is_final:  # noqa: ASYNC110
            await asyncio.sleep(0)
        return await super().aembed(texts)


async def test_copy_of_a_file_that_was_stopped_can_be_tried_again(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    stopping = StoppingLate(embedder, lambda: job.stop_file(0))
    files = [_file(name, "One line of text.") for name in ("a.txt", "b.txt")]
    job = stopping.job = Ingest(files, store=store, embedder=stopping)  # type: ignore[arg-type]
    assert [file.stage for file in (await job.run()).files] == [Stage.STOPPED, Stage.STOPPED]
    assert job.retry(1)
    (_, again) = (await job.run()).files
    assert (again.stage, store.count()) in {(Stage.DONE, 1), (Stage.PRESENT, 1)}


async def test_fault_of_one_file_costs_that_file_and_its_text_is_not_in_the_log(
    store: KnowledgeStore, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    def read() -> bytes:
        raise ZeroDivisionError("Letter to Ms Miller")

    bad = IncomingFile(name="bad.txt", size_bytes=9, read=read)
    job = Ingest([bad, _file("good.txt", "Good text.")], store=store, embedder=embedder)
    first, second = (await job.run()).files
    assert (first.stage, second.stage) == (Stage.FAILED, Stage.DONE)
    assert first.error is not None and first.error.startswith("bad.txt could not be added.")
    assert "ZeroDivisionError" in caplog.text and "Miller" not in caplog.text

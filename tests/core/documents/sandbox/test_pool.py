"""Reading and cutting in a process of its own, with limits that end one file and not the app."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.config.settings import Secret, Settings
from core.documents.chunking import Cutter, chunk_document
from core.documents.models import CutDocument, Document
from core.documents.readers.reader import read_document
from core.documents.sandbox.pool import (
    RETIRE_AFTER_CHUNKS,
    DocumentReader,
    ReadCall,
    ReadLimits,
    ReadStoppedError,
)
from core.documents.sandbox.process import ReaderProcess
from core.documents.sandbox.worker import CHUNKS_A_MESSAGE
from core.documents.tokenization import Tokenization, unknown_share
from core.embedding.model import Embedder, load_embedder
from core.errors import CorruptFileError, DocumentError, EncryptedFileError, FileTooLargeError, NoTextError
from core.evaluation.samples import sample_files
from tests.chunk_ids import in_short
from tests.damaged import erase_pages
from tests.documents import build_docx, build_image_pdf, build_pdf
from tests.tiny_model import save_tiny_model

pytestmark = pytest.mark.slow

# Takes seconds to be read; these tests end it long before.
ENDLESS = b"a;b\n" + b"x;y\n" * 5_000_000
# Read at once, and seconds are needed to cut it: each sign is a token, and no space is between them. What it
# becomes is far more than a pipe holds, so its process can't have ended when cutting begins.
SLOW_TO_CUT = b"x," * 1_000_000


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    reader = DocumentReader()
    yield reader
    reader.close()


@pytest.fixture
def tokenization(embedder: Embedder) -> Tokenization:
    return embedder.tokenization


def _cut_here(name: str, data: bytes, cutter: Cutter) -> CutDocument:
    document = read_document(name, data)
    chunks = list(chunk_document(document, cutter))
    pages = tuple(replace(page, text="", blocks=(), rows=()) for page in document.pages)
    unknown = unknown_share([page.text for page in document.pages], cutter.tokenizer)
    return CutDocument(document=replace(document, pages=pages), chunks=chunks, unknown_share=unknown)


def _reads_the_next(reader: DocumentReader, tokenization: Tokenization) -> bool:
    return [chunk.text for chunk in reader.read("next.txt", b"Next.", tokenization).chunks] == ["Next."]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", build_pdf(["The first page.", "", "The third page."])),
        ("holes.pdf", erase_pages(build_pdf(["One.", "Two."]), 2)),
        ("b.docx", build_docx(["A paragraph.", [["a", "b"], [1, 2]]])),
        ("c.csv", "name;city\nJosé;Zürich\n".encode("cp1252")),
        ("d.txt", "שלום 你好 👩‍👩‍👧 عربى".encode()),
        ("../../e\u202e.md", b"# Title"),
        ("one line.txt", b"x," * 60_000),
    ],
)
def test_chunks_are_the_same_as_when_it_is_read_and_cut_in_the_app(
    name: str, data: bytes, reader: DocumentReader, tokenization: Tokenization, cutter: Cutter
) -> None:
    cut = reader.read(name, data, tokenization)
    assert cut == _cut_here(name, data, cutter)
    assert len(cut.chunks) > CHUNKS_A_MESSAGE or name != "one line.txt", "it comes in several messages"


# As they were when first written down: these files are in many a knowledge base. The two with a table are
# cut by its rows since then, and read anew when they are added again.
SAMPLES = {
    "async-io.md": (4, "4fa3994e15fae315"),
    "chunks-and-embeddings.md": (4, "397550da07144fca"),
    "consistency-levels.md": (4, "5547346bbe57a775"),
    "deployment-modes.html": (4, "4e2bf2b919fd4153"),
    "fair-benchmark.pdf": (7, "6f30a3a5d2d6757d"),
    "reading-latency.txt": (4, "237889e934f2fa94"),
}


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_chunk_ids_of_a_sample_are_those_of_knowledge_bases_that_exist(
    path: Path, reader: DocumentReader, tokenization: Tokenization
) -> None:
    assert in_short(reader.read(path.name, path.read_bytes(), tokenization).chunks) == SAMPLES[path.name]


def test_files_are_cut_for_the_model_that_each_is_for(
    reader: DocumentReader, tokenization: Tokenization, cutter: Cutter, tmp_path: Path
) -> None:
    settings = Settings.from_env({"EMBED_MODEL": str(save_tiny_model(tmp_path / "tiny"))})
    other = load_embedder(settings).tokenization
    data = b"Async calls overlap their waiting. " * 200
    for wanted, own_cutter in ((tokenization, cutter), (other, Cutter.of(other)), (tokenization, cutter)):
        assert reader.read("a.txt", data, wanted) == _cut_here("a.txt", data, own_cutter)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", b"no pdf", DocumentError),
        ("scan.pdf", build_image_pdf(), NoTextError),
        ("secret.pdf", build_pdf(["x"], password="pw"), EncryptedFileError),
    ],
)
def test_error_is_the_same_as_when_it_is_read_in_the_app(
    name: str, data: bytes, kind: type[DocumentError], reader: DocumentReader, tokenization: Tokenization
) -> None:
    with pytest.raises(kind) as inside:
        read_document(name, data)
    with pytest.raises(kind) as outside:
        reader.read(name, data, tokenization)
    assert type(outside.value) is type(inside.value)
    assert str(outside.value) == str(inside.value)


def test_password_opens_a_pdf_and_a_wrong_one_says_so(
    reader: DocumentReader, tokenization: Tokenization
) -> None:
    data = build_pdf(["The vault is blue."], password="open sesame")
    read = partial(reader.read, "vault.pdf", data, tokenization)
    assert "vault is blue" in read(password=Secret(value="open sesame")).chunks[0].text
    with pytest.raises(EncryptedFileError, match=r"The password does not open vault\.pdf"):
        read(password=Secret(value="wrong"))


def test_file_over_its_time_is_given_up_and_the_next_one_is_read(tokenization: Tokenization) -> None:
    reader = DocumentReader(ReadLimits(time_s=0.05, per_mb_s=0.0))
    with pytest.raises(FileTooLargeError, match=r"endless\.csv could not be read within 0 s"):
        reader.read("endless.csv", ENDLESS, tokenization)
    reader.limits = ReadLimits()
    assert _reads_the_next(reader, tokenization)
    reader.close()


def test_text_over_its_time_to_be_cut_is_given_up_and_the_next_one_is_read(
    tokenization: Tokenization,
) -> None:
    reader = DocumentReader(ReadLimits(cut_time_s=0.05, cut_per_million_s=0.0))
    read: list[Document] = []
    with pytest.raises(FileTooLargeError, match=r"line\.txt could not be read within 0 s and was given up"):
        reader.read("line.txt", SLOW_TO_CUT, tokenization, on_read=read.append)
    assert [document.file for document in read] == ["line.txt"], "what took too long was to cut it"
    reader.limits = ReadLimits()
    assert _reads_the_next(reader, tokenization)
    reader.close()


def test_process_that_cut_a_long_text_is_not_kept_with_all_its_memory(tokenization: Tokenization) -> None:
    reader = DocumentReader()
    assert _reads_the_next(reader, tokenization)
    (kept,) = reader._idle
    cut = reader.read("line.txt", b"x," * 250_000, tokenization)
    assert len(cut.chunks) > RETIRE_AFTER_CHUNKS
    assert reader._idle == [] and not kept.is_alive
    assert _reads_the_next(reader, tokenization)
    reader.close()


def test_longer_text_has_more_time_to_be_cut() -> None:
    limits = ReadLimits(cut_time_s=3.0, cut_per_million_s=2.0)
    assert (limits.for_text(0), limits.for_text(500_000), limits.for_text(10_000_000)) == (3.0, 4.0, 23.0)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_file_over_the_memory_limit_is_given_up_and_the_next_one_is_read(tokenization: Tokenization) -> None:
    reader = DocumentReader(ReadLimits(memory_bytes=300 * 1024**2))
    with pytest.raises(FileTooLargeError, match=r"big\.csv needs more than 0\.293 GB of memory"):
        reader.read("big.csv", b"a;b\n" + "x😀;y\n".encode() * 6_000_000, tokenization)
    assert _reads_the_next(reader, tokenization)
    reader.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_text_over_the_memory_limit_is_given_up_and_the_next_one_is_read(tokenization: Tokenization) -> None:
    reader = DocumentReader(ReadLimits(memory_bytes=300 * 1024**2))
    read: list[Document] = []
    with pytest.raises(DocumentError, match=r"line\.txt .* memory"):
        reader.read("line.txt", SLOW_TO_CUT, tokenization, on_read=read.append)
    assert len(read) == 1, "what took too much was to cut it"
    assert _reads_the_next(reader, tokenization)
    reader.close()


def test_stop_ends_the_reading_of_one_file(reader: DocumentReader, tokenization: Tokenization) -> None:
    call = ReadCall()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(lambda: reader.read("endless.csv", ENDLESS, tokenization, call=call))
        call.stop()
        with pytest.raises(ReadStoppedError):
            reading.result()
    assert _reads_the_next(reader, tokenization)


def test_stop_ends_the_cutting_of_one_file(reader: DocumentReader, tokenization: Tokenization) -> None:
    call = ReadCall()
    with pytest.raises(ReadStoppedError):
        reader.read("line.txt", SLOW_TO_CUT, tokenization, call=call, on_read=lambda _: call.stop())
    assert _reads_the_next(reader, tokenization)


class KillingCall(ReadCall):
    """Kills the process as soon as it has the file: it can't come to the file's end before that."""

    def attach(self, worker: ReaderProcess | None) -> None:
        super().attach(worker)
        if worker is not None:
            worker.kill()


def test_process_that_is_killed_costs_one_file(reader: DocumentReader, tokenization: Tokenization) -> None:
    with pytest.raises(CorruptFileError, match=r"endless\.csv ended the process that read it"):
        reader.read("endless.csv", ENDLESS, tokenization, call=KillingCall())
    assert _reads_the_next(reader, tokenization)


def test_pages_are_told_while_a_long_pdf_is_read(reader: DocumentReader, tokenization: Tokenization) -> None:
    told: list[tuple[int, int]] = []
    data = build_pdf(["A page with a line of text on it." * 20] * 60)
    cut = reader.read("long.pdf", data, tokenization, on_pages=lambda done, of: told.append((done, of)))
    assert cut.document.num_pages == 60
    assert told == sorted(told)
    assert all(of == 60 for _, of in told)


def test_pages_are_read_whole_with_their_blocks_and_without_a_tokenizer() -> None:
    reader = DocumentReader()
    page = "<title>T</title><nav>Menu</nav><main><h2>Ships</h2><p>" + "Oak. " * 60 + "</main>"
    document = reader.read_pages("a.html", page.encode())
    assert "Menu" in document.pages[0].text
    assert [str(block.kind) for block in document.pages[0].blocks][-2:] == ["heading", "paragraph"]
    shorter = reader.read_pages("a.html", page.encode(), main_only=True)
    assert "Menu" not in shorter.pages[0].text
    assert shorter.notes == ("menus and banners left out",)
    with pytest.raises(CorruptFileError, match="is empty"):
        reader.read_pages("a.html", b"")
    reader.close()


def test_csv_of_200_mb_is_refused_with_a_reason_by_a_process_that_stays_within_its_memory(
    embedder: Embedder,
) -> None:
    row = b"2026-11-22;Harbour of Oak;17.5;open\n"
    data = b"day;place;depth;state\n" + row * (199 * 1024**2 // len(row))
    reader = DocumentReader()
    with pytest.raises(FileTooLargeError, match=r"big\.csv gives more than 50 million characters of text"):
        reader.read("big.csv", data, embedder.tokenization)
    reader.close()

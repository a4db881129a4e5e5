"""Reading and cutting in a process of its own, which can be ended: a file that hangs, crashes its parser or
eats memory costs that file alone, and no visitor waits for a text that is slow to cut.

The process is kept warm and takes one file after another. It gets no setting and no secret of the app,
only the tokenizer of the embedding model.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

from core.config.settings import Secret
from core.documents.file_identity import clean_file_name
from core.documents.models import BlockKind, Chunk, CutDocument, Document, Page, PlacedBlock
from core.documents.readers.reader import MAX_FILE_BYTES, read_document
from core.documents.sandbox.process import ReaderProcess
from core.documents.sandbox.worker import error_of
from core.documents.tokenization import Tokenization
from core.errors import CorruptFileError, FileTooLargeError

MAX_IDLE = 2
# A process that has read or cut more than this keeps the memory; the next file gets a new one.
RETIRE_AFTER_BYTES = 16 * 1024 * 1024
RETIRE_AFTER_CHUNKS = 2000

T = TypeVar("T")
OnPages = Callable[[int, int], object]
OnRead = Callable[[Document], object]


def _ignore(*told: object) -> None:
    pass


class ReadStoppedError(Exception):
    """Reading was ended because somebody asked for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadLimits:
    """What one file may cost.

    Attributes:
        time_s: To read any file; per_mb_s more for each MB; times ocr_factor where text is recognised.
        cut_time_s: To cut any text; cut_per_million_s more for each million characters.
        memory_bytes: Address space of the process; where the system has such a limit (Linux).
    """

    time_s: float = 120.0
    per_mb_s: float = 1.0
    ocr_factor: float = 10.0
    cut_time_s: float = 120.0
    # On an idle core a million characters of prose take 1.5 s, at worst, one token each, 6 s.
    cut_per_million_s: float = 20.0
    memory_bytes: int = 2 * 1024**3

    def for_file(self, num_bytes: int, *, ocr: bool) -> float:
        """The time limit of reading a file in s."""
        return (self.time_s + self.per_mb_s * num_bytes / 1e6) * (self.ocr_factor if ocr else 1.0)

    def for_text(self, num_chars: int) -> float:
        """The time limit of cutting a file's text in s."""
        return self.cut_time_s + self.cut_per_million_s * num_chars / 1e6


class ReadCall:
    """One file's reading, so that it can be stopped from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: ReaderProcess | None = None
        self._on_stop: Callable[[], object] | None = None
        self.is_stopped = False

    def when_stopped(self, tell: Callable[[], object]) -> None:
        """`tell` is called on `stop`, in the thread of whoever stops; at once if that has happened."""
        with self._lock:
            self._on_stop = tell
            is_stopped = self.is_stopped
        if is_stopped:
            tell()

    def stop(self) -> None:
        """End the reading now; `DocumentReader.read` raises ReadStoppedError."""
        with self._lock:
            self.is_stopped = True
            if self._worker is not None:
                self._worker.kill()
            tell = self._on_stop
        if tell is not None:
            tell()

    def attach(self, worker: ReaderProcess | None) -> None:
        """What to end on `stop`; None when reading has ended by itself."""
        with self._lock:
            self._worker = worker
            if self.is_stopped and worker is not None:
                worker.kill()


class DocumentReader:
    """Reads files in processes that are kept warm. Thread-safe; each file takes a process for itself."""

    def __init__(self, limits: ReadLimits | None = None) -> None:
        self.limits = limits or ReadLimits()
        self._idle: list[ReaderProcess] = []
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Start a process for the first file, without waiting for it."""
        with self._lock:
            if not self._idle:
                self._idle.append(ReaderProcess(self.limits.memory_bytes))

    def read(
        self,
        name: str,
        data: bytes,
        tokenization: Tokenization,
        *,
        password: Secret | None = None,
        ocr: bool = False,
        encoding: str = "",
        main_only: bool = False,
        on_pages: OnPages = _ignore,
        on_read: OnRead = _ignore,
        call: ReadCall | None = None,
    ) -> CutDocument:
        """`core.documents.readers.reader.read_document`, then `core.documents.chunking`, with limits. Blocks.

        Args:
            name: The file's name; its suffix tells the type where the bytes do not.
            data: All of its bytes.
            tokenization: How the embedding model cuts text into tokens, and how many it reads.
            password: Opens a protected file; None where none was given.
            ocr: Recognise the text of pages that are pictures.
            encoding: What somebody says it is; "" to find it out.
            main_only: Leave out the menus and banners of a web page.
            on_pages: Told from time to time how many pages of a PDF are read, and of how many.
            on_read: Told of the document when it is read and cutting begins.
            call: Lets another thread stop it; None where nobody does.

        Raises:
            DocumentError: Also when a limit is reached.
            ReadStoppedError: After `call` was stopped.
        """
        how = {"ocr": ocr, "encoding": encoding, "main_only": main_only, "password": password}
        request = {"name": name, **how, "is_whole": False}
        return self._ask(request, data, tokenization, on_pages, on_read, call or ReadCall())

    def read_pages(
        self,
        name: str,
        data: bytes,
        *,
        password: Secret | None = None,
        ocr: bool = False,
        encoding: str = "",
        main_only: bool = False,
    ) -> Document:
        """A file's pages with their text, read with the same limits. Blocks.

        Raises:
            DocumentError: Also when a limit is reached.
        """
        how = {"ocr": ocr, "encoding": encoding, "main_only": main_only, "password": password}
        request = {"name": name, **how, "is_whole": True}
        return self._ask(request, data, None, _ignore, _ignore, ReadCall()).document

    def _ask(
        self,
        request: dict[str, Any],
        data: bytes,
        tokenization: Tokenization | None,
        on_pages: OnPages,
        on_read: OnRead,
        call: ReadCall,
    ) -> CutDocument:
        name, password = request["name"], request["password"]
        if len(data) > MAX_FILE_BYTES:
            read_document(name, data)  # refuses it, before it goes anywhere
        limit_s = self.limits.for_file(len(data), ocr=request["ocr"])
        request |= {"size": len(data), "time_s": limit_s, "password": password.value if password else ""}
        worker = self._take()
        try:
            worker.limit(limit_s)
            call.attach(worker)
            messages = worker.exchange(request, data, tokenization)
            answer = self._follow(worker, messages, on_pages, on_read)
        except (OSError, EOFError):
            worker.close()
            if call.is_stopped:
                raise ReadStoppedError from None
            raise _limit_error(clean_file_name(name), worker) from None
        except BaseException:
            worker.close()
            raise
        finally:
            worker.limit(None)
            call.attach(None)
        return self._result(clean_file_name(name), worker, answer, len(data))

    def _follow(
        self, worker: ReaderProcess, messages: Iterator[dict[str, Any]], on_pages: OnPages, on_read: OnRead
    ) -> CutDocument | dict[str, Any]:
        """What became of a file: all of it, or the message that says why not."""
        document: Document | None = None
        pages: list[Page] = []
        chunks: list[Chunk] = []
        for message in messages:
            if "pages" in message:
                on_pages(*message["pages"])
            elif "document" in message:
                found = message["document"]
                worker.limit(self.limits.for_text(found.pop("num_chars")))
                empty = tuple(
                    Page(number=number, text="", is_damaged=is_damaged, label=label)
                    for number, is_damaged, label in found["pages"]
                )
                document = Document(**{**found, "pages": empty, "notes": tuple(found["notes"])})
                on_read(document)
            elif document is not None and "page" in message:
                pages.append(_with_text(document.pages[len(pages)], *message["page"]))
            elif "chunks" in message:
                chunks += [Chunk(**fields) for fields in message["chunks"]]
            elif document is not None and "done" in message:
                return CutDocument(
                    document=replace(document, pages=tuple(pages) or document.pages),
                    chunks=chunks,
                    unknown_share=message.get("unknown_share", 0.0),
                )
            else:
                return message
        raise AssertionError("the messages have no end")

    def close(self) -> None:
        """End the idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def _take(self) -> ReaderProcess:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    return worker
                worker.close()
        return ReaderProcess(self.limits.memory_bytes)

    def _result(
        self, file: str, worker: ReaderProcess, answer: CutDocument | dict[str, Any], num_bytes: int
    ) -> CutDocument:
        if isinstance(answer, dict) and "memory" in answer:
            worker.close()
            raise FileTooLargeError(
                f"{file} needs more than {self.limits.memory_bytes / 1024**3:.3g} GB of memory to be read. "
                "Split it into smaller files."
            )
        num_chunks = len(answer.chunks) if isinstance(answer, CutDocument) else 0
        self._give_back(worker, is_spent=num_bytes > RETIRE_AFTER_BYTES or num_chunks > RETIRE_AFTER_CHUNKS)
        if isinstance(answer, dict):
            raise error_of(answer["error"], answer["message"])
        return answer

    def _give_back(self, worker: ReaderProcess, *, is_spent: bool) -> None:
        with self._lock:
            if len(self._idle) < MAX_IDLE and not is_spent:
                self._idle.append(worker)
                return
        worker.close()


def _with_text(page: Page, text: str, blocks: list[dict[str, Any]], rows: list[tuple[int, int]]) -> Page:
    placed = (PlacedBlock(**{**block, "kind": BlockKind(block["kind"])}) for block in blocks)
    return replace(page, text=text, blocks=tuple(placed), rows=tuple((line, row) for line, row in rows))


def _limit_error(file: str, worker: ReaderProcess) -> CorruptFileError | FileTooLargeError:
    if worker.expired_after_s is not None:
        return FileTooLargeError(
            f"{file} could not be read within {worker.expired_after_s:,.0f} s and was given up. "
            "Split it, or save it in a simpler form."
        )
    return CorruptFileError(
        f"{file} ended the process that read it: it is damaged or needs too much memory. "
        "Save it again, or split it, and upload the new copy."
    )


@cache
def shared_reader() -> DocumentReader:
    """The app's one reader; its processes end with the app."""
    reader = DocumentReader()
    atexit.register(reader.close)
    return reader


async def until_stopped(call: ReadCall, work: Callable[[], T]) -> T:
    """What `work` gives in a thread.

    Raises:
        ReadStoppedError: On `call.stop()`, however long work goes on.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    call.when_stopped(lambda: loop.call_soon_threadsafe(stopped.set))
    working = asyncio.ensure_future(asyncio.to_thread(work))
    stopping = asyncio.ensure_future(stopped.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    # Nobody waits for it any more: how it ends does not matter.
    working.add_done_callback(lambda done: done.cancelled() or done.exception())
    raise ReadStoppedError

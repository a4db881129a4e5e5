"""Reading in a process of its own, with limits that end one file and not the app."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.config import Secret
from core.documents.reader_process import REPOSITORY, ReaderProcess
from core.documents.readers import read_document
from core.documents.reading import DocumentReader, ReadCall, ReadLimits, ReadStoppedError
from core.errors import CorruptFileError, DocumentError, EncryptedFileError, FileTooLargeError, NoTextError
from tests.damaged import erase_pages
from tests.documents import build_docx, build_image_pdf, build_pdf

# Takes seconds to be read; these tests end it long before.
ENDLESS = b"a;b\n" + b"x;y\n" * 5_000_000


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    reader = DocumentReader()
    yield reader
    reader.close()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", build_pdf(["The first page.", "", "The third page."])),
        ("holes.pdf", erase_pages(build_pdf(["One.", "Two."]), 2)),
        ("b.docx", build_docx(["A paragraph.", [["a", "b"], [1, 2]]])),
        ("c.csv", "name;city\nJosé;Zürich\n".encode("cp1252")),
        ("d.txt", "שלום 你好 👩‍👩‍👧 عربى".encode()),
        ("../../e\u202e.md", b"# Title"),
    ],
)
def test_document_is_the_same_as_when_it_is_read_in_the_app(
    name: str, data: bytes, reader: DocumentReader
) -> None:
    assert reader.read(name, data) == read_document(name, data)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", b"no pdf", DocumentError),
        ("scan.pdf", build_image_pdf(), NoTextError),
        ("secret.pdf", build_pdf(["x"], password="pw"), EncryptedFileError),
    ],
)
def test_error_is_the_same_as_when_it_is_read_in_the_app(
    name: str, data: bytes, kind: type[DocumentError], reader: DocumentReader
) -> None:
    with pytest.raises(kind) as inside:
        read_document(name, data)
    with pytest.raises(kind) as outside:
        reader.read(name, data)
    assert type(outside.value) is type(inside.value)
    assert str(outside.value) == str(inside.value)


def test_password_opens_a_pdf_and_a_wrong_one_says_so(reader: DocumentReader) -> None:
    data = build_pdf(["The vault is blue."], password="open sesame")
    document = reader.read("vault.pdf", data, password=Secret(value="open sesame"))
    assert "vault is blue" in document.pages[0].text
    with pytest.raises(EncryptedFileError, match=r"The password does not open vault\.pdf"):
        reader.read("vault.pdf", data, password=Secret(value="wrong"))


def test_file_over_its_time_is_given_up_and_the_next_one_is_read() -> None:
    reader = DocumentReader(ReadLimits(time_s=0.05, per_mb_s=0.0))
    with pytest.raises(FileTooLargeError, match=r"endless\.csv could not be read within 0 s"):
        reader.read("endless.csv", ENDLESS)
    reader.limits = ReadLimits()
    assert reader.read("next.txt", b"Next.").pages[0].text == "Next."
    reader.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_file_over_the_memory_limit_is_given_up_and_the_next_one_is_read() -> None:
    reader = DocumentReader(ReadLimits(memory_bytes=300 * 1024**2))
    with pytest.raises(FileTooLargeError, match=r"big\.csv needs more than 0\.293 GB of memory"):
        reader.read("big.csv", b"a;b\n" + "x😀;y\n".encode() * 6_000_000)
    assert reader.read("next.txt", b"Next.").pages[0].text == "Next."
    reader.close()


def test_stop_ends_the_reading_of_one_file(reader: DocumentReader) -> None:
    call = ReadCall()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(lambda: reader.read("endless.csv", ENDLESS, call=call))
        call.stop()
        with pytest.raises(ReadStoppedError):
            reading.result()
    assert reader.read("next.txt", b"Next.").pages[0].text == "Next."


class KillingCall(ReadCall):
    """Kills the process as soon as it has the file: it can't come to the file's end before that."""

    def attach(self, worker: ReaderProcess | None) -> None:
        super().attach(worker)
        if worker is not None:
            worker.kill()


def test_process_that_is_killed_costs_one_file(reader: DocumentReader) -> None:
    with pytest.raises(CorruptFileError, match=r"endless\.csv ended the process that read it"):
        reader.read("endless.csv", ENDLESS, call=KillingCall())
    assert reader.read("next.txt", b"Next.").pages[0].text == "Next."


def test_pages_are_told_while_a_long_pdf_is_read(reader: DocumentReader) -> None:
    told: list[tuple[int, int]] = []
    data = build_pdf(["A page with a line of text on it." * 20] * 60)
    document = reader.read("long.pdf", data, on_pages=lambda done, of: told.append((done, of)))
    assert document.num_pages == 60
    assert told == sorted(told)
    assert all(of == 60 for _, of in told)


def test_process_gets_no_secret_and_ends_when_its_input_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    reader = DocumentReader()
    reader.warm_up()
    (worker,) = reader._idle
    if sys.platform == "linux":
        with open(f"/proc/{worker.pid}/environ", "rb") as environ:  # noqa: PTH123
            assert b"sk-secret" not in environ.read()
    process = worker._process
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0
    reader.close()


SCRIPT = """
import os, signal
from core.documents.reading import DocumentReader
reader = DocumentReader()
reader.warm_up()
reader.read("a.txt", b"A text.")
print(reader._idle[0].pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_process_ends_with_an_app_that_is_killed() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=REPOSITORY, stdout=subprocess.PIPE, check=False)
    pid = int(done.stdout)
    stat = f"/proc/{pid}/stat"
    ended = threading.Event()
    for _ in range(300):
        try:
            with open(stat) as file:  # noqa: PTH123
                is_gone = file.read().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            is_gone = True
        if is_gone:
            return
        ended.wait(0.1)
    raise AssertionError(f"process {pid} goes on")

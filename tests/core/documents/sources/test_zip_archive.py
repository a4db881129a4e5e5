"""ZIP archives and pasted text as files to ingest."""

from __future__ import annotations

import struct

import pytest

from core.documents.sources.incoming import IncomingFile
from core.documents.sources.zip_archive import ZipLimits, expanded, zip_files
from core.errors import CorruptFileError, DocumentError, FileTooLargeError, UnsupportedFileError
from core.runtime.words import MB
from tests.documents import build_zip, claim_unpacked_size, set_zip_encrypted

pytestmark = pytest.mark.portable


def test_entries_are_files_without_folders_in_their_names() -> None:
    data = build_zip({"a.txt": b"A", "sub/b.md": b"B", "../../etc/c.txt": b"C", "/abs/d.txt": b"D"})
    files = zip_files("all.zip", data)
    assert [file.name for file in files] == ["a.txt", "b.md", "c.txt", "d.txt"]
    assert [file.read() for file in files] == [b"A", b"B", b"C", b"D"]


def test_hidden_files_and_those_of_macos_are_skipped() -> None:
    data = build_zip({".git/config": b"x", "__MACOSX/a.txt": b"x", "sub/.DS_Store": b"x", "a.txt": b"A"})
    assert [file.name for file in zip_files("all.zip", data)] == ["a.txt"]


def test_archive_in_an_archive_is_a_failure_of_its_own() -> None:
    data = build_zip({"inner.zip": build_zip({"a.txt": b"A"}), "b.txt": b"B"})
    inner, good = zip_files("all.zip", data)
    with pytest.raises(DocumentError, match=r"inner\.zip is a ZIP archive inside all\.zip"):
        inner.read()
    assert good.read() == b"B"


def test_entry_with_a_password_is_a_failure_of_its_own() -> None:
    first, second = zip_files("all.zip", set_zip_encrypted(build_zip({"a.txt": b"A", "b.txt": b"B"})))
    with pytest.raises(UnsupportedFileError, match=r"a\.txt in all\.zip is protected"):
        first.read()
    assert second.read() == b"B"


def test_entry_that_unpacks_too_large_is_a_failure_of_its_own() -> None:
    data = build_zip({"bomb.txt": bytes(5_000_000), "b.txt": b"B"})
    bomb, good = zip_files("all.zip", data, ZipLimits(entry_bytes=2_000_000))
    with pytest.raises(FileTooLargeError, match=r"bomb\.txt in all\.zip unpacks to more than"):
        bomb.read()
    assert good.read() == b"B"


def test_archive_that_unpacks_too_large_gives_what_fits() -> None:
    data = build_zip({f"{number}.txt": bytes(1_500_000) for number in range(3)})
    files = zip_files("all.zip", data, ZipLimits(unpacked_bytes=2 * MB))
    assert files[0].read() == bytes(1_500_000)
    with pytest.raises(FileTooLargeError, match=r"all\.zip unpacks to more than 2 MB, so 1\.txt was"):
        files[1].read()


def test_entry_that_is_read_again_counts_once() -> None:
    data = build_zip({"a.txt": bytes(1_500_000), "b.txt": b"B"})
    large, small = zip_files("all.zip", data, ZipLimits(unpacked_bytes=2 * MB))
    assert all(large.read() == bytes(1_500_000) for _ in range(3))
    assert small.read() == b"B"


def test_entry_that_lies_about_its_size_is_damaged() -> None:
    (file,) = zip_files("all.zip", claim_unpacked_size(build_zip({"a.txt": b"A" * 1000}), 10))
    with pytest.raises(CorruptFileError, match=r"a\.txt in all\.zip is damaged"):
        file.read()


def test_archive_with_too_many_files_is_refused() -> None:
    data = build_zip({f"{number}.txt": b"x" for number in range(6)})
    with pytest.raises(FileTooLargeError, match="more than 5 files"):
        zip_files("all.zip", data, ZipLimits(entries=5))


def test_archive_whose_table_of_contents_is_too_long_is_refused_unread() -> None:
    data = build_zip({"a.txt": b"A"})
    at = data.rindex(b"PK\x05\x06")
    lying = data[: at + 10] + struct.pack("<HI", 60_000, 2**31) + data[at + 16 :]
    with pytest.raises(FileTooLargeError, match=r"all\.zip holds more than"):
        zip_files("all.zip", lying)


@pytest.mark.parametrize(
    "data", [b"", b"no archive", build_zip({"a.txt": b"A"})[:-30]], ids=["empty", "text", "cut"]
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(CorruptFileError, match=r"all\.zip is damaged or not a ZIP archive"):
        zip_files("all.zip", data)


def test_empty_archive_is_refused() -> None:
    with pytest.raises(CorruptFileError, match=r"all\.zip holds no files"):
        zip_files("all.zip", build_zip({}))


def test_archive_gives_its_files_and_any_other_file_is_one() -> None:
    def given(name: str, data: bytes) -> IncomingFile:
        return IncomingFile(name=name, size_bytes=len(data), read=lambda: data)

    assert [file.name for file in expanded(given("All.ZIP", build_zip({"a.txt": b"A", "b.md": b"B"})))] == [
        "a.txt",
        "b.md",
    ]
    text = given("a.txt", b"A")
    assert expanded(text) == [text]
    (damaged,) = expanded(given("all.zip", b"no archive"))
    with pytest.raises(CorruptFileError, match=r"all\.zip is damaged or not a ZIP archive"):
        damaged.read()


def test_archive_that_is_gone_fails_when_its_turn_comes() -> None:
    def read() -> bytes:
        raise FileNotFoundError

    gone = IncomingFile(name="all.zip", size_bytes=0, read=read)
    assert expanded(gone) == [gone]

"""The files in ZIP archives.

Whatever can't be taken comes as a file that fails with its sentence when its turn comes, so that it
stands beside the others in the progress and in the log.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from core.documents.file_identity import clean_file_name
from core.documents.readers.reader import MAX_FILE_BYTES
from core.documents.sources.incoming import IncomingFile, NamedBytes, below_common, failing_file, origin_of
from core.errors import CorruptFileError, DocumentError, FileTooLargeError, UnsupportedFileError
from core.runtime.words import file_size

MAX_ENTRIES = 2000
MAX_ARCHIVE_BYTES = 1024**3
# An archive's table of contents: some 100 bytes for each entry, with room for long names.
MAX_DIRECTORY_BYTES = MAX_ENTRIES * 1024
READ_BYTES = 1024 * 1024
_ENCRYPTED_FLAG = 0x1
_END_MARK, _END64_MARK, _LOCATOR_MARK = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END_BYTES = 22
# zipfile lets what its decompressors raise through.
_UNPACKING_ERRORS = (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, kw_only=True, slots=True)
class ZipLimits:
    """How much of one archive is taken: so many entries, and so many bytes of all of them unpacked."""

    entries: int = MAX_ENTRIES
    unpacked_bytes: int = MAX_ARCHIVE_BYTES
    entry_bytes: int = MAX_FILE_BYTES


def zip_files(name: str, data: bytes, limits: ZipLimits | None = None) -> list[IncomingFile]:
    """The files in a ZIP archive, to be unpacked in memory one by one when their turn comes.

    Folders in names are left out of them, so no name can point anywhere. Hidden files and those that
    macOS adds are skipped.

    Args:
        name: The archive's, for messages.
        data: All of its bytes; kept until each file was unpacked.
        limits: None for the defaults of `ZipLimits`.

    Raises:
        CorruptFileError: When the archive is damaged, or holds no files.
        FileTooLargeError: When it holds more files than the limit.
    """
    limits = limits or ZipLimits()
    archive_name = clean_file_name(name)
    _check_directory(archive_name, data, limits)
    try:
        archive = ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, OSError, NotImplementedError) as exc:
        raise CorruptFileError(
            f"{archive_name} is damaged and can't be opened as a ZIP archive. Upload a new copy of it."
        ) from exc
    # Not `is_dir`, which fails on an entry whose name is empty.
    found = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    entries = [entry for entry in found if not _is_hidden(entry.filename)]
    if len(entries) > limits.entries:
        raise _too_many(archive_name, limits)
    if not entries:
        raise CorruptFileError(f"{archive_name} holds no files. Check that it is the right archive.")
    budget = _Budget(limits.unpacked_bytes)
    files = [_entry_file(archive_name, archive, entry, budget, limits) for entry in entries]
    folders = below_common([entry.filename for entry in entries])
    return [replace(file, origin=origin_of(folder)) for file, folder in zip(files, folders, strict=True)]


def expanded(file: IncomingFile) -> list[IncomingFile]:
    """The files in a ZIP archive; any other file by itself.

    An archive that can't be taken as a whole gives one file, which fails with the reason when its turn comes.
    """
    if not _is_archive(file.name):
        return [file]
    try:
        data = file.read()
        return zip_files(file.name, data.data if isinstance(data, NamedBytes) else data)
    except OSError:
        return [file]  # fails again when its turn comes, with a sentence
    except DocumentError as exc:
        return [failing_file(file.name, exc)]


class _Budget:
    """The bytes that may still be unpacked. Counted while unpacking: what a directory says proves nothing."""

    def __init__(self, num_bytes: int) -> None:
        self._left = num_bytes
        self._lock = threading.Lock()

    def take(self, num_bytes: int) -> bool:
        """Take so many bytes; False where there were not so many left, and nothing is left then."""
        with self._lock:
            self._left -= num_bytes
            return self._left >= 0


def _entry_file(
    archive_name: str, archive: ZipFile, entry: ZipInfo, budget: _Budget, limits: ZipLimits
) -> IncomingFile:
    file = clean_file_name(entry.filename)
    if _is_archive(file):
        return failing_file(
            file, DocumentError(f"{file} is a ZIP archive inside {archive_name}. Upload it by itself.")
        )
    if entry.flag_bits & _ENCRYPTED_FLAG:
        return failing_file(
            file,
            UnsupportedFileError(
                f"{file} in {archive_name} is protected by a password. Unpack the archive and add the files."
            ),
        )
    return IncomingFile(
        name=file,
        size_bytes=entry.file_size,
        read=_unpacking(file, archive_name, archive, entry, budget, limits),
    )


def _unpacking(
    file: str, archive_name: str, archive: ZipFile, entry: ZipInfo, budget: _Budget, limits: ZipLimits
) -> Callable[[], bytes]:
    counted = 0  # of its bytes; one that is read again, to be compared or after a failure, counts once

    def read() -> bytes:
        nonlocal counted
        parts = BytesIO()
        try:
            with archive.open(entry) as stream:
                while part := stream.read(READ_BYTES):
                    if parts.tell() + len(part) > limits.entry_bytes:
                        raise FileTooLargeError(
                            f"{file} in {archive_name} unpacks to more than "
                            f"{file_size(limits.entry_bytes)}. Split it into smaller files."
                        )
                    done = parts.tell() + len(part)
                    if not budget.take(max(0, done - counted)):
                        raise FileTooLargeError(
                            f"{archive_name} unpacks to more than {file_size(limits.unpacked_bytes)}, so "
                            f"{file} was left out. Add the rest in an archive of its own."
                        )
                    parts.write(part)
                    counted = max(counted, done)
        except _UNPACKING_ERRORS as exc:
            raise CorruptFileError(
                f"{file} in {archive_name} is damaged or packed in an unknown way. Pack it anew."
            ) from exc
        return parts.getvalue()

    return read


def _check_directory(archive_name: str, data: bytes, limits: ZipLimits) -> None:
    """Refuse a table of contents that is too long, before it is read into memory.

    Raises:
        CorruptFileError: When it is no ZIP archive.
        FileTooLargeError: When the table is too long.
    """
    at = data.rfind(_END_MARK, max(0, len(data) - 65_536 - _END_BYTES))
    if at < 0 or len(data) < at + _END_BYTES:
        raise CorruptFileError(
            f"{archive_name} is damaged or not a ZIP archive. Check the file and upload it again."
        )
    num_entries, num_bytes = struct.unpack_from("<HI", data, at + 10)
    if data[max(0, at - 20) : at].startswith(_LOCATOR_MARK):
        (at64,) = struct.unpack_from("<Q", data, at - 12)
        if data[at64 : at64 + 4] == _END64_MARK and len(data) >= at64 + 56:
            num_entries, num_bytes = struct.unpack_from("<QQ", data, at64 + 32)
    if num_entries > limits.entries * 2 or num_bytes > MAX_DIRECTORY_BYTES:
        raise _too_many(archive_name, limits)


def _too_many(archive_name: str, limits: ZipLimits) -> FileTooLargeError:
    return FileTooLargeError(
        f"{archive_name} holds more than {limits.entries:,} files. Split it into smaller archives."
    )


def _is_archive(name: str) -> bool:
    return name.lower().endswith(".zip")


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part == "__MACOSX" or (part.startswith(".") and part not in {".", ".."}) for part in parts)

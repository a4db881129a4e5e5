"""The ZIP container of Office files, OpenDocument and e-books, looked at before its parts are parsed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from core.errors import CorruptFileError, DocumentError, FileTooLargeError, UnsupportedFileError
from core.runtime.words import MB, file_size

# All parts together. Parsed XML takes several times this in memory; a small file can claim any size.
MAX_CONTAINER_BYTES = 400 * MB
_ENCRYPTED_FLAG = 0x1
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp", ".emf", ".wmf")


@contextmanager
def parsing(file: str, data: bytes, program: str) -> Iterator[None]:
    """Check the container, then turn whatever the parser throws at its content into our errors.

    Args:
        file: Its name, for messages.
        data: The container's bytes.
        program: What can repair such a file, for the message, such as "Word".

    Raises:
        DocumentError: As the container's check or the block raises it.
        CorruptFileError: When the block raises anything else, MemoryError left out.
    """
    advice = f"Open it in {program}, save it again and upload the new copy."
    try:
        check_container(file, data)
        yield
    except (DocumentError, MemoryError):
        raise
    # Broad on purpose. The three libraries don't validate: a file that breaks the format surfaces as
    # whatever their code trips over (KeyError, AttributeError, XMLSyntaxError, zlib.error, ...).
    except Exception as exc:
        raise CorruptFileError(f"{file} is damaged and can't be read as a {program} file. {advice}") from exc


def check_container(file: str, data: bytes) -> None:
    """Refuse a ZIP container before anything of it is unpacked.

    Raises:
        UnsupportedFileError: When a part is packed with a password.
        FileTooLargeError: When its parts unpack to more than `MAX_CONTAINER_BYTES` together.
        zipfile.BadZipFile: When it is no ZIP container.
    """
    with ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise UnsupportedFileError(
            f"{file} is packed with a password, not protected by Office. "
            "Save a copy without the password and upload that."
        )
    # A part can't unpack to more than it claims: zipfile stops reading there.
    if sum(part.file_size for part in parts) > MAX_CONTAINER_BYTES:
        raise FileTooLargeError(
            f"{file} unpacks to more than {file_size(MAX_CONTAINER_BYTES)}. "
            "Remove its images or split it into smaller files."
        )


def count_pictures(data: bytes) -> int:
    """How many pictures lie in an Office file or e-book; 0 in what is no container."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return 0
    # What a program shows of the file in a folder is none of its own.
    return sum(name.endswith(_PICTURES) and "thumbnail" not in name for name in names)

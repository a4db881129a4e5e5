"""A file that is to be ingested: its name, where it comes from, and how its bytes are had."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.config.settings import Secret
from core.documents.models import SameName
from core.errors import DocumentError

MAX_TITLE_CHARS = 80
_UNFIT_FOR_NAME = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedBytes:
    """A file whose name is known only when it is there, such as one from the web."""

    name: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingFile:
    """A file to ingest.

    Attributes:
        read: Called in a worker thread, when its turn comes; raises OSError or OverlapError.
        size_bytes: 0 when it is not known yet.
        password: Opens a protected PDF; kept in memory only, and shown nowhere.
        ocr: Recognise the text of a scan; needs Tesseract.
        encoding: What somebody says that of a text is; "" to find it out.
        main_only: Leave out the menus and banners of a web page, or keep them; None for what is none.
        origin: Where it comes from, where that tells files of one name apart: of the folders below the one
            that was chosen, or of the web address, a digest, for neither is to be stored; "" for a file by
            itself.
        same_name: What becomes of documents of the same name and origin with other content that are there:
            "keep" leaves them beside this one, "replace" deletes them once this one is all in.
    """

    name: str
    size_bytes: int
    read: Callable[[], bytes | NamedBytes]
    password: Secret | None = None
    ocr: bool = False
    encoding: str = ""
    main_only: bool | None = None
    origin: str = ""
    same_name: SameName = "keep"


def origin_of(where: str) -> str:
    """The `origin` of files from `where`: folders below the chosen one, or an address; "" for "" and "."."""
    parts = unicodedata.normalize("NFC", where).replace("\\", "/").strip("/")
    return "" if parts in {"", "."} else hashlib.sha256(parts.encode(errors="replace")).hexdigest()[:16]


def below_common(paths: Sequence[str]) -> list[str]:
    """The folders of each path, without the outermost one where all share it: that is the chosen one."""
    parts = [path.replace("\\", "/").strip("/").split("/")[:-1] for path in paths]
    is_shared = all(folders and folders[0] == parts[0][0] for folders in parts)
    return ["/".join(folders[1:] if is_shared else folders) for folders in parts]


def pasted_file(title: str, text: str) -> IncomingFile:
    """Pasted text as a file named after its title, or after the text's first words where it has none.

    Raises:
        DocumentError: When there is no text.
    """
    if not text.strip():
        raise DocumentError("There is no text to add. Paste some into the field.")
    words = unicodedata.normalize("NFC", title.strip() or " ".join(text.split()[:6]))
    fit = " ".join(_UNFIT_FOR_NAME.sub(_unless_mark, words).split())
    stem = fit[:MAX_TITLE_CHARS].strip() or "Pasted text"
    data = text.encode("utf-8", errors="replace")
    return IncomingFile(name=f"{stem}.txt", size_bytes=len(data), read=lambda: data)


def _unless_mark(found: re.Match[str]) -> str:
    """Marks that belong to the letter before them stay, such as the vowels of Hindi."""
    return found[0] if unicodedata.category(found[0]).startswith("M") else " "


def failing_file(name: str, error: DocumentError) -> IncomingFile:
    """A file that is not taken, to stand with its sentence beside those that are."""

    def fail() -> bytes:
        raise error

    return IncomingFile(name=name, size_bytes=0, read=fail)

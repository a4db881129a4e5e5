"""Documents as frozen values: read, cut, and as a knowledge base has them. Unknown is None, never 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Literal

from core.documents.row_numbers import RowNumbers
from core.runtime.words import counted

# Raised when readers give another text of a file: a file that was read before is read anew when it is added.
READER_VERSION = 4
# More page numbers than these are a count: the sentence must stay one that is read.
MAX_PAGES_NAMED = 10


class BlockKind(StrEnum):
    """What a piece of a page is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CODE = "code"
    FOOTNOTE = "footnote"
    NOTE = "note"
    FORM_FIELD = "form_field"
    EQUATION = "equation"
    CHART = "chart"
    CAPTION = "caption"
    HEADER_FOOTER = "header_footer"


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """Where a block is in its page's text; see `core.documents.blocks.Block`.

    Attributes:
        start: Its first character in the page's text.
        end: The one after its last.
        header: A table's first line there, which names the columns of the others.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    header: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page, slide or sheet of a document; readers make it with `core.documents.blocks.page_of`.

    Attributes:
        number: Counted from 1; None where the format has no pages.
        text: Not normalised beyond line ends ("\\n").
        is_damaged: It could not be read; its text is empty then, and its number still counts.
        label: What its place is called where that is not "page 3": "sheet Budget", "chapter 2".
        blocks: Where the text's pieces are, in order; none where the format does not tell.
        rows: Which rows of a sheet its lines are.
    """

    number: int | None
    text: str
    is_damaged: bool = False
    label: str = ""
    blocks: tuple[PlacedBlock, ...] = ()
    rows: RowNumbers = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file that was read.

    Attributes:
        id: Derived from the bytes (see `core.documents.file_identity.document_id`), so the same file under
            another name is the same document.
        file: The name to show, without folders and control characters.
        notes: What of it could not be read or was guessed ("2 charts without data", "read as windows-1250").
    """

    id: str
    file: str
    size_bytes: int
    pages: tuple[Page, ...]
    notes: tuple[str, ...] = ()

    @property
    def num_pages(self) -> int | None:
        """How many numbered pages it has, or None where the format has none."""
        numbered = sum(page.number is not None for page in self.pages)
        return numbered or None

    @property
    def unread_pages(self) -> tuple[int, ...]:
        """The numbers of the pages that could not be read, ascending."""
        return tuple(page.number for page in self.pages if page.is_damaged and page.number is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A passage that the embedding model reads whole.

    Attributes:
        id: Derived from document, position and text.
        position: 0-based place among the document's chunks.
        start: Its first character in the page's text.
        end: The one after its last.
        text: That range; before it, where that begins among a table's rows, the line that names the columns.
        num_tokens: As the embedding model's tokenizer counts, with its special tokens.
        label: The page's, and the rows where that is a sheet: "sheet Budget, rows 12–40".
    """

    id: str
    document_id: str
    file: str
    page: int | None
    position: int
    start: int
    end: int
    text: str
    text_hash: str
    num_tokens: int
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CutDocument:
    """A file that was read and cut.

    Attributes:
        document: Its pages without their text, which lives on in the chunks.
        unknown_share: How much of its text the embedding model's tokenizer does not know, 0 to 1.
    """

    document: Document
    chunks: list[Chunk]
    unknown_share: float = 0.0


def notes_told(notes: Sequence[str]) -> str:
    """A document's notes as a sentence: "2 charts without data; read as windows-1250."; "" for none."""
    return f"{'; '.join(notes)}." if notes else ""


def unread_pages_warning(document: Document) -> str | None:
    """The sentence that says which pages are missing; None when every page was read."""
    unread = document.unread_pages
    if not unread:
        return None
    if len(unread) == 1:
        return f"Page {unread[0]:,} of {document.num_pages:,} is damaged and was left out."
    ranges = list(_ranges(unread))
    named = ", ".join(ranges[:MAX_PAGES_NAMED])
    more = " and more" if len(ranges) > MAX_PAGES_NAMED else ""
    return f"{len(unread):,} of {document.num_pages:,} pages are damaged and were left out: {named}{more}."


def _ranges(numbers: Sequence[int]) -> Iterator[str]:
    """Ascending numbers, neighbours as one range: "3", "5–9"."""
    # Among neighbours the number and its place grow alike.
    for _, run in groupby(enumerate(numbers), key=lambda item: item[1] - item[0]):
        pages = [number for _, number in run]
        yield f"{pages[0]}" if len(pages) == 1 else f"{pages[0]}–{pages[-1]}"


# What is said wherever a passage of a document is shown that was added again under its name.
OLDER = "older version"
# What becomes of a document whose name a new one has, with other content.
SameName = Literal["keep", "replace"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A document seen as one of several of the same name.

    Attributes:
        origin: See `core.documents.sources.incoming.IncomingFile`.
        num_chunks: How many it should have.
    """

    id: str
    file: str
    origin: str
    ingested_at: str
    num_chunks: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentSummary:
    """One document of a knowledge base, as Milvus has it.

    Attributes:
        num_tokens: How many the whole document has; None where the ingest did not note it.
        warning: The sentence that says which pages could not be read; None when all could.
        notes: As in `Document`.
        reader_version: The `READER_VERSION` that has read it.
        origin: Tells documents of one name apart; see `core.documents.sources.incoming.IncomingFile`.
        language: As two letters; None where it is unclear or was not noted.
        unknown_share: As in `CutDocument`; None where it was not noted.
    """

    id: str
    file: str
    size_bytes: int
    num_pages: int | None
    num_chunks: int
    chunks_present: int
    ingested_at: str
    num_tokens: int | None = None
    warning: str | None = None
    notes: tuple[str, ...] = ()
    reader_version: int = READER_VERSION
    origin: str = ""
    language: str | None = None
    unknown_share: float | None = None

    @property
    def is_outdated(self) -> bool:
        """Whether an earlier version has read it: added again, it is read anew."""
        return self.reader_version < READER_VERSION

    @property
    def is_complete(self) -> bool:
        """Whether all of its chunks are there; False where its ingest was cut short."""
        return self.chunks_present >= self.num_chunks


def partly_in(number: int) -> str:
    """What is said where answers are read of so many documents whose `is_complete` is False; "" for none."""
    if not number:
        return ""
    return f"{counted(number, 'document')} {'is' if number == 1 else 'are'} only partly in"

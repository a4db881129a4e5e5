"""Frozen values that cross layers. Seconds everywhere; unknown is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from core.citations import cited_numbers, plainly_cited_numbers


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page, slide or sheet of a document.

    number: counted from 1; None where the format has no pages.
    text: not normalised beyond line ends ("\\n").
    is_damaged: it could not be read; its text is empty then, and its number still counts.
    """

    number: int | None
    text: str
    is_damaged: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file that was read.

    id: derived from the bytes (see `core.documents.readers.document_id`), so the same file under
    another name is the same document.
    file: the name to show, without folders and control characters.
    """

    id: str
    file: str
    size_bytes: int
    pages: tuple[Page, ...]

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
class Tokenization:
    """How an embedding model takes a text, as far as cutting texts for it needs to know.

    tokenizer_json: its tokenizer, as the `tokenizers` library writes it.
    max_tokens: what it reads of a text, special tokens included; what lies behind is ignored.
    text_prompt: what it wants before every text; most want nothing.
    """

    tokenizer_json: str
    max_tokens: int
    text_prompt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A passage that the embedding model reads whole.

    id: derived from document, position and text.
    position: 0-based place among the document's chunks.
    start, end: character range in the page's text.
    num_tokens: as the embedding model's tokenizer counts, with its special tokens.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class CutDocument:
    """A file that was read and cut.

    document: its pages without their text, which lives on in the chunks.
    """

    document: Document
    chunks: list[Chunk]


Remedy = Literal["password", "ocr"]
# What is said wherever a passage of a document is shown that was added again under its name.
OLDER = "older version"
# What becomes of a document whose name a new one has, with other content.
SameName = Literal["keep", "replace"]


class Stage(StrEnum):
    """Where a file is on its way into the knowledge base."""

    WAITING = "waiting"
    READING = "reading"
    CHUNKING = "chunking"
    EMBEDDING = "embedding"
    INSERTING = "inserting"
    DONE = "done"
    PRESENT = "already there"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        return self in {Stage.DONE, Stage.PRESENT, Stage.FAILED, Stage.STOPPED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A document seen as one of several of the same name.

    origin: see `core.documents.progress.IncomingFile`. num_chunks: how many it should have.
    """

    id: str
    file: str
    origin: str
    ingested_at: str
    num_chunks: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FileProgress:
    """How far one file is.

    num_pages, num_chunks: None until known.
    pages_done: pages that are read. pages_per_s: of the reading, None until something was read.
    chunks_done: chunks that Milvus has, including those of an earlier ingest.
    chunks_reused: chunks whose text was embedded before, and not again.
    chunks_per_s: of this ingest, None until something was inserted.
    eta_s: seconds left at that speed, None when unknown.
    first_searchable_s: from the ingest's start until a question could be answered from this file.
    error: why it failed, or why nothing of it was added.
    warning: what of it could not be read, although the rest is in.
    steps_s: for how long each step was under way so far, in s; see `core.documents.steps.STEPS`.
    remedy: what would help a file that failed: its "password", or "ocr" for a scan.
    beside: documents of the same name with other content that were there before, and still are.
    replaced: those that were, and were deleted for this one; with as many chunks as they had.
    """

    file: str
    stage: Stage
    size_bytes: int
    num_pages: int | None = None
    num_chunks: int | None = None
    chunks_done: int = 0
    chunks_added: int = 0
    chunks_reused: int = 0
    chunks_per_s: float | None = None
    eta_s: float | None = None
    elapsed_s: float | None = None
    first_searchable_s: float | None = None
    error: str | None = None
    warning: str | None = None
    pages_done: int = 0
    pages_per_s: float | None = None
    steps_s: dict[str, float] = field(default_factory=dict)
    remedy: Remedy | None = None
    beside: tuple[Version, ...] = ()
    replaced: tuple[Version, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentSummary:
    """One document of a knowledge base, as Milvus has it.

    num_tokens: of the whole document; None where the ingest did not note it.
    warning: the sentence that says which pages could not be read; None when all could.
    origin: tells documents of one name apart; see `core.documents.progress.IncomingFile`.
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
    origin: str = ""

    @property
    def is_complete(self) -> bool:
        return self.chunks_present >= self.num_chunks


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeBaseInfo:
    """A knowledge base as the target has it. num_chunks is None when it can't be counted."""

    name: str
    collection: str
    model: str
    dim: int
    num_chunks: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A passage that an answer rests on.

    number: as cited, from 1.
    score: cosine similarity of question and passage, -1 to 1.
    position, num_chunks: its 0-based place among the document's chunks, and how many those are.
    num_pages: of the document; None where its format has none.
    is_older: a document of the same name was added later: this one is of an older version.
    also_in: where else the same passage was found, which is shown once.
    """

    number: int
    file: str
    page: int | None
    score: float
    text: str
    chunk_id: str
    document_id: str
    position: int = 0
    num_chunks: int = 1
    num_pages: int | None = None
    is_older: bool = False
    also_in: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File and, where there is one, page: "report.pdf, page 3"."""
        return place_of(self.file, self.page)

    @property
    def description(self) -> str:
        """Its place, and what is to be known about it: "fee.txt, older version"."""
        older = f", {OLDER}" if self.is_older else ""
        also = f", the same in {'; '.join(self.also_in)}" if self.also_in else ""
        return f"{self.place}{older}{also}"


def place_of(file: str, page: int | None) -> str:
    """File and, where there is one, page: "report.pdf, page 3"."""
    return file if page is None else f"{file}, page {page}"


AnswerMode = Literal["llm", "extractive"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """A question that was asked before, and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered.

    timings_s: condense, embed and search each by itself, first_token and total from the question on;
        where measured.
    searched_for: the question as it was searched for, where a follow-up was completed from the
        conversation.
    is_refusal: the documents do not say it: no passage was similar enough, or the model found none
        that answers.
    reasoning: what the model wrote while it thought; no part of the answer.
    can_retry: whether the same question may be answered better when it is asked again after an error.
    """

    text: str
    mode: AnswerMode
    sources: tuple[Source, ...]
    timings_s: dict[str, float] = field(default_factory=dict)
    model: str | None = None
    error: str | None = None
    is_partial: bool = False
    searched_for: str | None = None
    is_refusal: bool = False
    reasoning: str = ""
    can_retry: bool = True

    @property
    def used(self) -> tuple[Source, ...]:
        """The sources that the text names, in its order; those of a refusal were not used."""
        if self.is_refusal:
            return ()
        cited = plainly_cited_numbers if self.mode == "extractive" else cited_numbers
        return tuple(self.sources[number - 1] for number in cited(self.text, len(self.sources)))

    def to_dict(self) -> dict[str, Any]:
        """The form that ``python -m core ask --json`` prints."""
        return {
            "answer": self.text,
            "mode": self.mode,
            "sources": [
                {
                    "file": s.file,
                    "page": s.page,
                    "score": round(s.score, 4),
                    "text": s.text,
                    "is_older": s.is_older,
                    "also_in": list(s.also_in),
                }
                for s in self.sources
            ],
            "timings_s": {name: round(value, 4) for name, value in self.timings_s.items()},
            "error": self.error,
            "is_refusal": self.is_refusal,
            "used": [s.number for s in self.used],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One preflight check. ok None means that it does not apply or was not tried."""

    name: str
    ok: bool | None
    detail: str
    what_to_do: str = ""

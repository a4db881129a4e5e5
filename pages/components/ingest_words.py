"""What is said of a file of an ingest: how far it is, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator

from core.documents.languages import language_name
from core.documents.models import notes_told
from core.documents.part_names import part_name, parts_counted
from core.documents.versions import beside_words, replaced_words
from core.embedding.choices import LEAST_UNKNOWN_SHARE
from core.ingest.journal import embedded_before
from core.ingest.progress import FileProgress, Stage
from core.runtime.words import counted, duration
from pages.components.markdown import escaped
from pages.components.times import with_visitors_times


def share_in(file: FileProgress) -> float:
    """How much of a file is in, 0 to 1; 0 while its chunks are not counted."""
    if file.num_chunks:
        return min(1.0, file.chunks_done / file.num_chunks)
    return 0.0


def line_at_work(file: FileProgress) -> str:
    """How far a file is, in Markdown."""
    parts = [f"**{escaped(file.file)}**", str(file.stage)]
    if file.stage is Stage.READING and file.num_pages:
        parts.append(f"{part_name(file.file)} {file.pages_done:,} of {file.num_pages:,}")
    if file.pages_per_s is not None and file.stage is Stage.READING:
        parts.append(f"{file.pages_per_s:,.0f} {part_name(file.file)}s/s")
    if file.num_chunks is not None:
        parts.append(f"{file.chunks_done:,} of {file.num_chunks:,} chunks")
    if file.chunks_per_s is not None:
        parts.append(f"{file.chunks_per_s:,.0f} chunks/s")
    if file.eta_s is not None:
        parts.append(f"about {duration(file.eta_s)} left")
    return " · ".join(parts)


def steps_told(file: FileProgress) -> str:
    """How long each step was under way; they overlap, so the sum is more than the whole."""
    return " · ".join(f"{step} {seconds_told(time_s)}" for step, time_s in file.steps_s.items())


def seconds_told(time_s: float) -> str:
    """Seconds with as many digits as say something."""
    return f"{time_s:.2f} s" if time_s < 10 else f"{time_s:,.0f} s"


def present_line(file: FileProgress) -> str:
    """That a file was there already, in Markdown."""
    told = [
        file.error or "Nothing was added twice.",
        file.warning,
        notes_told(file.notes),
        *_versions_told(file),
    ]
    sentences = escaped(with_visitors_times(" ".join(filter(None, told))))
    return f"**{escaped(file.file)}** was already there. {sentences}"


def _versions_told(file: FileProgress) -> Iterator[str]:
    """What became of documents of the same name, in sentences."""
    if file.replaced:
        yield f"It {replaced_words(file.replaced)}."
    if file.beside:
        yield f"{beside_words(file.beside)}. Answers mark what comes from the older version."


def done_line(file: FileProgress) -> str:
    """What was added of a file and how long it took, in Markdown."""
    parts = parts_counted(file.file, file.num_pages)
    speed = "" if file.chunks_per_s is None else f" at {file.chunks_per_s:.0f} chunks/s"
    reused = embedded_before(file.chunks_reused)
    size = ", ".join(filter(None, [parts, counted(file.chunks_added, "chunk")]))
    added = f"{size} added{speed}{reused}{language_told(file)}"
    took = "" if file.elapsed_s is None else f"searchable after {seconds_told(file.elapsed_s)}"
    line = " · ".join(filter(None, [f"**{escaped(file.file)}**: {added}", took, steps_told(file)]))
    notes = filter(None, [notes_told(file.notes)])
    versions = map(with_visitors_times, _versions_told(file))
    return "  \n".join([line, *map(escaped, notes), *map(escaped, versions)])


def language_told(file: FileProgress) -> str:
    """What it is written in, where that is worth a word, and how much of it the model can't read."""
    share = file.unknown_share or 0.0
    language = None if file.language in {None, "en"} else language_name(file.language or "")
    unknown = f"{100 * share:.0f} % of it unknown to the model" if share >= LEAST_UNKNOWN_SHARE else None
    return "".join(f" · {each}" for each in (language, unknown) if each)


def outcome_words(file: FileProgress) -> str:
    """What became of a file, without markup; "" while it is on its way."""
    match file.stage:
        case Stage.DONE:
            parts = parts_counted(file.file, file.num_pages)
            size = ", ".join(filter(None, [parts, counted(file.chunks_added, "chunk")]))
            took = "" if file.elapsed_s is None else f", searchable after {seconds_told(file.elapsed_s)}"
            told = [
                f"{size} added{took}.",
                file.warning,
                notes_told(file.notes),
                *_versions_told(file),
            ]
        case Stage.PRESENT:
            told = ["was already there.", file.error, file.warning, notes_told(file.notes)]
        case Stage.STOPPED:
            told = [f"was stopped after {counted(file.chunks_done, 'chunk')}, which are kept.", file.error]
        case Stage.FAILED:
            told = [file.error or "failed"]
        case _:
            told = []
    return " ".join(filter(None, told))


def stopped_line(file: FileProgress) -> str:
    """How much of a file was in when it was stopped, in Markdown."""
    why = f" {escaped(file.error)}" if file.error else ""
    if not file.chunks_done:
        return f"**{escaped(file.file)}** was stopped before anything of it was in.{why}"
    total = "" if file.num_chunks is None else f" of {file.num_chunks:,}"
    return (
        f"**{escaped(file.file)}** was stopped after {file.chunks_done:,}{total} chunks, which are kept."
        f"{why or ' Try again to go on from there.'}"
    )

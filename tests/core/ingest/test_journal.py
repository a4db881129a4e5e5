"""The log of an ingest: how each file ended, in words, and lines that can be read by themselves."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from core.documents.sources.incoming import IncomingFile
from core.ingest.file_state import FileState
from core.ingest.journal import Journal, LogEntry, embedded_before, log_text
from core.ingest.progress import Stage

pytestmark = pytest.mark.portable


def ended(stage: Stage, **values: object) -> str:
    """What the log says of a file that ended in that stage."""
    journal = Journal()
    file = FileState(incoming=IncomingFile(name="a.txt", size_bytes=1, read=lambda: b"x"))
    file.started_s = time.perf_counter() - 2.0
    for name, value in values.items():
        setattr(file, name, value)
    journal.finish(file, stage)
    assert (journal.log[-1].file, file.stage) == ("a.txt", stage)
    return journal.log[-1].event


def test_end_of_a_file_is_told_with_what_went_in() -> None:
    assert ended(Stage.DONE, chunks_added=1200, chunks_reused=3).startswith(
        "is in: 1,200 chunks (3 of them embedded before) in 2."
    )
    assert ended(Stage.STOPPED, chunks_done=1) == "was stopped after 1 chunk"
    assert ended(Stage.FAILED, error="It is damaged.") == "failed: It is damaged."
    assert ended(Stage.PRESENT) == "was already there."
    assert ended(Stage.PRESENT, error="Nothing was added.") == "was already there. Nothing was added."


def test_chunks_that_were_embedded_before_are_told_only_where_there_are_any() -> None:
    assert embedded_before(0) == ""
    assert embedded_before(1200) == " (1,200 of them embedded before)"


def test_work_that_failed_was_work_as_well() -> None:
    journal = Journal()
    file = FileState(incoming=IncomingFile(name="a.txt", size_bytes=1, read=lambda: b"x"))
    with pytest.raises(ValueError), journal.step(file, "embed", 7):
        raise ValueError
    (span,) = file.spans
    assert (span.step, span.num_chunks) == ("embed", 7)
    assert 0 <= span.start_s <= span.end_s <= journal.since_start_s()
    with journal.step(None, "flush"):
        pass


def test_log_is_lines_of_time_file_and_event() -> None:
    at = datetime(2026, 11, 28, 6, 0, 1, 234567, tzinfo=UTC)
    entries = [LogEntry(at=at, file="a.txt", event="is in"), LogEntry(at=at, file="", event="it ended")]
    assert log_text(entries) == "2026-11-28 06:00:01.234  a.txt  is in\n2026-11-28 06:00:01.234  it ended\n"
    assert log_text([]) == ""

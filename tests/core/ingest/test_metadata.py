"""What is stored about a document beside its text."""

from __future__ import annotations

from core.ingest.metadata import ingest_time


def test_two_ingests_are_told_apart_within_a_second() -> None:
    assert len({ingest_time() for _ in range(1000)}) > 10

"""Documents of one name: which is the older version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.documents.models import Version
from core.documents.versions import older_versions, versions_of
from core.store.summaries import version_of


def _older(documents: Sequence[Version]) -> set[str]:
    return set(older_versions(documents, lambda version: version.num_chunks > 0))


def _version(id: str, minute: int, *, origin: str = "", num_chunks: int = 1) -> Version:
    at = f"2026-11-26T20:{minute:02}:00+00:00"
    return Version(id=id, file="fee.txt", origin=origin, ingested_at=at, num_chunks=num_chunks)


def test_document_is_older_when_one_of_its_name_was_added_later() -> None:
    versions = [_version("third", 3), _version("first", 1), _version("second", 2)]
    assert older_versions(versions, lambda _: True) == {"first": "third", "second": "third"}
    other = replace(_version("other", 0), file="statutes.txt")
    assert _older([_version("first", 1), other]) == set()


def test_document_is_not_older_than_one_that_is_not_all_in() -> None:
    assert _older([_version("whole", 1), _version("begun", 2, num_chunks=0)]) == set()
    begun = [_version("first", 1), _version("second", 2), _version("begun", 3, num_chunks=0)]
    assert _older(begun) == {"first"}


def test_of_documents_from_before_origins_were_stored_only_a_single_one_is_a_version() -> None:
    """Those of a folder, an index.md of each part, would else be older versions of the last of them."""

    def stored(id: str, minute: int, **origin: str) -> Version:
        at = f"2026-11-26T20:{minute:02}:00+00:00"
        return version_of({"doc_id": id, "file": "index.md", "ingested_at": at, "num_chunks": 1, **origin})

    a, b, new = stored("a", 1), stored("b", 2), stored("new", 3, origin="")
    assert _older([a, b]) == set()
    assert _older([a, new]) == {"a"}
    assert _older([a, b, new]) == set()


def test_documents_of_one_ingest_are_no_versions_of_each_other() -> None:
    assert _older([_version("a", 1), _version("b", 1)]) == set()


def test_files_of_one_name_in_several_folders_are_told_apart() -> None:
    a, b = _version("a", 1, origin="a"), _version("b", 2, origin="b")
    assert _older([a, b]) == set()
    assert _older([a, b, _version("a again", 3, origin="a")]) == {"a"}
    assert _older([a, b, _version("by itself", 4)]) == set(), "which of both it is of can't be told"
    assert _older([a, _version("by itself", 4)]) == {"a"}, "there is no other"


def test_files_that_are_added_together_are_told_apart_by_their_folders_too() -> None:
    a = _version("a", 1, origin="a")
    assert versions_of("", [a]) == versions_of("", [a], ["a"]) == [a]
    assert versions_of("", [a], ["b"]) == [], "it may be another of b's"
    assert versions_of("a", [a], ["", "b"]) == [a]
    assert versions_of("b", [a]) == []


def test_time_with_and_without_fractions_is_compared() -> None:
    whole = replace(_version("whole", 1), ingested_at="2026-11-26T20:01:00+00:00")
    later = replace(_version("later", 1), ingested_at="2026-11-26T20:01:00.000001+00:00")
    assert _older([whole, later]) == {"whole"}

"""Documents of one name: which of them are older versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from core.documents.models import Version
from core.runtime.words import counted


class Named(Protocol):
    """A document, as far as this asks.

    Attributes:
        ingested_at: ISO 8601 in UTC, so that later ones sort higher.
    """

    @property
    def id(self) -> str:
        """The same for the same content, whatever the file is called."""
        ...

    @property
    def file(self) -> str:
        """The file's name, without folders."""
        ...

    @property
    def origin(self) -> str:
        """Tells documents of one name apart; see `core.documents.sources.incoming.IncomingFile`."""
        ...

    @property
    def ingested_at(self) -> str:
        """When its ingest began."""
        ...


D = TypeVar("D", bound=Named)


def versions_of(origin: str, named: Sequence[D], beside: Iterable[str] = ()) -> list[D]:
    """Those of `named` that are versions of a document that comes from `origin`.

    Args:
        origin: As that of `Named`.
        named: Documents of its name.
        beside: The origins of the files of its name that are added with it.
    """
    origins = {origin, *beside, *(each.origin for each in named)}
    return [each for each in named if _key(each.origin, origins) == _key(origin, origins)]


def _key(origin: str, origins: Collection[str]) -> str:
    """What versions of one document have in common, where documents of their name come from `origins`.

    A file by itself is a version of the only other one of its name, whatever folder that came from. Of
    several in different folders, an index.md in each say, it can't be told which.
    """
    is_one = len(origins) == 1 or (len(origins) == 2 and "" in origins)
    return "" if is_one else origin


def older_versions(documents: Iterable[D], is_complete: Callable[[D], bool]) -> dict[str, str]:
    """The id of each document that is an older version, with the id of the newest one.

    It is older when another one that is all in was added later. Those of one ingest have one time, so none of
    them is older than another.

    Args:
        documents: Those of one knowledge base, in any order.
        is_complete: Asked only of documents that have versions.
    """
    older: dict[str, str] = {}
    for versions in _by_document(documents):
        newest_first = sorted(versions, key=lambda each: each.ingested_at, reverse=True)
        newest = next(filter(is_complete, newest_first), None)
        if newest is not None:
            older |= {each.id: newest.id for each in versions if each.ingested_at < newest.ingested_at}
    return older


def _by_document(documents: Iterable[D]) -> Iterator[list[D]]:
    """The versions of each document that has several."""
    by_name: dict[str, list[D]] = defaultdict(list)
    for document in documents:
        by_name[document.file].append(document)
    for named in by_name.values():
        origins = {document.origin for document in named}
        groups: dict[str, list[D]] = defaultdict(list)
        for document in named:
            groups[_key(document.origin, origins)].append(document)
        yield from (group for group in groups.values() if len(group) > 1)


def replaced_words(versions: Sequence[Version]) -> str:
    """What was deleted for a document, as the end of a sentence about it."""
    chunks = counted(sum(version.num_chunks for version in versions), "chunk")
    if len(versions) == 1:
        return f"replaced the version added {added_words(versions[0].ingested_at)} ({chunks})"
    return f"replaced {len(versions):,} versions ({chunks})"


def beside_words(versions: Sequence[Version]) -> str:
    """What of the same name is still there, as a sentence without its full stop."""
    if len(versions) == 1:
        return f"Another document of this name, added {added_words(versions[0].ingested_at)}, is here too"
    return f"{len(versions):,} other documents of this name are here too"


def added_words(ingested_at: str) -> str:
    """A time to the minute: "2026-11-26 20:00 UTC"."""
    return datetime.fromisoformat(ingested_at).strftime("%Y-%m-%d %H:%M UTC")

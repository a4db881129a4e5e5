"""Before an ingest: which files have the name of a document that is there already with other content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from core.documents.file_identity import clean_file_name
from core.documents.models import DocumentSummary
from core.documents.sources.incoming import IncomingFile
from core.documents.versions import versions_of


def name_conflicts(
    files: Sequence[IncomingFile],
    documents: Sequence[DocumentSummary],
    content_id: Callable[[int], str] | None,
) -> dict[int, list[DocumentSummary]]:
    """The indices of those files, each with the documents that have its name.

    Args:
        files: About to be ingested.
        documents: All of the knowledge base.
        content_id: Gives the id of a file's content; asked, by index, only where a document of its name has
            its size. None where neither that nor the suffixes of their names are known before they are
            fetched.
    """
    by_name: dict[str, list[DocumentSummary]] = defaultdict(list)
    for document in documents:
        by_name[document.file].append(document)
    origins: dict[str, set[str]] = defaultdict(set)
    for file in files:
        origins[clean_file_name(file.name)].add(file.origin)
    conflicts: dict[int, list[DocumentSummary]] = {}
    for index, file in enumerate(files):
        name = clean_file_name(file.name)
        named = by_name.get(name, [])
        if content_id is None:
            named = named or [each for each in documents if each.file.startswith(f"{name}.")]
        versions = versions_of(file.origin, named, origins[name])
        may_be_there = any(each.size_bytes == file.size_bytes for each in versions)
        found_id = content_id(index) if may_be_there and content_id is not None else None
        is_there = any(each.id == found_id and each.is_complete for each in versions)
        others = [each for each in versions if each.id != found_id]
        if others and not is_there:
            conflicts[index] = others
    return conflicts

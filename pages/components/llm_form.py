"""The visitor's own language model: a server, a key and a model, kept in this visitor's memory only."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.answers.llm import list_models, llm_label
from core.answers.local_models import PORTS
from core.config.settings import Secret, Settings
from core.errors import OverlapError
from pages.components.markdown import escaped

CHOSEN_KEY = "llm_chosen"  # the Settings with the visitor's language model
MODELS_KEY = "llm_models"  # (server, names) as the server told them
SERVERS = {
    "OpenAI": "",
    **{program: f"http://localhost:{port}/v1" for program, port in PORTS.items()},
    "Another server": "",
}
_KEPT = "Kept in this browser session's memory on this machine; never written to a file or shown."


def visitor_llm(settings: Settings) -> Settings | None:
    """Where this visitor's language model is; None when answers are extractive."""
    chosen: Settings = st.session_state.get(CHOSEN_KEY, settings)
    return chosen if llm_label(chosen) else None


def without_model(settings: Settings) -> Settings:
    """The settings without what they say of their own model: another one has a context window of its own."""
    return replace(settings, llm_model=None, llm_context_tokens=None)


def draw_llm_form(settings: Settings) -> None:
    """Choose a server, give it a key, read its models, use one; or go back to the settings."""
    st.header("Language model")
    current = visitor_llm(settings)
    label = "none: extractive answers" if current is None else llm_label(current)
    st.markdown(f"In use: **{escaped(label or '')}**")
    with st.expander("Use another one", icon=":material/model_training:"):
        if settings.is_shared:
            _own_key(settings)
        else:
            _own_server(settings)
    if CHOSEN_KEY in st.session_state and st.button("Back to the settings of this app", key="llm_reset"):
        del st.session_state[CHOSEN_KEY]
        st.rerun()


def _own_key(settings: Settings) -> None:
    """For strangers: a key of their own. The server is the host's: they could point it at another machine."""
    st.caption("With an API key of your own you choose the model; the server is the one of this app.")
    key = st.text_input("API key", type="password", key="llm_key", help=_KEPT)
    typed = replace(without_model(settings), openai_api_key=Secret(value=key.strip()))
    if typed.openai_api_key:
        _choose_model(typed, "OpenAI")


def _own_server(settings: Settings) -> None:
    server = st.selectbox("Server", list(SERVERS), key="llm_server")
    base_url = ""
    if server != "OpenAI":
        base_url = st.text_input("Address (OpenAI-compatible)", SERVERS[server], key=f"llm_url_{server}")
    key = st.text_input(
        "API key",
        type="password",
        key="llm_key",
        help=_KEPT,
        placeholder="not needed by most local servers" if server != "OpenAI" else "sk-…",
    )
    typed = replace(
        without_model(settings),
        openai_base_url=base_url.strip() or None,
        openai_api_key=Secret(value=key.strip()),
    )
    _choose_model(typed, server)


def _choose_model(typed: Settings, server: str) -> None:
    where = typed.openai_base_url or server
    if st.button("Read its models", key="llm_list", icon=":material/list:"):
        try:
            with st.spinner("Asking the server …"):
                names = list_models(typed)
            st.session_state[MODELS_KEY] = (where, names)
            st.session_state["llm_model"] = names[0] if names else None
        except OverlapError as exc:
            st.error(escaped(str(exc)), icon=":material/cloud_off:")
    known_server, names = st.session_state.get(MODELS_KEY, ("", []))
    if known_server == where and not names:
        st.info("The server has no model yet. Load one there, and read its models again.")
    model = st.selectbox(
        "Model",
        names if known_server == where else [],
        index=None,
        accept_new_options=True,
        placeholder="read the server's models, or type a name",
        key="llm_model",
    )
    is_ready = bool(model) and bool(typed.openai_base_url or typed.openai_api_key)
    if st.button("Use this model", type="primary", disabled=not is_ready, key="llm_use"):
        st.session_state[CHOSEN_KEY] = replace(typed, llm_model=str(model))
        st.rerun()

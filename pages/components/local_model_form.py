"""A language model on this machine, found and used with one click each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.answers.local_models import PORTS, ModelServer, find_local_servers
from core.config.settings import Secret, Settings
from core.runtime import event_loop
from pages.components.llm_form import CHOSEN_KEY, without_model
from pages.components.markdown import escaped

FOUND_KEY = "local_models"  # the ModelServers that were found
# More models than these are a list to choose from.
MAX_BUTTONS = 4


def draw_local_models(settings: Settings, *, key: str, ports: Mapping[str, int] = PORTS) -> None:
    """The button that looks for models, and what it has found. Nothing is asked before it is clicked.

    It is not drawn in a shared app: that app's machine is the host's, not the visitor's.

    Args:
        settings: Of the visitor; a model that is chosen goes into them.
        key: Apart from those of other places where it is drawn.
        ports: Where to look, by the program's name.
    """
    if settings.is_shared:
        return
    if st.button("Find models on this machine", icon=":material/search:", key=f"{key}-find"):
        with st.spinner("Looking …"):
            st.session_state[FOUND_KEY] = event_loop.run(find_local_servers(ports))
    found: list[ModelServer] | None = st.session_state.get(FOUND_KEY)
    if found is None:
        names = ", ".join(f"{program} ({port})" for program, port in ports.items())
        st.caption(f"Looks for {names} at their usual ports of this machine, and nowhere else.")
    elif not found:
        st.info(
            "No program answered. Start Ollama, LM Studio, llama.cpp's server or vLLM, and look again; one "
            "at another port is set in the form on the System page.",
            icon=":material/search_off:",
        )
    else:
        for server in found:
            _draw_server(settings, server, key=f"{key}-{server.program}")


def _draw_server(settings: Settings, server: ModelServer, *, key: str) -> None:
    st.markdown(f"**{server.program}** · {escaped(server.base_url)}")
    if server.needs_key:
        st.caption("It wants an API key: choose it in the form on the System page.")
    elif not server.models:
        st.caption("It has no model yet. Load one there, and look again.")
    elif len(server.models) <= MAX_BUTTONS:
        with st.container(horizontal=True):
            for model in server.models:
                _draw_use(settings, server, model, label=f"Use {escaped(model)}", key=f"{key}-{model}")
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            model = st.selectbox("Model", server.models, key=f"{key}-model", width=320)
            _draw_use(settings, server, model, label="Use it", key=f"{key}-use")


def _draw_use(settings: Settings, server: ModelServer, model: str, *, label: str, key: str) -> None:
    st.button(
        label,
        icon=":material/smart_toy:",
        key=key,
        on_click=_use,
        args=(settings, server, model),
    )


def _use(settings: Settings, server: ModelServer, model: str) -> None:
    """From now on this model answers this visitor. The app's own API key is not sent there."""
    st.session_state[CHOSEN_KEY] = replace(
        without_model(settings),
        openai_base_url=server.base_url,
        openai_api_key=Secret(),
        llm_model=model,
    )

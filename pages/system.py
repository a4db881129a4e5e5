"""What is in use, whether it works, and what to do when it does not. No secrets."""

from __future__ import annotations

import streamlit as st

from core.answers.llm import llm_label
from core.config.settings import BUNDLED_MODEL, Settings
from core.embedding.choices import CHOICES, NANO_SETTING, Choice, is_nano_installed
from core.errors import OverlapError
from pages.components.layout import page_head, setup_page
from pages.components.llm_form import draw_llm_form
from pages.components.local_model_form import draw_local_models
from pages.components.local_server import draw_local_server
from pages.components.markdown import escaped
from pages.components.ready_checks import draw_check
from pages.views.system.visit import draw_visit


def main() -> None:
    """Draw the page: settings, models, local server, checks; in a shared app only what is the visitor's."""
    settings = setup_page("System")
    page_head("System", "What is in use, whether it works, and what to do where it does not.")
    if settings.is_shared:
        draw_visit(settings)
        draw_llm_form(settings)
        return
    _settings(settings)
    _embedding_models(settings)
    draw_llm_form(settings)
    draw_local_models(settings, key="system")
    draw_local_server(settings)
    st.header("Checks")
    with st.spinner("Checking …"):
        from core.preflight import preflight

        for check in preflight(settings):
            draw_check(check)
    _knowledge_bases(settings)
    st.caption("The same on the command line: `python -m core doctor`")
    st.button("Check again", icon=":material/refresh:")


def _settings(settings: Settings) -> None:
    rows = {
        "Target": "Milvus Lite (embedded)" if settings.target.is_lite else settings.target.label,
        "Token": "set" if settings.target.token else "not set",
        "Embedding model": settings.embed_model or BUNDLED_MODEL,
        "Language model of this app": llm_label(settings) or "none: extractive answers",
        "API key": "set" if settings.openai_api_key else "not set",
        "Data folder": str(settings.data_dir.resolve()),
    }
    st.table({"Setting": list(rows), "Value": [escaped(value) for value in rows.values()]})
    st.caption("Settings come from the environment or from `.env`; `.env.example` names each one.")


def _embedding_models(settings: Settings) -> None:
    with st.expander("Embedding models to choose from", icon=":material/model_training:"):
        st.table(
            {
                "EMBED_MODEL": [
                    escaped(choice.setting) or "not set: the bundled model" for choice in CHOICES
                ],
                "Languages": [choice.languages for choice in CHOICES],
                "Costs": [choice.costs for choice in CHOICES],
                "Needs": [_needs(choice) for choice in CHOICES],
            }
        )
        st.caption(
            "Any other model of Hugging Face by its name, or a local folder, works too. Set it in the "
            "environment or in `.env` and start Overlap again: new knowledge bases are made with it. Each "
            "keeps to its own model until that is changed, on the page Knowledge bases."
        )


def _needs(choice: Choice) -> str:
    if choice.setting == NANO_SETTING and is_nano_installed():
        return "installed"
    return f"`{choice.needs}`" if choice.needs else "–"


def _knowledge_bases(settings: Settings) -> None:
    from core.store.collections import overview

    st.header("Knowledge bases")
    try:
        found = [card.info for card in overview(settings.target)]
    except OverlapError:
        st.caption("Not known while Milvus does not answer.")
        return
    if not found:
        st.caption("None yet. The first one is made when a document is added.")
        return
    st.dataframe(
        [
            {
                "Name": kb.name,
                "Chunks": kb.num_chunks,
                "Embedding model": kb.model,
                "Dimensions": kb.dim,
                "Collection": kb.collection,
            }
            for kb in found
        ],
        hide_index=True,
        width="stretch",
    )


if __name__ == "__main__":
    main()

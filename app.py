"""Overlap: ask your documents, and see why async wins. Navigation, once all that pages need is installed."""

import streamlit as st

from core.installed import MissingPackageError, requirements_met

page = st.navigation(
    [
        st.Page("pages/ask.py", title="Ask", default=True),
        st.Page("pages/documents.py", title="Documents"),
        st.Page("pages/knowledge_bases.py", title="Knowledge bases"),
        st.Page("pages/evaluate.py", title="Evaluate"),
        st.Page("pages/benchmark.py", title="Benchmark"),
        st.Page("pages/runs.py", title="Runs"),
        st.Page("pages/system.py", title="System"),
    ],
    position="top",
)
try:
    with requirements_met():
        page.run()
except MissingPackageError as exc:
    st.error(str(exc), icon=":material/deployed_code_alert:")

"""Overlap: ask your documents, and see why async wins. Navigation, nothing else."""

import streamlit as st

st.navigation(
    [
        st.Page("pages/ask.py", title="Ask", default=True),
        st.Page("pages/documents.py", title="Documents"),
        st.Page("pages/benchmark.py", title="Benchmark"),
        st.Page("pages/runs.py", title="Runs"),
        st.Page("pages/system.py", title="System"),
    ],
    position="top",
).run()

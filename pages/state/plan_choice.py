"""The preset and plan that the Benchmark page begins with."""

from __future__ import annotations

import streamlit as st

from core.bench.plan.plan import Plan

# It outlives the form, which is not drawn during a run: Streamlit forgets such widgets.
CHOICE_KEY = "bench_choice"
PRESET_KEY = "preset"  # the row of presets


def keep_choice(preset: str, plan: Plan) -> None:
    """Let the form begin like this when it is drawn anew."""
    st.session_state[CHOICE_KEY] = (preset, plan)


def kept_choice() -> tuple[str, Plan | None] | None:
    """What was chosen last; None before anything was. Without a plan it is the preset's own."""
    choice: tuple[str, Plan | None] | None = st.session_state.get(CHOICE_KEY)
    return choice


def prefer(preset: str) -> None:
    """Let the form begin with this preset when it is drawn next, also where another one was chosen before."""
    st.session_state[CHOICE_KEY] = (preset, None)
    st.session_state.pop(PRESET_KEY, None)

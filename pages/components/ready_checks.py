"""Checks of what is ready, drawn."""

from __future__ import annotations

import streamlit as st

from core.bench.plan.plan import Plan
from core.config.settings import Settings
from core.runtime.check import Check
from pages.components.markdown import escaped

ICONS = {True: ":material/check_circle:", False: ":material/error:", None: ":material/info:"}


def draw_check(check: Check) -> None:
    """One check: what was looked at, what was found, what to do."""
    text = f"**{escaped(check.name)}** · {escaped(check.detail)}"
    if check.what_to_do:
        text += f"\n\n{escaped(check.what_to_do)}"
    draw = {True: st.success, False: st.error, None: st.info}[check.ok]
    draw(text, icon=ICONS[check.ok])


def draw_readiness(plan: Plan, settings: Settings) -> None:
    """What can spoil a run of this plan, looked at when asked for."""
    from core.bench.readiness import readiness

    with st.expander("Ready for the stage?", icon=":material/fact_check:"):
        st.caption("Looks at the target, its distance, the processor, the disk and the versions.")
        if st.button("Check now", key="readiness"):
            for check in readiness(plan, settings):
                draw_check(check)

"""What is drawn again and again while a job runs, without the rest of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.runtime.jobs import Job

EVERY_S = 0.4


def draw_while_running(job: Job[Any], draw: Callable[[], object]) -> None:
    """Draw how far `job` is, again and again; its end draws the page anew."""

    @st.fragment(run_every=EVERY_S)
    def live() -> None:
        if not job.is_running:
            st.rerun()
        draw()

    live()

"""How a run is begun, and the three that are worth a look after it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bench.estimate import estimate
from core.bench.plan.plan import Plan
from core.bench.plan.presets import PRESETS, preset_plan
from core.bench.records.run import Run, new_id
from core.bench.supervisor import start_run
from core.config.settings import Settings
from core.errors import BenchError, ConfigError, OverlapError
from core.hosting.bench_queue import check_plan
from core.runtime.words import duration
from pages.components.bench_document import chosen_document, is_adding, keep_document
from pages.components.markdown import escaped
from pages.components.run_queue import start_in_turn
from pages.views.benchmark.plan_form import checked_target, forget_wanted, preset_name, remember

# Presets with the icons of their buttons: the first three that are not what was just measured are shown.
NEXT_RUNS = {
    "distance": ":material/route:",
    "factor": ":material/waterfall_chart:",
    "ladder": ":material/stairs_2:",
    "concurrency": ":material/trending_flat:",
}
NUM_SHOWN = 3


def begin_run(preset: str, plan: Plan, settings: Settings) -> None:
    """Start the run, or get in line for it in a shared app; the page begins anew with it."""
    document = chosen_document(plan)
    if plan.is_ingest and is_adding(settings):
        st.warning(
            "Documents are being added just now, which would spoil the times. Start when it has ended."
        )
        return
    try:
        if settings.is_shared:
            start_in_turn(plan, settings, document)
        else:
            start_run(plan, settings, run_id=new_id(), document=document)
    except (OverlapError, OSError) as exc:
        st.error(escaped(f"The run could not be started. {exc}"), icon=":material/error:")
        return
    remember(preset, plan)
    forget_wanted()
    if document is not None and not settings.is_shared:
        keep_document(plan, document)
    st.rerun()


def draw_next_runs(last: Plan, settings: Settings, earlier: Sequence[Run]) -> None:
    """A button for each preset that goes on from `last`, at the same target; a click starts it.

    Args:
        last: What was measured.
        settings: The visitor's.
        earlier: The visitor's runs, newest first, by which it is told how long each takes.
    """
    plans = _next_plans(last, settings)
    if not plans:
        return
    st.markdown("**What next?** A click starts it.")
    for (preset, plan), place in zip(plans.items(), st.columns(NUM_SHOWN), strict=False):
        label = preset_name(preset).capitalize()
        with place:
            if st.button(label, icon=NEXT_RUNS[preset], key=f"next-{preset}", width="stretch"):
                begin_run(preset, plan, settings)
            st.caption(f"{PRESETS[preset].about}{_how_long(plan, earlier)}")


def _how_long(plan: Plan, earlier: Sequence[Run]) -> str:
    expected = estimate(plan, earlier)
    return "" if expected is None else f" About {duration(expected.seconds)}."


def _next_plans(last: Plan, settings: Settings) -> dict[str, Plan]:
    """Those that can be measured at the target, and in a shared app within its limits."""
    plans: dict[str, Plan] = {}
    for preset in NEXT_RUNS:
        try:
            plan = preset_plan(preset, target=checked_target(last.target, settings))
            if settings.is_shared:
                check_plan(plan, settings.limits)
        except (BenchError, ConfigError):
            continue
        if preset != last.preset and len(plans) < NUM_SHOWN:
            plans[preset] = plan
    return plans

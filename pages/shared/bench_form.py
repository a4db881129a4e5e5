"""The settings of a benchmark, as widgets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.bench.plan import CONSISTENCIES, OPERATIONS, PRESETS, Plan, preset_plan
from core.config import Settings
from core.errors import PlanError
from pages.shared.markup import escaped

# What was started last: the form is not drawn during a run, and Streamlit forgets such widgets.
LAST_KEY = "bench_last"


def remember(plan: Plan) -> None:
    """Let the form come back as it was when `plan` was started."""
    st.session_state[LAST_KEY] = (st.session_state["preset"], plan)


def plan_form(settings: Settings) -> Plan | None:
    """The settings of the next run; None while one of them is wrong, which is then said."""
    left, right = st.columns(2)
    last_preset, last = st.session_state.get(LAST_KEY, (None, None))
    presets = list(PRESETS)
    index = presets.index(last_preset) if last_preset in presets else 0
    preset = left.selectbox("Preset", presets, index=index, key="preset")
    shown = last if last is not None and preset == last_preset else preset_plan(preset)
    counts_text = right.text_input("Counts", ", ".join(map(str, shown.counts)), key=f"counts-{preset}")
    operations = left.pills(
        "Operations", OPERATIONS, default=shown.operations, selection_mode="multi", key=f"operations-{preset}"
    )
    targets = [settings.target.label] + (["lite"] if settings.target.label != "lite" else [])
    target = right.selectbox("Target", targets, key="target")
    with st.expander("More settings", icon=":material/tune:"):
        changes = _advanced(preset, shown)
    try:
        counts = _counts(counts_text)
        plan = preset_plan(preset, **changes, operations=sorted(operations), target=target, counts=counts)
    except PlanError as exc:
        st.error(escaped(str(exc)), icon=":material/error:")
        return None
    limit = _duration(plan.longest_s)
    st.caption(
        f"{plan.num_trials} trials, each cut after {plan.time_limit_s:g} s: measuring takes {limit} at most. "
        "Every trial has a collection of its own, which is dropped afterwards."
    )
    return plan


def _advanced(key: str, plan: Plan) -> dict[str, Any]:
    left, right = st.columns(2)
    return {
        "repeats": left.number_input("Repeats", 1, 100, plan.repeats, key=f"repeats-{key}"),
        "time_limit_s": float(
            right.number_input(
                "Time limit per trial (s)", 1, 3600, int(plan.time_limit_s), key=f"limit-{key}"
            )
        ),
        "dim": left.number_input("Dimensions", 2, 32_768, plan.dim, key=f"dim-{key}"),
        "top_k": right.number_input("Hits per search", 1, 100, plan.top_k, key=f"top_k-{key}"),
        "consistency": left.selectbox(
            "Consistency",
            CONSISTENCIES,
            index=CONSISTENCIES.index(plan.consistency),
            key=f"consistency-{key}",
        ),
        "seed": right.number_input("Seed of the data", 0, 2**31, plan.seed, key=f"seed-{key}"),
    }


def _counts(text: str) -> list[int]:
    try:
        return [int(part) for part in text.replace(";", ",").split(",") if part.strip()]
    except ValueError as exc:
        raise PlanError(f"Counts are {text!r}; write them as 10, 100, 1000.") from exc


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"

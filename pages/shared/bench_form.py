"""The settings of a benchmark, as widgets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.bench.plan import (
    CONSISTENCIES,
    FIELDS,
    INDEXES,
    LANES,
    MAX_PROCESSES,
    METRICS,
    OPERATIONS,
    SYNTHETIC_DATA,
    Plan,
    whole_numbers,
)
from core.bench.presets import PRESETS, preset_plan
from core.config import Settings, Target
from core.errors import BenchError, ConfigError
from core.hosting.bench_queue import check_plan
from pages.shared.kb_view import current_kb
from pages.shared.markup import escaped
from pages.shared.server_view import local_target

# What was started last: the form is not drawn during a run, and Streamlit forgets such widgets.
LAST_KEY = "bench_last"
MAX_SLIDER_RTT_MS = 200
OWN_DATA = "my knowledge base"
_LITE = "lite: a Milvus Lite of the run's own."
_OTHERS = (
    "Type the address of another Milvus server, such as http://localhost:19530; one that wants a token has "
    "to be set as MILVUS_URI with MILVUS_TOKEN."
)
FIELDS_HELP = (
    "“all” moves vectors as MilvusVectorStore does: hits bring theirs back, and nodes write theirs into JSON "
    "before they are sent. “text” spares both; rows and ids are the same."
)


def remember(plan: Plan) -> None:
    """Let the form come back as it was when `plan` was started."""
    st.session_state[LAST_KEY] = (st.session_state["preset"], plan)


def plan_form(settings: Settings) -> Plan | None:
    """The settings of the next run; None while one of them is wrong, which is then said."""
    last_preset, last = st.session_state.get(LAST_KEY, (None, None))
    presets = list(PRESETS)
    preset = st.pills(
        "Preset",
        presets,
        default=last_preset if last_preset in presets else presets[0],
        key="preset",
        required=True,
    )
    preset = preset or presets[0]
    st.caption(PRESETS[preset].about)
    shown = last if last is not None and preset == last_preset else preset_plan(preset)
    changes = _main(preset, shown, settings, last_target=last.target if last is not None else None)
    with st.expander("More settings", icon=":material/tune:"):
        changes |= _load(preset, shown) | _collection(preset, shown)
    try:
        changes["target"] = checked_target(changes["target"], settings)
        changes["counts"] = whole_numbers("Counts are", changes["counts"], "10, 100, 1000")
        if shown.sweep in {"distance", "concurrency"}:
            changes["sweep_values"] = whole_numbers("Steps are", changes["sweep_values"], "0, 20, 60")
        plan = preset_plan(preset, **changes)
        if settings.is_shared:
            check_plan(plan, settings.limits)
    except (BenchError, ConfigError) as exc:
        st.error(escaped(str(exc)), icon=":material/error:")
        return None
    return plan


def say_plan(plan: Plan) -> None:
    """What a run of `plan` is, and how long it takes at most."""
    words = [
        f"{plan.preset} on {escaped(plan.target)}: {plan.num_trials} trials, each cut after "
        f"{plan.time_limit_s:g} s; measuring takes {_duration(plan.longest_s)} at most."
    ]
    if plan.warmup:
        words.append("Warm-up trials are marked and left out of every figure.")
    if plan.needs_proxy:
        words.append("All requests go through a local proxy that simulates the distance.")
    if plan.target == "lite" and (plan.needs_proxy or plan.processes > 1):
        words.append("Milvus Lite is served by a process of its own for that.")
    st.caption(" ".join(words))


def _main(key: str, plan: Plan, settings: Settings, *, last_target: str | None) -> dict[str, Any]:
    """The settings that a run is about."""
    left, right = st.columns(2)
    changes: dict[str, Any] = {
        "target": _target(left, settings, last_target),
        "counts": right.text_input("Counts", ", ".join(map(str, plan.counts)), key=f"counts-{key}"),
    }
    operations = left.pills(
        "Operations", OPERATIONS, default=plan.operations, selection_mode="multi", key=f"operations-{key}"
    )
    changes["operations"] = sorted(operations)
    changes["data"] = _data(right, key, plan)
    if plan.sweep != "factor":
        lanes = st.pills("Lanes", LANES, default=plan.lanes, selection_mode="multi", key=f"lanes-{key}")
        changes["lanes"] = sorted(lanes, key=LANES.index)
    if plan.sweep in {"distance", "concurrency"}:
        label = "Distances (ms, simulated)" if plan.sweep == "distance" else "Requests at once"
        changes["sweep_values"] = st.text_input(
            label, ", ".join(map(str, plan.sweep_values)), key=f"steps-{key}"
        )
    else:
        if key == "tutorial":
            is_included = st.toggle(
                "As in the tutorial, first calls included",
                plan.first_calls == "included",
                key=f"first-calls-{key}",
                help="Its script connects and makes first calls inside its clock. Beside such a run stand "
                "the figures that it published; otherwise first calls are timed apart.",
            )
            changes["first_calls"] = "included" if is_included else "apart"
        changes["rtt_ms"] = st.slider(
            "Distance (ms of round trip, simulated)",
            0,
            max(MAX_SLIDER_RTT_MS, plan.rtt_ms),
            plan.rtt_ms,
            step=5,
            key=f"rtt-{key}",
        )
    return changes


def _target(place: Any, settings: Settings, last: str | None) -> str:
    """The Milvus started on the System page, the settings' one, Milvus Lite, or an address typed here.

    last: what the visitor measured last; the form comes back to it.
    """
    targets = list(dict.fromkeys(filter(None, [local_target(settings), settings.target.label, "lite", last])))
    return str(
        place.selectbox(
            "Target",
            targets,
            index=targets.index(last) if last else 0,
            key="target",
            accept_new_options=not settings.is_shared,
            help=_LITE if settings.is_shared else f"{_LITE} {_OTHERS}",
        )
    )


def checked_target(label: str, settings: Settings) -> str:
    """The target's label, without credentials.

    Raises ConfigError when what was typed is no address, or in a shared app another one than its own: the
    server would connect to it, wherever it leads.
    """
    known = label in {"lite", settings.target.label}
    if settings.is_shared and not known:
        raise ConfigError("This app is shared: choose one of its targets.")
    return label if known else Target.parse(label, key="The target").label


def _data(place: Any, key: str, plan: Plan) -> str:
    own = plan.data if plan.data not in SYNTHETIC_DATA else current_kb()
    names = {name: name for name in SYNTHETIC_DATA} | {OWN_DATA: own}
    chosen = place.selectbox(
        "Data",
        list(names),
        index=list(names.values()).index(plan.data),
        key=f"data-{key}",
        help="tutorial: its vectors, which are nearly the same. random: unit vectors, with the recall "
        "against exact search. My knowledge base: your own passages, added again and searched for.",
    )
    return names[chosen]


def _load(key: str, plan: Plan) -> dict[str, Any]:
    left, right = st.columns(2)
    limit = left.number_input("Time limit per trial (s)", 1, 3600, int(plan.time_limit_s), key=f"limit-{key}")
    rate = left.number_input(
        "Arrivals per second (0: as fast as it goes)",
        0.0,
        10_000.0,
        float(plan.rate_per_s or 0),
        key=f"rate-{key}",
    )
    stall = right.number_input(
        "Freeze the link for (s)", 0.0, 60.0, float(plan.stall_s), step=0.5, key=f"stall-{key}"
    )
    return {
        "repeats": left.number_input("Repeats", 1, 100, plan.repeats, key=f"repeats-{key}"),
        "warmup": right.number_input("Warm-up trials", 0, 100, plan.warmup, key=f"warmup-{key}"),
        "time_limit_s": float(limit),
        "concurrency": right.number_input(
            "Requests at once (bounded lanes)", 1, 4096, plan.concurrency, key=f"concurrency-{key}"
        ),
        "batch_size": left.number_input("Batch size", 1, 10_000, plan.batch_size, key=f"batch-{key}"),
        "processes": right.number_input(
            "Client processes", 1, MAX_PROCESSES, plan.processes, key=f"processes-{key}"
        ),
        "rate_per_s": rate or None,
        "stall_s": stall,
    }


def _collection(key: str, plan: Plan) -> dict[str, Any]:
    left, right = st.columns(2)
    choices = {"consistency": CONSISTENCIES, "index": INDEXES, "metric": METRICS, "fields": FIELDS}
    changes: dict[str, Any] = {
        name: place.selectbox(
            name.capitalize(),
            values,
            index=values.index(getattr(plan, name)),
            key=f"{name}-{key}",
            help=FIELDS_HELP if name == "fields" else None,
        )
        for (name, values), place in zip(choices.items(), (left, right, left, right), strict=True)
    }
    changes["dim"] = left.number_input("Dimensions", 2, 32_768, plan.dim, key=f"dim-{key}")
    changes["top_k"] = right.number_input("Hits per search", 1, 100, plan.top_k, key=f"top_k-{key}")
    changes["seed"] = left.number_input("Seed of the data", 0, 2**31, plan.seed, key=f"seed-{key}")
    return changes


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"

"""The settings of a benchmark, as widgets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.bench.estimate import estimate
from core.bench.plan.plan import (
    CONSISTENCIES,
    FIELDS,
    INDEXES,
    LANES,
    MAX_PROCESSES,
    METRIC_TYPES,
    OPERATIONS,
    Plan,
    can_be_delayed,
    whole_numbers,
)
from core.bench.plan.presets import PRESETS, preset_plan
from core.bench.records.run import Run
from core.config.settings import SYNTHETIC_DATA, Settings, Target
from core.errors import BenchError, ConfigError
from core.hosting.bench_queue import check_plan
from core.runtime.words import counted, duration
from pages.components.bench_document import draw_document
from pages.components.local_server import local_target, take_started_target
from pages.components.markdown import escaped
from pages.state.current_kb import current_kb
from pages.state.plan_choice import PRESET_KEY, keep_choice, kept_choice

BEGAN_KEY = "bench_began"  # preset and plan with which the form was drawn anew
WANTED_KEY = "bench_wanted"  # whether something else is wanted than the run that there is
# What was chosen last is in the address too, which outlives a reload.
PRESET_PARAMETER = "preset"
PLAN_PARAMETER = "plan"
MAX_ADDRESS_CHARS = 1500
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


def remember(preset: str, plan: Plan) -> None:
    """Let the form come back like this, also after a reload of the page."""
    keep_choice(preset, plan)
    kept = preset_plan(preset).to_dict()
    changes = {name: value for name, value in plan.to_dict().items() if value != kept[name]}
    changes.pop("preset", None)
    st.query_params[PRESET_PARAMETER] = preset
    if changes:
        st.query_params[PLAN_PARAMETER] = json.dumps(changes, separators=(",", ":"))
    else:
        st.query_params.pop(PLAN_PARAMETER, None)


def is_another_wanted(last: Plan) -> bool:
    """Whether a link, or another page, leads to something else than the run that there is.

    It stays so, whatever is set in the form, until this visitor starts a run.

    Args:
        last: What was measured last.
    """
    kept = kept_choice()
    if kept is None or kept[1] is None:
        preset, plan = kept or _from_address()
        is_led = kept is not None or st.query_params.get(PRESET_PARAMETER, "") in PRESETS
        st.session_state[WANTED_KEY] = is_led and preset != last.preset and plan != last
    return bool(st.session_state.get(WANTED_KEY))


def forget_wanted() -> None:
    """From now on the visitor's own run comes first."""
    st.session_state.pop(WANTED_KEY, None)


def choose_preset() -> str:
    """The row of presets, and what the chosen one shows."""
    if PRESET_KEY not in st.session_state:
        st.session_state[BEGAN_KEY] = kept_choice() or _from_address()
    presets = list(PRESETS)
    preset = st.pills(
        "Preset",
        presets,
        default=_began()[0],
        format_func=preset_name,
        key=PRESET_KEY,
        required=True,
    )
    preset = preset or presets[0]
    st.caption(PRESETS[preset].about)
    return preset


def preset_name(preset: str) -> str:
    """As people read it."""
    return preset.replace("-", " ")


def plan_form(preset: str, settings: Settings, say: DeltaGenerator) -> Plan | None:
    """The settings of the next run; None while one of them is wrong, which is then said in `say`."""
    last_preset, last = _began()
    left, right = st.columns(2)
    target = _target(left, settings, last.target if last is not None else None)
    try:
        target = checked_target(target, settings)
        shown = last if last is not None and preset == last_preset else preset_plan(preset)
        if can_be_delayed(shown.target) != can_be_delayed(target):
            shown = preset_plan(preset, target=target)
        if shown.is_ingest:
            changes = draw_document(settings) | _repeats(right, preset, shown) | _distance(preset, shown)
        else:
            changes = _add_and_search(preset, shown, left, right)
        plan = preset_plan(preset, **changes | {"target": target})
        if settings.is_shared:
            check_plan(plan, settings.limits)
    except (BenchError, ConfigError) as exc:
        say.error(escaped(str(exc)), icon=":material/error:")
        return None
    remember(preset, plan)
    return plan


def _add_and_search(key: str, plan: Plan, left: DeltaGenerator, right: DeltaGenerator) -> dict[str, Any]:
    """Everything that can be set.

    Raises:
        PlanError: For what are no numbers.
    """
    changes = _main(key, plan, left, right)
    with st.expander("More settings", icon=":material/tune:"):
        changes |= _load(key, plan) | _collection(key, plan)
    changes["counts"] = whole_numbers("Counts are", changes["counts"], "10, 100, 1000")
    if plan.sweep in {"distance", "concurrency"}:
        changes["sweep_values"] = whole_numbers("Steps are", changes["sweep_values"], "0, 20, 60")
    return changes


def _began() -> tuple[str, Plan | None]:
    began: tuple[str, Plan | None] = st.session_state[BEGAN_KEY]
    return began


def _from_address() -> tuple[str, Plan | None]:
    """What the address says was chosen; the first preset where it says nothing that is right."""
    preset, text = (st.query_params.get(name, "") for name in (PRESET_PARAMETER, PLAN_PARAMETER))
    if preset not in PRESETS:
        return next(iter(PRESETS)), None
    try:
        changes = json.loads(text) if text and len(text) <= MAX_ADDRESS_CHARS else {}
        return preset, preset_plan(preset, **changes)
    except (ValueError, TypeError, BenchError):
        return preset, None


def say_plan(plan: Plan) -> None:
    """What a run of `plan` is, and what becomes of a trial that takes long."""
    words = [
        f"{preset_name(plan.preset)} on {escaped(plan.target)}: {counted(plan.num_trials, 'trial')}. One "
        f"that takes longer than {plan.time_limit_s:g} s is cut."
    ]
    if plan.warmup:
        words.append("Warm-up trials are marked and left out of every figure.")
    if plan.needs_proxy:
        words.append("All requests go through a local proxy that simulates the distance.")
    if plan.target == "lite" and (plan.needs_proxy or plan.processes > 1):
        words.append("Milvus Lite is served by a process of its own for that.")
    st.caption(" ".join(words))


def how_long(plan: Plan, earlier: Sequence[Run]) -> str:
    """How long a run of `plan` takes here by the `earlier` runs, as the estimate that it is."""
    if plan.is_ingest:
        return "How long it takes depends on the document: it goes in once a trial."
    expected = estimate(plan, earlier)
    if expected is None:
        most = duration(plan.longest_s)
        return f"How long it takes at that server is not known before a first run: measuring, {most} at most."
    if expected.num_runs:
        runs = counted(expected.num_runs, "earlier run")
        return f"About {duration(expected.seconds)} here, by how fast {runs} at this target went."
    return f"About {duration(expected.seconds)} here, estimated: nothing like it was measured here yet."


def _main(key: str, plan: Plan, left: DeltaGenerator, right: DeltaGenerator) -> dict[str, Any]:
    """The settings that a run is about, below the target."""
    changes: dict[str, Any] = {
        "counts": right.text_input("Counts", ", ".join(map(str, plan.counts)), key=f"counts-{key}"),
    }
    operations = left.pills(
        "Operations",
        [name for name in OPERATIONS if name != "ingest"],  # which is a preset of its own
        default=plan.operations,
        selection_mode="multi",
        key=f"operations-{key}",
    )
    changes["operations"] = sorted(operations)
    changes["data"] = _data(right, key, plan)
    if plan.sweep != "factor":
        lanes = st.pills("Lanes", LANES, default=plan.lanes, selection_mode="multi", key=f"lanes-{key}")
        # In the plan's own order, of which the first may be the baseline.
        is_as_planned = set(lanes) == set(plan.lanes)
        changes["lanes"] = plan.lanes if is_as_planned else sorted(lanes, key=LANES.index)
    if plan.sweep in {"distance", "concurrency"}:
        label = "Distances (ms, simulated)" if plan.sweep == "distance" else "Requests at once"
        changes["sweep_values"] = st.text_input(
            label, ", ".join(map(str, plan.sweep_values)), key=f"steps-{key}"
        )
    else:
        changes |= _distance(key, plan)
    if key == "tutorial":
        changes["first_calls"] = _first_calls(key, plan)
    return changes


def _distance(key: str, plan: Plan) -> dict[str, Any]:
    if not can_be_delayed(plan.target):
        return {}
    rtt_ms = st.slider(
        "Distance (ms of round trip, simulated)",
        0,
        max(MAX_SLIDER_RTT_MS, plan.rtt_ms),
        plan.rtt_ms,
        step=5,
        key=f"rtt-{key}",
    )
    return {"rtt_ms": rtt_ms}


def _repeats(place: DeltaGenerator, key: str, plan: Plan) -> dict[str, Any]:
    return {"repeats": place.number_input("Repeats", 1, 100, plan.repeats, key=f"repeats-{key}")}


def _target(place: Any, settings: Settings, last: str | None) -> str:
    """The Milvus started on the System page, the settings' one, Milvus Lite, or an address typed here.

    `last` is what the visitor measured last; the form comes back to it.
    """
    started = take_started_target()
    if started is not None:
        last = st.session_state["target"] = started
    targets = list(dict.fromkeys(filter(None, [local_target(settings), settings.target.label, "lite", last])))
    return str(
        place.selectbox(
            "Target",
            targets,
            index=targets.index(last) if last and started is None else 0,
            key="target",
            accept_new_options=not settings.is_shared,
            help=_LITE if settings.is_shared else f"{_LITE} {_OTHERS}",
        )
    )


def checked_target(label: str, settings: Settings) -> str:
    """The target's label, without credentials.

    Raises:
        ConfigError: When what was typed is no address, or in a shared app another one than its own: the
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
    limit = left.number_input(
        "Time limit per trial (s)", 1, 3600, max(1, int(plan.time_limit_s)), key=f"limit-{key}"
    )
    rate = left.number_input(
        "Arrivals per second (0: as fast as it goes)",
        0.0,
        10_000.0,
        min(10_000.0, plan.rate_per_s or 0.0),
        key=f"rate-{key}",
    )
    stall = right.number_input(
        "Freeze the link for (s)", 0.0, 60.0, float(plan.stall_s), step=0.5, key=f"stall-{key}"
    )
    return {
        **_repeats(left, key, plan),
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
    choices = {"consistency": CONSISTENCIES, "index": INDEXES, "metric": METRIC_TYPES, "fields": FIELDS}
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
    changes["top_k"] = right.number_input("Hits per search", 1, 100, min(100, plan.top_k), key=f"top_k-{key}")
    changes["seed"] = left.number_input("Seed of the data", 0, 2**32 - 1, plan.seed, key=f"seed-{key}")
    return changes


def _first_calls(key: str, plan: Plan) -> str:
    is_included = st.toggle(
        "As in the tutorial, first calls included",
        plan.first_calls == "included",
        key=f"first-calls-{key}",
        help="Its script connects and makes first calls inside its clock. Beside such a run stand "
        "the figures that it published; otherwise first calls are timed apart.",
    )
    return "included" if is_included else "apart"

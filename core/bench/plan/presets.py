"""The presets: plans that are one click and one flag."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from core.bench.plan.conditions import TUTORIAL_RTT_MS
from core.bench.plan.plan import HANDBOOK, LANES, PRESET_NAMES, Plan, can_be_delayed
from core.errors import PlanError


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """A plan that is one click and one flag.

    Attributes:
        settings: What differs from the tutorial's.
        about: One sentence on what it shows.
        undelayed: What differs besides at a target that can't be put at a simulated distance; empty where the
            preset is about nothing but distance, and so can't be measured there.
    """

    about: str
    settings: dict[str, Any] = field(default_factory=dict)
    undelayed: dict[str, Any] = field(default_factory=dict)


# Half of a 95 % interval is 2.5 standard deviations with three repeats, 1.2 with five: with noise of 10 %
# five tell a lane that is 1.5 times as fast in every case, three in 71 %.
_ONE_BY_ONE = {"counts": (100,), "repeats": 5, "warmup": 1}

PRESETS: dict[str, Preset] = {
    # Ten operations, the tutorial's smallest count, are done in 20 s with five repeats and no warm-up
    # trials: every kind of call is made once, unmeasured, before the first trial of any run.
    "first-look": Preset(
        about="Add and search, one by one and all at once, with the server here and 60 ms away (simulated): "
        "same engine, same work, only the waiting differs.",
        settings={
            "counts": (10,),
            "repeats": 5,
            "dim": 384,
            "sweep": "distance",
            "sweep_values": (0, TUTORIAL_RTT_MS),
            # With Strong a real server has waits of its own, which would hide what the distance does.
            "consistency": "Bounded",
        },
        undelayed={"sweep": "none", "sweep_values": ()},
    ),
    "tutorial": Preset(about="The tutorial's comparison: a serial loop against an unbounded gather."),
    "quick": Preset(
        about="A small comparison with an interval.",
        settings={"counts": (20,), "repeats": 5, "warmup": 1, "dim": 384},
    ),
    "ladder": Preset(
        about="All six ways to run the same operations, from a serial loop to bounded batches.",
        settings={**_ONE_BY_ONE, "lanes": LANES, "batch_size": 20},
    ),
    "factor": Preset(
        about="Where the tutorial's factor comes from: one change at a time, down to a fair comparison.",
        settings={**_ONE_BY_ONE, "sweep": "factor", "operations": ("search",), "batch_size": 20},
    ),
    "distance": Preset(
        about="The same comparison with the server further and further away (simulated).",
        settings={
            "counts": (50,),
            "repeats": 5,
            "sweep": "distance",
            "operations": ("search",),
            "consistency": "Bounded",
        },
    ),
    "concurrency": Preset(
        about="How much more a server does with more requests under way, and where that ends.",
        settings={
            "counts": (500,),
            "repeats": 5,
            "warmup": 1,
            "sweep": "concurrency",
            "lanes": ("async-bounded", "threads"),
            "operations": ("search",),
            "consistency": "Bounded",
        },
    ),
    "stall": Preset(
        about="The link freezes for 1.5 s: what a closed loop hides and arrivals at a rate show.",
        settings={
            "counts": (300,),
            "lanes": ("sync", "async-bounded"),
            "operations": ("search",),
            "consistency": "Bounded",
            "rate_per_s": 50.0,
            "stall_s": 1.5,
        },
    ),
    "heartbeat": Preset(
        about="One loop's pulse while coroutines await, block, and block in a thread instead.",
        settings={
            "counts": (100,),
            "lanes": ("async",),
            "operations": ("search",),
            "sweep": "blocking",
        },
    ),
    # On a machine of 2 cores the bundled handbook takes some 5 s a trial.
    "ingest": Preset(
        about="A document into Milvus both ways: each step waiting for the one before (sync), and reading, "
        "embedding and inserting at the same time (async).",
        settings={
            "operations": ("ingest",),
            "counts": (1,),
            "repeats": 3,
            "consistency": "Session",
            "data": HANDBOOK,
            "time_limit_s": 600.0,
        },
    ),
}
assert tuple(PRESETS) == PRESET_NAMES


def preset_plan(preset: str, **changes: Any) -> Plan:
    """The plan of a preset, with `changes` to single settings.

    A change other than target, time limit, first calls and the document of an ingest makes it a "custom"
    plan.

    Raises:
        PlanError: When there is no such preset, or a change does not fit it.
    """
    if preset not in PRESETS:
        raise PlanError(f"preset is {preset!r}; available: {', '.join(PRESETS)}.")
    if changes.get("operations") in (["ingest"], ("ingest",)):
        preset = "ingest"  # the settings of another operation mean nothing to it
    elif preset == "ingest" and "operations" in changes:
        raise PlanError("operations can't be chosen with the preset ingest; choose another preset for them.")
    if preset == "ingest" and "counts" in changes:
        raise PlanError("counts means nothing to an ingest: a document has as many chunks as it is cut into.")
    settings = PRESETS[preset].settings
    if not can_be_delayed(str(changes.get("target", "lite"))):
        settings = settings | PRESETS[preset].undelayed
    plan = Plan(preset=preset, **settings)
    # Values of another sweep would not fit: a changed sweep starts from its own.
    kept = plan.to_dict()
    if changes.get("sweep", plan.sweep) != plan.sweep:
        kept.pop("sweep_values")
    changed = Plan.from_dict(kept | changes)
    as_in_preset = replace(
        changed,
        target=plan.target,
        time_limit_s=plan.time_limit_s,
        first_calls=plan.first_calls,
        data=plan.data if plan.is_ingest else changed.data,
    )
    return changed if as_in_preset == plan else replace(changed, preset="custom")

"""The eight scenes of the talk, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.bench.plan.conditions import TUTORIAL_RTT_MS
from core.bench.plan.plan import Plan, can_be_delayed
from core.bench.plan.presets import preset_plan
from core.charts.tour.canvas import Shown
from core.charts.tour.claim import claim
from core.charts.tour.cost import cost
from core.charts.tour.distance import distance
from core.charts.tour.factor import factor
from core.charts.tour.frozen import frozen
from core.charts.tour.ingest import ingest
from core.charts.tour.near import near
from core.charts.tour.waiting import waiting

if TYPE_CHECKING:
    import plotly.graph_objects as go

LITE = "lite"
DIM = 384


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a hall may guess before it is shown.

    Attributes:
        text: Without the unit.
        unit: "x", "s", "ms" or "".
    """

    text: str
    unit: str = "x"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One sentence and one chart.

    Attributes:
        recording: The run of core.bench.recorded that it shows.
        notes: For the speaker, a thought each.
        plan: What "Run it here" measures at a target, and at the distance that was called out.
        asks_distance: Whether the hall calls one out.
        shows_distance: Whether what it shows was measured at one, where its run has any.
        takes_document: Whether one of the speaker's may go in.
    """

    name: str
    sentence: str
    recording: str
    draw: Callable[[Shown], go.Figure]
    question: Question
    notes: tuple[str, ...]
    plan: Callable[[str, int], Plan]
    asks_distance: bool = False
    shows_distance: bool = True
    takes_document: bool = False


def _plan(preset: str, target: str, **changes: Any) -> Plan:
    """A small plan on `target`; Milvus Lite is put at a distance where nothing else is asked."""
    if target == LITE:
        changes = {"rtt_ms": TUTORIAL_RTT_MS, "dim": DIM} | changes
    return preset_plan(preset, target=target, **changes)


def _claim(target: str, called_ms: int) -> Plan:
    return _plan("tutorial", target, operations=("search",), counts=(10,), repeats=3)


def _waiting(target: str, called_ms: int) -> Plan:
    return _plan("tutorial", target, operations=("search",), counts=(10,), repeats=1)


def _factor(target: str, called_ms: int) -> Plan:
    if not can_be_delayed(target):
        target = LITE
    return _plan("factor", target, counts=(20,), batch_size=5, repeats=3, warmup=0, rtt_ms=0)


def _near(target: str, called_ms: int) -> Plan:
    """On Milvus Lite, whatever else there is: that is what the scene is about."""
    return _plan("quick", LITE, operations=("search",), repeats=5, warmup=1, rtt_ms=0)


def _distance(target: str, called_ms: int) -> Plan:
    """As many searches as were recorded, so that the times can be laid upon each other."""
    values = {"operations": ("search",), "counts": (20,), "repeats": 3, "consistency": "Bounded"}
    target = target if can_be_delayed(target) else LITE
    return _plan("distance", target, **values, dim=768, rtt_ms=0, sweep_values=(called_ms,))


def _cost(target: str, called_ms: int) -> Plan:
    values = {"counts": (100,), "repeats": 2, "warmup": 0, "lanes": ("async-bounded",)}
    return _plan("concurrency", target, **values, sweep_values=(1, 4, 16, 64))


def _frozen(target: str, called_ms: int) -> Plan:
    return _plan("heartbeat", target, counts=(30,), consistency="Bounded", repeats=1)


def _ingest(target: str, called_ms: int) -> Plan:
    return preset_plan("ingest", target=target)


SCENES = (
    Scene(
        name="claim",
        sentence="The claim: all at once is many times as fast as one by one.",
        recording="tutorial",
        draw=claim,
        question=Question(text="How many times as fast are 100 searches, all at once?"),
        notes=(
            "The hollow marks are what a public tutorial published. The filled ones are the same searches, "
            "with its settings, on a real Milvus server.",
            "Do not compare hollow with filled: another machine, and the tutorial's times have connecting "
            "and first calls inside, ours have not. Compare within a row.",
            "Nobody made a search faster here. Ask the hall where the time went.",
            "Strong consistency: each search waits until the server has caught up with all writes, some "
            "200 ms.",
            "Below the chart: how many repeats, the interval, and the proof that both sides found the same.",
        ),
        plan=_claim,
    ),
    Scene(
        name="waiting",
        sentence="Who waits when: a staircase one by one, a stack all at once.",
        recording="tutorial",
        draw=waiting,
        question=Question(text="How many seconds do all of them take at once?", unit="s"),
        notes=(
            "Each bar is one search, from its start to its end. Let it play, and say nothing until it ends.",
            "No bar below is shorter than above. What is gone is the waiting one after the other.",
            "That is all there is to async: it overlaps the waiting. Hence the program's name.",
            "R plays it again.",
        ),
        plan=_waiting,
    ),
    Scene(
        name="factor",
        sentence="Where the factor comes from: take one wait away at a time.",
        recording="factor",
        draw=factor,
        question=Question(text="How many times as fast is it at the end, in a fair comparison?"),
        notes=(
            "From top to bottom one thing changes at a time.",
            "First the waiting for the server's clock goes, then the distance, then the serial loop: threads "
            "overlap waiting too.",
            "What is left in the last row is what async itself gains, against an opponent that tries.",
            "A factor always has a baseline. Ask for it whenever you are shown one.",
        ),
        plan=_factor,
    ),
    Scene(
        name="near",
        sentence="Little to wait for, little to gain.",
        recording="distance",
        draw=near,
        question=Question(text="How many times as fast is all at once, with Milvus on the same machine?"),
        notes=(
            "Milvus Lite, on this very machine, no distance: the engine computes, and the client waits for "
            "no one.",
            "Both sides do the same work on the same processor. What little is gained is client and engine "
            "working side by side, on two cores.",
            "If your database is in your process, you don't need async for it.",
        ),
        plan=_near,
        shows_distance=False,
    ),
    Scene(
        name="distance",
        sentence="Put the server far away, and all at once pays.",
        recording="distance",
        draw=distance,
        question=Question(text="How many times as fast is all at once, that far away?"),
        notes=(
            "Same engine, same work as before. Only the way there is longer, and that is simulated.",
            "Let the hall call out a distance: 1 ms is the next rack, 20 ms the same country, 60 ms the "
            "tutorial's server, 150 ms another continent.",
            "One after another pays the way for each search; all at once pays it once.",
        ),
        plan=_distance,
        asks_distance=True,
    ),
    Scene(
        name="cost",
        sentence="What it costs: beyond the knee each request only waits longer.",
        recording="concurrency",
        draw=cost,
        question=Question(text="From how many at once on is hardly anything gained?", unit=""),
        notes=(
            "Left: more at once do more work, up to the knee, where 90 % of the best is reached.",
            "Right, in the same steps: what one request waits. Beyond the knee that is all that grows.",
            "So bound it: a semaphore at the knee. An unbounded gather lies far to the right of it.",
        ),
        plan=_cost,
    ),
    Scene(
        name="frozen",
        sentence="Block the loop, and everything on it stands still.",
        recording="heartbeat",
        draw=frozen,
        question=Question(text="For how many milliseconds does the loop stand still?", unit="ms"),
        notes=(
            "Each spike is the event loop waking up in time, every 10 ms.",
            "In the middle the same searches, called with the sync client inside a coroutine: no beat, so no "
            "other request, no timeout, no answer to anybody.",
            "Below, the cure where there is no async client: asyncio.to_thread.",
        ),
        plan=_frozen,
    ),
    Scene(
        name="ingest",
        sentence="The same on your own document; then ask it.",
        recording="ingest",
        draw=ingest,
        question=Question(text="How many times as fast does a document go in, all steps at once?"),
        notes=(
            "Reading, cutting, embedding, inserting: here most of the time is computing, and async can't "
            "overlap that. Expect no wonder, and say so.",
            "Take a file that the hall knows, run it here, then press Ask it, and ask it something.",
        ),
        plan=_ingest,
        takes_document=True,
    ),
)


def scene_number(text: str) -> int:
    """The number, from 1, of the scene that an address asks for; 1 where it asks for none."""
    return min(max(1, int(text)), len(SCENES)) if text.isascii() and text.isdigit() and len(text) < 4 else 1

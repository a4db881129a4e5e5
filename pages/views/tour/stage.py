"""A scene as the hall sees it: one sentence, one chart, what has to be known, and the controls below."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from core.bench.estimate import left_s
from core.bench.progress import Snapshot
from core.bench.recorded import recorded_run
from core.bench.records.run import Run
from core.bench.supervisor import BenchProcess, get_ready
from core.charts.disclaimers import recorded_mark
from core.charts.tour.canvas import MAX_GUESS, Shown
from core.config.settings import Settings
from core.errors import OverlapError
from core.tour.about import about
from core.tour.live import run_so_far
from core.tour.scenes import SCENES, Scene, scene_number
from pages.components.steady_chart import draw_steady_chart
from pages.state.talk import Talk, talk_of
from pages.views.benchmark.plan_form import duration
from pages.views.runs.run import to_page
from pages.views.tour.measuring import begin, is_in_line, process_of, run_here, settle
from pages.views.tour.navigator import draw_navigator

SCENE_PARAMETER, NOTES_PARAMETER = "scene", "notes"
# The moves of the talk that this window knows, and the address as it left it.
SEEN_KEY, ADDRESS_KEY = "tour_seen", "tour_address"
CALLED_KEY = "tour_called_ms"
LIVE_EVERY_S, FOLLOW_EVERY_S = 0.25, 0.5
# A process for the next run is made ready when the first scene stands.
READY_AFTER_TICKS = 6
PLAY_S = 6.0
MAX_CALLED_MS = 200
FIRST_CALLED_MS = 60

# Everything is measured by the window, so that it fits whatever it is: 1280 x 720 and 1920 x 1080 alike.
STYLE = """<style>
header[data-testid="stHeader"]{display:none}
.stMainBlockContainer{padding:1.6vh 2.2vw 0 !important;max-width:none}
.stMainBlockContainer>div>[data-testid="stVerticalBlock"]{gap:0}
.stMainBlockContainer h1{font-size:min(2.75vw,5.2vh);line-height:1.15;padding:0 0 .6vh}
.tour-about{font-size:min(1.3vw,2.5vh);line-height:1.3;opacity:.85;height:3.9em;overflow:hidden}
.tour-about b{font-weight:600}
.tour-about .tour-failed{color:var(--st-red-text-color,#b3261e);font-weight:600}
.tour-about .track{display:inline-block;width:9em;height:.55em;border-radius:.3em;margin:0 .3em;
  background:rgba(128,128,128,.25)}
.tour-about .track i{display:block;height:100%;border-radius:.3em;background:var(--st-primary-color,#0b62a8)}
.st-key-tour_foot{position:fixed;z-index:1;bottom:.7rem;left:2.2vw;right:2.2vw;width:auto;min-height:2.6rem}
.st-key-tour_foot [data-testid="stNumberInput"]{width:min(30vw,24rem)}
.st-key-tour_foot [data-testid="stSlider"]{width:min(22vw,20rem)}
.st-key-tour_question{font-size:min(1.7vw,3.2vh)}
@media(min-width:701px){.stMainBlockContainer{height:100vh;overflow:hidden}}
@media(max-width:700px){
 .st-key-tour_foot{position:static}
 .stMainBlockContainer h1{font-size:1.5rem}.tour-about{font-size:.85rem;height:auto}
}
</style>"""
CHART_HEIGHT = "max(230px, calc(98.4vh - min(3.2vw, 6vh) - min(5.2vw, 10vh) - 4rem))"


def draw_stage(settings: Settings) -> None:
    """Draw the scene that the talk is at."""
    talk = talk_of(settings)
    number = _scene_now(talk)
    scene = SCENES[number - 1]
    settle(number, settings, talk)
    st.html(STYLE)
    st.title(scene.sentence, anchor=False)
    chart, foot = st.container(), st.container(key="tour_foot", horizontal=True, vertical_alignment="center")
    with foot:
        view = _controls(scene, number, settings, talk)
    with chart:
        _live_chart(view, settings, talk) if view.is_measuring else _still_chart(view, settings, talk)
    _follow(talk)


@dataclass(frozen=True, kw_only=True, slots=True)
class _View:
    """What the controls lead to."""

    number: int
    scene: Scene
    guess: float | None
    is_hidden: bool
    called_ms: int
    is_measuring: bool


def _scene_now(talk: Talk) -> int:
    """The scene to draw: the address's at first and when a link was followed, else where the talk is."""
    address = st.query_params.get(SCENE_PARAMETER, "")
    if SEEN_KEY not in st.session_state or address != st.session_state.get(ADDRESS_KEY):
        talk.go(scene_number(address))
    st.session_state[SEEN_KEY] = talk.moves
    st.query_params[SCENE_PARAMETER] = st.session_state[ADDRESS_KEY] = str(talk.scene)
    return talk.scene


def _controls(scene: Scene, number: int, settings: Settings, talk: Talk) -> _View:
    process = process_of(number, settings, talk)
    is_measuring = (process is not None and process.is_running) or is_in_line(number, settings, talk)
    is_hidden = talk.is_predicting and number not in talk.revealed

    def on_move(wanted: int, shown: int) -> None:
        # On from what is hidden: reveal it first.
        if is_hidden and wanted >= shown and wanted - shown <= 1:
            talk.revealed.add(number)
            talk.moves += 1
        else:
            talk.go(wanted)

    draw_navigator(number, notes_url=f"?{NOTES_PARAMETER}=1", has_more=is_hidden, on_move=on_move)
    called_ms = _called(scene)
    guess = _guess(scene, number, talk)
    if is_hidden and st.button("Reveal", type="primary", icon=":material/visibility:", key="reveal"):
        talk.revealed.add(number)
        talk.moves += 1
        st.rerun()
    _run_button(scene, number, called_ms, settings, talk, is_measuring=is_measuring)
    _more(scene, number, settings, talk)
    return _View(
        number=number,
        scene=scene,
        guess=guess,
        is_hidden=is_hidden,
        called_ms=called_ms,
        is_measuring=is_measuring,
    )


def _called(scene: Scene) -> int:
    """The distance that the hall has called out."""
    if not scene.asks_distance:
        return FIRST_CALLED_MS
    return st.slider(
        "Distance in ms, simulated",
        0,
        MAX_CALLED_MS,
        FIRST_CALLED_MS,
        step=5,
        key=CALLED_KEY,
        label_visibility="collapsed",
        format="%d ms away",
    )


def _guess(scene: Scene, number: int, talk: Talk) -> float | None:
    if not talk.is_predicting:
        return None
    unit = f" ({scene.question.unit})" if scene.question.unit else ""
    value = st.number_input(
        f"{scene.question.text}{unit}",
        min_value=0.0,
        max_value=MAX_GUESS,
        value=None,
        step=None,
        format="%.4g",
        placeholder=f"{scene.question.text}{unit}",
        key=f"tour_guess_{number}",
        label_visibility="collapsed",
    )
    return float(value) if value else None


def _run_button(
    scene: Scene, number: int, called_ms: int, settings: Settings, talk: Talk, *, is_measuring: bool
) -> None:
    if is_measuring:
        if st.button("Stop", icon=":material/stop:", key="tour_stop"):
            process = process_of(number, settings, talk)
            if process is not None:
                process.stop()
    elif st.button("Run it here", icon=":material/play_arrow:", key="tour_run"):
        begin(scene, number, called_ms, settings, talk)
        st.rerun()


def _more(scene: Scene, number: int, settings: Settings, talk: Talk) -> None:
    with st.popover("More", icon=":material/more_horiz:"):
        is_predicting = st.toggle(
            "Predict, then reveal",
            talk.is_predicting,
            key="tour_predict",
            help="The hall's guess is typed in and drawn; → or Reveal shows what was measured.",
        )
        if is_predicting != talk.is_predicting:
            talk.is_predicting = is_predicting
            talk.moves += 1
            st.rerun()
        st.link_button(
            "Speaker's notes (N)", f"?{NOTES_PARAMETER}=1", icon=":material/speaker_notes:", width="stretch"
        )
        st.download_button(
            "All scenes as HTML",
            lambda: _exported(talk),
            "overlap-tour.html",
            "text/html",
            key="tour_export",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
        st.caption("→ ← PageDown PageUp Space move · F full screen · B black · R plays again")
        to_page("pages/ask.py", "Ask a document", ":material/chat:")
        to_page("pages/documents.py", "Add a document", ":material/upload_file:")
        to_page("pages/runs.py", "All runs, whole", ":material/history:")


def _exported(talk: Talk) -> str:
    from core.export.tour_html import tour_html

    return tour_html({number: run for number in talk.here if (run := run_here(number, talk)) is not None})


@st.fragment(run_every=LIVE_EVERY_S)
def _live_chart(view: _View, settings: Settings, talk: Talk) -> None:
    process = process_of(view.number, settings, talk)
    is_waiting = is_in_line(view.number, settings, talk)
    if not is_waiting and (process is None or not process.is_running):
        st.rerun()
    here = None
    if process is not None:
        here = run_so_far(process.run_path, process.plan, process.snapshot())
    _draw(view, here, talk, _progress(process))


@st.fragment
def _still_chart(view: _View, settings: Settings, talk: Talk) -> None:
    _draw(view, run_here(view.number, talk), talk, "")


def _draw(view: _View, here: Run | None, talk: Talk, progress: str) -> None:
    try:
        recorded = recorded_run(view.scene.recording)
    except OverlapError:
        recorded = None
    shown = Shown(
        recorded=recorded,
        here=here,
        guess=view.guess,
        is_hidden=view.is_hidden,
        called_ms=view.called_ms,
    )
    draw_steady_chart(
        view.scene.draw(shown),
        key="tour_chart",
        name=f"{view.scene.name}{'' if not view.is_hidden else '-hidden'}",
        height=CHART_HEIGHT,
        alt=view.scene.sentence,
        play_s=PLAY_S,
    )
    st.html(f'<div class="tour-about">{_about(view, recorded, here, talk, progress)}</div>')


def _about(view: _View, recorded: Run | None, here: Run | None, talk: Talk, progress: str) -> str:
    lines = []
    failed = talk.failed.get(view.number)
    if failed:
        mark = f" {recorded_mark(recorded)}" if recorded is not None else ""
        lines.append(f'<span class="tour-failed" role="alert">{escape(failed)}</span>{escape(mark)}')
    elif recorded is not None:
        text = about(recorded, is_recorded=True, with_factor=not view.is_hidden)
        lines.append(f"<b>●</b> {escape(text)}")
    if progress:
        lines.append(progress)
    elif here is not None:
        lines.append(f"<b>◆</b> {escape(about(here, is_recorded=False))}")
    return "<br>".join(lines)


def _progress(process: BenchProcess | None) -> str:
    if process is None:
        return "In line for the benchmark: one run at a time, so that the figures are right."
    snapshot = process.snapshot()
    share = snapshot.trials_done / max(1, snapshot.num_trials)
    track = f'<span class="track"><i style="width:{share:.0%}"></i></span>'
    return f"<b>◆</b> measuring here{track}{escape(_lane(snapshot))}{escape(_left(process, snapshot))}"


def _lane(snapshot: Snapshot) -> str:
    lane = snapshot.lanes.get(snapshot.measured)
    if lane is None:
        return "getting ready" if not snapshot.trial else f"trial {snapshot.trial} of {snapshot.num_trials}"
    return f"{lane.lane} {lane.done:,} of {lane.count:,}"


def _left(process: BenchProcess, snapshot: Snapshot) -> str:
    left = left_s(process.plan, snapshot, process.elapsed_s)
    return "" if left is None else f" · about {duration(left)} left"


def _follow(talk: Talk) -> None:
    """Come along when another window of the talk moves it."""
    ticks = 0

    @st.fragment(run_every=FOLLOW_EVERY_S)
    def follow() -> None:
        nonlocal ticks
        if talk.moves != st.session_state[SEEN_KEY]:
            # Where it went, not where this window's address still points.
            st.rerun()
        ticks += 1
        if ticks == READY_AFTER_TICKS:
            get_ready()

    follow()

"""A scene as the hall sees it: one sentence, one chart, what has to be known, and the controls below."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from core.bench.estimate import left_s
from core.bench.recorded import recorded_run
from core.bench.records.run import Run
from core.bench.run_progress import Snapshot
from core.bench.supervisor import BenchProcess, get_ready
from core.charts.disclaimers import recorded_mark
from core.charts.tour.canvas import MAX_GUESS, Shown
from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.errors import OverlapError
from core.runtime.words import duration
from core.tour.about import about
from core.tour.run_so_far import run_so_far
from core.tour.scenes import SCENES, Scene, scene_number
from pages.components.bench_document import draw_document, own_document
from pages.components.layout import WITHOUT_NAVIGATION, to_page
from pages.components.markdown import escaped
from pages.components.steady_chart import draw_steady_chart
from pages.state.current_kb import current_kb
from pages.state.ingests import start_ingest
from pages.state.talk import Talk, talk_of
from pages.views.tour.measuring import begin, is_in_line, process_of, run_here, settle, stop
from pages.views.tour.navigator import NOTES_URL, draw_navigator

SCENE_PARAMETER = "scene"
# The moves of the talk that this window knows.
SEEN_KEY = "tour_seen"
CALLED_KEY, GUESS_KEY = "tour_called_ms", "tour_guess_"
MAX_FIGURES = 64
LIVE_EVERY_S, FOLLOW_EVERY_S = 0.25, 0.5
# A process for the next run is made ready when the first scene stands.
READY_AFTER_TICKS = 4
PLAY_S = 6.0
MAX_CALLED_MS = 200

# Everything is measured by the window, so that it fits whatever it is: 1280 x 720 and 1920 x 1080 alike.
STYLE = (
    f"<style>{WITHOUT_NAVIGATION}</style>"
    + """<style>
.stMainBlockContainer{padding:1.6vh 2.2vw 0 !important;max-width:none}
.stMainBlockContainer>div>[data-testid="stVerticalBlock"]{gap:0}
.stMainBlockContainer h1{font-size:min(2.75vw,5.2vh);line-height:1.15;padding:0 0 .6vh}
.st-key-tour_place [data-testid="stVerticalBlock"]{gap:0}
.tour-about{font-size:min(1.3vw,2.5vh);line-height:1.3;opacity:.85;height:5.2em;overflow:auto}
.tour-about b{font-weight:600}
.tour-about .tour-failed{color:var(--st-red-text-color,#b3261e);font-weight:600}
.tour-about .track{display:inline-block;width:9em;height:.55em;border-radius:.3em;margin:0 .3em;
  background:rgba(128,128,128,.25)}
.tour-about .track i{display:block;height:100%;border-radius:.3em;background:var(--st-primary-color,#0b62a8)}
.st-key-tour_foot{position:fixed;z-index:1;bottom:.7rem;left:2.2vw;right:2.2vw;width:auto;min-height:2.6rem}
.st-key-tour_foot [data-testid="stNumberInput"]{width:min(30vw,24rem)}
.st-key-tour_foot [data-testid="stSlider"]{width:min(22vw,20rem)}
[data-testid="stMain"]:focus-visible{outline:none !important;box-shadow:none !important}
[data-stale="true"]{opacity:1 !important;transition:none !important}
@media(min-width:701px){.stMainBlockContainer{height:100vh;overflow:hidden}}
@media(max-width:700px){
 .st-key-tour_foot{position:static}
 .stMainBlockContainer h1{font-size:1.5rem}.tour-about{font-size:.85rem;height:auto}
}
</style>"""
)
# Below it four lines are told: two of what was recorded, two of what was measured here. The second bound is a
# phone's, on which the way to the next scene stays in sight.
CHART_HEIGHT = "min(max(230px, calc(98.4vh - min(3.2vw, 6vh) - min(6.8vw, 13vh) - 4rem)), 125vw)"


def draw_stage(settings: Settings) -> None:
    """Draw the scene that the talk is at."""
    talk, is_first = talk_of(settings), SEEN_KEY not in st.session_state
    number = _scene_now(talk)
    scene = SCENES[number - 1]
    settle(number, settings, talk)
    st.html(STYLE)
    if not is_first:
        # So that sentence and chart change together.
        _figure(scene, _shown(scene, number, talk, run_here(number, talk)))
    # A sentence that says what was found would spoil the guess.
    st.title(scene.question.text if talk.is_hidden else scene.sentence, anchor=False)
    chart, foot = (
        st.container(key="tour_place"),
        st.container(key="tour_foot", horizontal=True, vertical_alignment="center"),
    )
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
    is_hidden: bool
    is_measuring: bool


def _scene_now(talk: Talk) -> int:
    """The scene to draw: the address's when this window opens, from then on where the talk is.

    A browser sends the address with whatever it sends, and that is an old one while the next scene is on
    its way: so it is read once only. The navigator keeps it right.
    """
    address = st.query_params.get(SCENE_PARAMETER, "")
    # A visitor who opens the Tour without a scene's number joins the talk.
    if address and SEEN_KEY not in st.session_state:
        talk.go(scene_number(address))
    st.session_state[SEEN_KEY] = talk.moves
    return talk.scene


def _controls(scene: Scene, number: int, settings: Settings, talk: Talk) -> _View:
    process = process_of(number, settings, talk)
    is_measuring = (process is not None and process.is_running) or is_in_line(number, settings, talk)
    is_hidden = talk.is_hidden
    draw_navigator(talk, parameter=SCENE_PARAMETER)
    _called(scene, talk)
    if scene.takes_document and not is_measuring:
        _document(settings)
    _guess(scene, number, talk)
    if is_hidden and st.button("Reveal", type="primary", icon=":material/visibility:", key="reveal"):
        talk.reveal()
        st.rerun()
    _run_button(scene, number, settings, talk, is_measuring=is_measuring)
    _more(scene, number, settings, talk)
    return _View(
        number=number,
        scene=scene,
        is_hidden=is_hidden,
        is_measuring=is_measuring,
    )


def _called(scene: Scene, talk: Talk) -> None:
    """Where the distance is set that the hall calls out."""
    if not scene.asks_distance:
        return
    talk.called_ms = st.slider(
        "Distance in ms, simulated",
        0,
        MAX_CALLED_MS,
        talk.called_ms,
        step=5,
        key=CALLED_KEY,
        label_visibility="collapsed",
        format="%d ms away",
    )


def _document(settings: Settings) -> None:
    """The speaker's own document: what "Run it here" takes, and what is asked then."""
    own = own_document()
    with st.popover("Your document" if own is None else own.name[:24], icon=":material/upload_file:"):
        draw_document(settings, also=f"*Ask it* adds it to “{escaped(current_kb())}”.")
    if st.button("Ask it", icon=":material/chat:", key="tour_ask"):
        _ask(settings)


def _ask(settings: Settings) -> None:
    """Add the document to the knowledge base, and go to where it is asked."""
    own = own_document()
    if own is not None:
        file = IncomingFile(name=own.name, size_bytes=len(own.data), read=lambda: own.data)
        try:
            is_begun = start_ingest(settings, [file])
        except OverlapError as exc:
            st.toast(escaped(str(exc)), icon=":material/error:")
            return
        if not is_begun:
            st.toast("Documents are being added. Ask it when that has ended.", icon=":material/error:")
            return
    st.switch_page("pages/ask.py")


def _guess(scene: Scene, number: int, talk: Talk) -> None:
    """Where the hall's guess is typed in."""
    if not talk.is_predicting:
        return
    question = f"{scene.question.text}{f' ({scene.question.unit})' if scene.question.unit else ''}"
    value = st.number_input(
        question,
        min_value=0.0,
        max_value=MAX_GUESS,
        value=talk.guesses.get(number),
        format="%.4g",
        placeholder=f"The hall's guess{f', in {scene.question.unit}' if scene.question.unit else ''}",
        key=f"{GUESS_KEY}{number}",
        label_visibility="collapsed",
    )
    if value:
        talk.guesses[number] = float(value)
    else:
        talk.guesses.pop(number, None)


def _run_button(scene: Scene, number: int, settings: Settings, talk: Talk, *, is_measuring: bool) -> None:
    if is_measuring:
        if st.button("Stop", icon=":material/stop:", key="tour_stop"):
            stop(number, settings, talk)
    elif st.button("Run it here", icon=":material/play_arrow:", key="tour_run"):
        begin(scene, number, settings, talk)
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
            talk.changed()
            st.rerun()
        st.link_button("Speaker's notes (N)", NOTES_URL, icon=":material/speaker_notes:", width="stretch")
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
        to_page("pages/benchmark.py", "Benchmark", ":material/speed:")
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
    shown = _shown(view.scene, view.number, talk, here)
    draw_steady_chart(
        _figure(view.scene, shown),
        key="tour_chart",
        name=f"{view.scene.name}{'-hidden' if view.is_hidden else ''}",
        height=CHART_HEIGHT,
        alt=view.scene.sentence,
        play_s=PLAY_S,
    )
    st.html(f'<div class="tour-about">{_about(view, shown, talk, progress)}</div>')


def _shown(scene: Scene, number: int, talk: Talk, here: Run | None) -> Shown:
    """What the chart of a scene has to show now."""
    return Shown(
        recorded=_recorded(scene),
        here=here,
        guess=talk.guesses.get(number) if talk.is_predicting else None,
        is_hidden=talk.is_predicting and number not in talk.revealed,
        called_ms=talk.called_ms,
    )


def _recorded(scene: Scene) -> Run | None:
    try:
        return recorded_run(scene.recording)
    except OverlapError:
        return None


def _figure(scene: Scene, shown: Shown) -> str:
    rest = (shown.guess, shown.is_hidden, shown.called_ms)
    if shown.here is not None and shown.here.status == "running":
        return _json(scene, shown)  # it changes all the time
    return _drawn(scene.name, (_known(shown.recorded), _known(shown.here)), rest, _scene=scene, _shown=shown)


def _known(run: Run | None) -> tuple[object, ...]:
    """Tells one state of a run from another without reading its samples."""
    if run is None:
        return ()
    ends = [(trial.elapsed_s, trial.num_ok) for trial in run.trials[-1:]]
    return (run.id, run.status, len(run.trials), *ends)


# A talk goes to and fro: what was drawn once is there at once.
@st.cache_resource(max_entries=MAX_FIGURES, show_spinner=False)
def _drawn(name: str, runs: object, rest: object, *, _scene: Scene, _shown: Shown) -> str:
    return _json(_scene, _shown)


def _json(scene: Scene, shown: Shown) -> str:
    from core.charts.plotly_js import figure_json

    return figure_json(scene.draw(shown))


def _about(view: _View, shown: Shown, talk: Talk, progress: str) -> str:
    lines, recorded, here = [], shown.recorded, shown.here
    failed = talk.failed.get(view.number)
    if failed:
        mark = f" {recorded_mark(recorded)}" if recorded is not None else ""
        lines.append(f'<span class="tour-failed" role="alert">{escape(failed)}</span>{escape(mark)}')
    elif recorded is not None:
        far = view.scene.shows_distance
        text = about(recorded, is_recorded=True, with_factor=not view.is_hidden, shows_distance=far)
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


def _prepare(talk: Talk) -> None:
    """Make what comes next: the following scene's chart, and a process for the next run."""
    number = min(talk.scene + 1, len(SCENES))
    _figure(SCENES[number - 1], _shown(SCENES[number - 1], number, talk, run_here(number, talk)))
    get_ready()


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
            _prepare(talk)

    follow()

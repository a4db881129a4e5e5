"""The speaker's window: the scene's notes, what comes next, and how much of the time is used."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.config.settings import Settings
from core.tour.scenes import SCENES
from pages.components.layout import WITHOUT_NAVIGATION
from pages.components.markdown import escaped
from pages.components.times import zone
from pages.state.talk import talk_of
from pages.views.tour.navigator import draw_navigator

EVERY_S = 0.5
SEEN_KEY = "tour_notes_seen"
STYLE = (
    f"<style>{WITHOUT_NAVIGATION}</style>"
    + """<style>
.stMainBlockContainer{padding-top:1.5rem !important}
.tour-clock{display:flex;gap:2rem;align-items:baseline;font-variant-numeric:tabular-nums;font-size:1.2rem}
.tour-clock b{font-size:2.6rem}
</style>"""
)


def draw_notes(settings: Settings) -> None:
    """Draw the notes of the scene that the talk is at; they follow the other window, and can move it."""
    talk = talk_of(settings)
    st.html(STYLE)
    st.session_state[SEEN_KEY] = talk.moves
    _clock(settings)
    scene = SCENES[talk.scene - 1]
    st.title(f"{talk.scene} of {len(SCENES)} · Notes", anchor=False)
    st.markdown(f"**{escaped(scene.sentence)}**")
    st.markdown("\n".join(f"- {escaped(note)}" for note in scene.notes))
    if talk.is_predicting:
        st.info(f"Ask the hall: {escaped(scene.question.text)}", icon=":material/quiz:")
    following = SCENES[talk.scene] if talk.scene < len(SCENES) else None
    st.caption(f"Next: {escaped(following.sentence)}" if following else "This is the last scene.")

    with st.container(horizontal=True, vertical_alignment="center"):
        draw_navigator(talk)
        if st.button("Start the clock again", icon=":material/restart_alt:", key="tour_again"):
            talk.begin_again()
            st.rerun()


@st.fragment(run_every=EVERY_S)
def _clock(settings: Settings) -> None:
    talk = talk_of(settings)
    if talk.moves != st.session_state[SEEN_KEY]:
        st.rerun()
    minutes, seconds = divmod(int(talk.used_s), 60)
    now = datetime.now(zone())
    st.html(
        f'<div class="tour-clock"><span><b>{minutes}:{seconds:02}</b> used</span>'
        f"<span>{now:%H:%M} now</span></div>"
    )

"""The dots of a talk, and the keys that move it: arrows, a clicker's PageUp and PageDown, Space."""

from __future__ import annotations

import streamlit as st
import streamlit.components.v2

from core.tour.scenes import SCENES
from pages.components.steady_chart import script_url
from pages.state.talk import Talk

KEY = "tour_navigator"
# The last key that the server has heard of.
ECHO_KEY = f"{KEY}_echo"
NOTES_PARAMETER = "notes"
NOTES_URL = f"?{NOTES_PARAMETER}=1"

_NAVIGATOR = streamlit.components.v2.component(
    "tour_navigator",
    html='<nav class="tour-dots" aria-label="Scenes"></nav>',
    css="""
    .tour-dots{display:flex;align-items:center;gap:.15rem}
    .tour-dots button{font:inherit;font-size:1.2rem;line-height:1;color:inherit;background:none;border:0;
      border-radius:.4rem;padding:.45rem .4rem;cursor:pointer}
    .tour-dots button:hover{background:rgba(128,128,128,.2)}
    .tour-dots button:disabled{opacity:.3;cursor:default}
    .tour-dots button:not(.dot){font-size:1.8rem;padding:.1rem .6rem .3rem}
    .tour-dots button.dot::before{content:"";display:block;width:.8rem;height:.8rem;border-radius:50%;
      border:2px solid currentColor;opacity:.75}
    .tour-dots button.dot[aria-current]::before{background:var(--st-primary-color);opacity:1;
      border-color:var(--st-primary-color)}
    .tour-black{position:fixed;inset:0;background:#000;z-index:1000000}
    """,
    js="""
    const TAKES_KEYS = "input, textarea, select, [contenteditable=true], [role=slider], [role=spinbutton], " +
      "[role=combobox], [role=listbox], [role=option]"
    const STEPS = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }

    const black = () => {
      const there = document.querySelector(".tour-black")
      if (there) return there.remove()
      const cover = document.createElement("div")
      cover.className = "tour-black"
      cover.onclick = () => cover.remove()
      document.body.append(cover)
    }
    const fullScreen = () =>
      document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()

    export default function ({ data, parentElement, setTriggerValue }) {
      // The chart is drawn after this: its script can be on its way meanwhile.
      if (data.script && !window.overlapPlotly && !document.querySelector(`link[href="${data.script}"]`)) {
        const link = document.createElement("link")
        Object.assign(link, { rel: "preload", as: "script", href: data.script })
        document.head.append(link)
      }
      const nav = parentElement.querySelector(".tour-dots")
      const state = (nav.overlap ??= { sent: 0, wanted: data.scene })
      // What was pressed since counts on from where the last key led, not from what is drawn yet.
      if (data.echo === null || data.echo >= state.sent) state.wanted = data.scene
      if (data.parameter) {
        const address = new URL(location.href)
        address.searchParams.set(data.parameter, data.scene)
        // In place of the last one: Back leaves the talk, as it leaves a film.
        if (address.href !== location.href) history.replaceState(history.state, "", address)
      }
      const go = (scene) => {
        const wanted = Math.max(1, Math.min(data.titles.length, scene))
        if (wanted === state.wanted && !data.has_more) return
        state.wanted = wanted
        state.sent += 1
        setTriggerValue("move", { scene: wanted, from: data.scene, sent: state.sent })
      }
      const button = (label, text, scene, className) => {
        const element = document.createElement("button")
        element.type = "button"
        element.title = label
        element.setAttribute("aria-label", label)
        element.textContent = text
        element.className = className
        // A click leaves the keys to the talk.
        element.onclick = () => (go(scene()), element.blur())
        return element
      }
      const dots = data.titles.map((title, index) => {
        const dot = button(`${index + 1}. ${title}`, "", () => index + 1, "dot")
        if (index + 1 === data.scene) dot.setAttribute("aria-current", "step")
        return dot
      })
      nav.replaceChildren(
        button("Back (←)", "‹", () => state.wanted - 1, ""), ...dots,
        button("On (→)", "›", () => state.wanted + 1, ""))
      const onKey = (event) => {
        if (!nav.isConnected) return document.removeEventListener("keydown", onKey, true)
        if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("[role=dialog]")) return
        const target = event.target instanceof Element ? event.target : document.body
        const isPaging = event.key.startsWith("Page")
        if (!isPaging && target.closest(TAKES_KEYS)) return
        if (event.key === " " && target.closest("button, a, summary, label")) return
        const step = STEPS[event.key] * (event.key === " " && event.shiftKey ? -1 : 1)
        const others = {
          Home: () => go(1), End: () => go(data.titles.length), f: fullScreen, b: black, ".": black,
          r: () => window.overlapReplay?.(),
          n: () => window.open(data.notes, "overlap-notes", "width=900,height=760"),
        }
        if (!step && !(event.key in others)) return
        event.preventDefault()
        event.stopPropagation()
        step ? go(state.wanted + step) : others[event.key]()
      }
      // Before anything else sees it, so that it does not matter where the focus is.
      document.removeEventListener("keydown", window.overlapOnKey, true)
      window.overlapOnKey = onKey
      document.addEventListener("keydown", onKey, true)
      // It stays until the next drawing brings its own: a key that was pressed in between would be lost.
    }
    """,
    isolate_styles=False,
)


def draw_navigator(talk: Talk, *, parameter: str | None = None) -> None:
    """Draw the dots and listen to the keys, which move the talk.

    Args:
        talk: What is moved.
        parameter: Of the address, where the scene's number is kept for a reload; None for a window without a
            chart.
    """

    def on_move() -> None:
        move = st.session_state[KEY].move
        if not move:
            return
        st.session_state[ECHO_KEY] = int(move["sent"])
        wanted, shown = int(move["scene"]), int(move["from"])
        # On from what is hidden: it is revealed first, on the last scene too.
        if talk.is_hidden and shown == talk.scene and wanted in {shown, shown + 1}:
            talk.reveal()
        else:
            talk.go(max(1, min(len(SCENES), wanted)))

    _NAVIGATOR(
        key=KEY,
        data={
            "scene": talk.scene,
            "titles": [scene.sentence for scene in SCENES],
            "notes": NOTES_URL,
            "has_more": talk.is_hidden,
            "parameter": parameter,
            "script": script_url() if parameter else "",
            "echo": st.session_state.get(ECHO_KEY),
        },
        on_move_change=on_move,
        width="content",
    )

"""The dots of a talk, and the keys that move it: arrows, a clicker's PageUp and PageDown, Space."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
import streamlit.components.v2

from core.tour.scenes import SCENES

KEY = "tour_navigator"

_NAVIGATOR = streamlit.components.v2.component(
    "tour_navigator",
    html='<nav class="tour-dots" aria-label="Scenes"></nav>',
    css="""
    .tour-dots{display:flex;align-items:center;gap:.15rem}
    .tour-dots button{font:inherit;font-size:1.2rem;line-height:1;color:inherit;background:none;border:0;
      border-radius:.4rem;padding:.45rem .4rem;cursor:pointer}
    .tour-dots button:hover{background:rgba(128,128,128,.2)}
    .tour-dots button:disabled{opacity:.3;cursor:default}
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
      const nav = parentElement.querySelector(".tour-dots")
      const state = (nav.overlap ??= { sent: 0, wanted: data.scene })
      // What was pressed since counts on from where the last key led, not from what is drawn yet.
      if (data.echo === null || data.echo >= state.sent) state.wanted = data.scene
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
        button("Back (←)", "◀", () => state.wanted - 1, ""), ...dots,
        button("On (→)", "▶", () => state.wanted + 1, ""))
      const onKey = (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("[role=dialog]")) return
        const target = event.target instanceof Element ? event.target : document.body
        const isPaging = event.key.startsWith("Page")
        if (!isPaging && target.closest(TAKES_KEYS)) return
        if (event.key === " " && target.closest("button, a, summary, label")) return
        const step = STEPS[event.key] * (event.key === " " && event.shiftKey ? -1 : 1)
        const others = {
          Home: () => go(1), End: () => go(data.titles.length), f: fullScreen, b: black, ".": black,
          r: () => window.overlapReplay?.(), n: () => window.open(data.notes, "overlap-notes", "width=900,height=760"),
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
      return () => document.removeEventListener("keydown", onKey, true)
    }
    """,
    isolate_styles=False,
)


def draw_navigator(
    scene: int, *, notes_url: str, has_more: bool, on_move: Callable[[int, int], None]
) -> None:
    """Draw the dots and listen to the keys.

    has_more: the scene has something to reveal yet, also where there is no scene to go on to.
    on_move: is called with the scene that is wanted and the one that was shown, before the page is drawn.
    """
    echo_key = f"{KEY}_echo"

    def moved() -> None:
        move = st.session_state[KEY].move
        if move:
            st.session_state[echo_key] = int(move["sent"])
            on_move(int(move["scene"]), int(move["from"]))

    _NAVIGATOR(
        key=KEY,
        data={
            "scene": scene,
            "titles": [each.sentence for each in SCENES],
            "notes": notes_url,
            "has_more": has_more,
            "echo": st.session_state.get(echo_key),
        },
        on_move_change=moved,
        width="content",
    )

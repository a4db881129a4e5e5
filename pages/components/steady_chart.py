"""A chart that changes where it is: no blank frame, no jump, and as large as there is room.

`st.plotly_chart` mounts a new chart for every change of its data, which is seen as a flicker. This one
keeps its own, is drawn at a fixed size and scaled to its place with its type, and can be played in time.
"""

from __future__ import annotations

import streamlit as st
import streamlit.components.v2

from core.charts.plotly_js import plotly_version

# Where app.py serves Plotly's script.
SCRIPT_PATH = "/overlap/plotly.js"

_CHART = streamlit.components.v2.component(
    "steady_chart",
    html='<div class="steady-chart" role="img"><div class="figure"></div></div>',
    css="""
    .steady-chart{position:relative;width:100%;overflow:hidden}
    .steady-chart .figure{transform-origin:0 0}
    .steady-chart .curtain{position:absolute;pointer-events:none;border-left:3px solid currentColor}
    .steady-chart .clock{position:absolute;font-weight:700;font-variant-numeric:tabular-nums;
      pointer-events:none}
    """,
    js="""
    const script = (src) => (window.overlapPlotly ??= new Promise((resolve, reject) => {
      const element = document.createElement("script")
      element.src = src
      element.onload = () => resolve(window.Plotly)
      element.onerror = reject
      document.head.append(element)
    }))

    const LEAST_SCALE = 0.45

    // Over each panel column a curtain moves to the right, and behind it is what had happened by then.
    const play = (place, graph, scale, plays, seconds) => {
      place.overlapStop?.()
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return
      const background = getComputedStyle(document.querySelector(".stApp") ?? document.body).backgroundColor
      const { t, h } = graph._fullLayout._size
      const longest = Math.max(...plays.map((each) => each.until_s))
      const shown = plays.map((each) => {
        const curtain = document.createElement("div"), clock = document.createElement("div")
        curtain.className = "curtain"
        clock.className = "clock"
        curtain.style.background = background
        place.append(curtain, clock)
        return { ...each, curtain, clock, axis: graph._fullLayout[each.axis] }
      })
      let frame = 0
      const begun = performance.now()
      place.overlapStop = () => {
        cancelAnimationFrame(frame)
        shown.forEach(({ curtain, clock }) => (curtain.remove(), clock.remove()))
        place.overlapStop = undefined
      }
      const step = (now) => {
        const time = Math.min(longest, ((now - begun) / 1000 / seconds) * longest)
        for (const { until_s, curtain, clock, axis } of shown) {
          const from = axis._offset + axis.l2p(Math.min(time, until_s))
          const end = axis._offset + axis._length
          Object.assign(curtain.style, {
            left: `${from * scale}px`, width: `${Math.max(0, end - from + 3) * scale}px`,
            top: `${(t - 2) * scale}px`, height: `${(h + 4) * scale}px`,
            visibility: time < until_s ? "visible" : "hidden",
          })
          Object.assign(clock.style, {
            right: `${place.clientWidth - end * scale}px`, top: `${4 * scale}px`, fontSize: `${30 * scale}px`,
          })
          clock.textContent = `${Math.min(time, until_s).toFixed(2)} s`
        }
        if (time < longest) frame = requestAnimationFrame(step)
        else frame = setTimeout(() => place.overlapStop?.(), 1500)
      }
      step(begun)
    }

    export default function ({ data, parentElement }) {
      const place = parentElement.querySelector(".steady-chart")
      const graph = place.querySelector(".figure")
      place.setAttribute("aria-label", data.alt)
      place.style.height = data.height
      const draw = async () => {
        const Plotly = await script(data.script)
        // Whatever asked for it meanwhile, what is drawn is what came last.
        if (place.overlapDraw !== draw) return
        const { data: traces, layout } = JSON.parse(data.figure)
        // On a phone type would be too small to read: there the chart is narrower instead.
        const fits = Math.min(place.clientWidth / layout.width, place.clientHeight / layout.height)
        const scale = fits && Math.max(fits, LEAST_SCALE)
        if (!(scale > 0)) return
        const color = getComputedStyle(place).color
        layout.width = place.clientWidth / scale
        layout.height = place.clientHeight / scale
        layout.font = { ...layout.font, color, family: getComputedStyle(place).fontFamily }
        graph.style.transform = `scale(${scale})`
        await Plotly.react(graph, traces, layout, { displayModeBar: false, scrollZoom: false })
        place.dataset.drawn = data.name
        const plays = layout.meta?.play
        if (!plays || place.overlapPlayed !== data.name) place.overlapStop?.()
        if (plays && data.play_s && place.overlapPlayed !== data.name) {
          play(place, graph, scale, plays, data.play_s)
        }
        place.overlapPlayed = data.name
        place.overlapReplay = () => plays && play(place, graph, scale, plays, data.play_s)
      }
      place.overlapDraw = draw
      draw()
      place.overlapWatch?.disconnect()
      place.overlapWatch = new ResizeObserver(() => {
        const size = `${place.clientWidth} ${place.clientHeight}`
        if (place.overlapSize !== undefined && place.overlapSize !== size) (place.overlapStop?.(), draw())
        place.overlapSize = size
      })
      place.overlapWatch.observe(place)
      window.overlapReplay = () => place.overlapReplay?.()
      const scheme = matchMedia("(prefers-color-scheme: dark)")
      place.overlapScheme && scheme.removeEventListener("change", place.overlapScheme)
      place.overlapScheme = () => setTimeout(draw, 300)
      scheme.addEventListener("change", place.overlapScheme)
      return () => (place.overlapStop?.(), place.overlapWatch.disconnect(),
        scheme.removeEventListener("change", place.overlapScheme))
    }
    """,
    isolate_styles=False,
)


def draw_steady_chart(
    figure: str, *, key: str, name: str, height: str, alt: str, play_s: float | None = None
) -> None:
    """Draw a figure that has a width and a height, scaled to its place.

    Args:
        figure: As `core.charts.plotly_js.figure_json` writes it.
        key: Of the place; the same one keeps the chart where it is.
        name: What is drawn. When it changes, a figure that can be played is played.
        height: Of the place, in CSS.
        alt: What it shows, for people who can't see it.
        play_s: Seconds that playing it takes; None for a figure that can't be played.
    """
    _CHART(
        key=key,
        data={
            "figure": figure,
            "name": name,
            "height": height,
            "alt": alt,
            "play_s": play_s,
            "script": script_url(),
        },
    )


def script_url() -> str:
    """Where a browser finds Plotly's script; whoever is drawn before the chart may have it fetched."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    prefix = f"/{base}" if base else ""
    return f"{prefix}{SCRIPT_PATH}?v={plotly_version()}"

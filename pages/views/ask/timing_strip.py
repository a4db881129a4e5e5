"""Where the seconds of an answer went, as a strip."""

from __future__ import annotations

import streamlit as st

from core.answers.models import Answer

# Okabe and Ito's colours, which the colour-blind can tell apart.
_COLOURS = {
    "understand the follow-up": "#CC79A7",
    "embed the question": "#E69F00",
    "search Milvus": "#009E73",
    "until the first word": "#56B4E9",
    "rest of the answer": "#0072B2",
}


def receipt_parts(answer: Answer) -> dict[str, float]:
    """Seconds of each part, in their order; they add up to the total."""
    times = answer.timings_s
    condense_s, embed_s, search_s = (times.get(name, 0.0) for name in ("condense", "embed", "search"))
    first_s = max(times.get("first_token", 0.0), condense_s + embed_s + search_s)
    parts = {
        "understand the follow-up": condense_s,
        "embed the question": embed_s,
        "search Milvus": search_s,
        "until the first word": first_s - condense_s - embed_s - search_s,
        "rest of the answer": max(0.0, times.get("total", first_s) - first_s),
    }
    return {name: seconds for name, seconds in parts.items() if seconds > 0}


def draw_receipt(answer: Answer) -> None:
    """The strip, and its figures in ms; nothing when no time was taken."""
    if "total" not in answer.timings_s:
        return
    parts = receipt_parts(answer)
    total_s = sum(parts.values())
    strip = "".join(
        f'<span style="flex:{max(1.0, 200 * seconds / total_s):.1f};background:{_COLOURS[name]}"'
        f' title="{name}: {_ms(seconds)}"></span>'
        for name, seconds in parts.items()
    )
    legend = "".join(
        f'<span><span style="color:{_COLOURS[name]}">■</span> {name} {_ms(seconds)}</span>'
        for name, seconds in parts.items()
    )
    st.html(
        f'<div style="display:flex;height:0.5rem;border-radius:0.25rem;overflow:hidden;gap:1px">{strip}</div>'
        '<div style="display:flex;flex-wrap:wrap;gap:0 1em;font-size:0.8rem;opacity:0.8;margin-top:0.3rem">'
        f"{legend}<span>total {_ms(total_s)}</span></div>"
    )


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms" if seconds >= 0.001 else "under 1 ms"

"""The loop's pulse: it keeps time while everything awaits, and stops when something blocks the loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from core.bench.analysis.sweeps import longest_gap_s
from core.bench.plan.conditions import BLOCKINGS
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts import formatting
from core.charts.theme import FONT_SIZE, LANE_COLORS, SHADE_COLOR, panel_titles, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

BEAT_S = 0.01
LONG_GAP_S = 0.05
MAX_BEATS = 500
# Share of the axis: a narrower gap has no room for its label.
LABEL_SHARE = 0.1
MAX_SHADED = 60
ROW_PX = 120
# What is drawn of each trial: enough to see a rhythm, not so much that beats run together.
LEAST_WINDOW_S, MOST_WINDOW_S = 0.6, 2.0
LEAD_RATIO = 0.2
BEAT_WIDTH = 1.5
NAMES = {"": "awaited", "blocking": "blocking call", "to-thread": "in a thread"}
COLORS = {
    "": LANE_COLORS["async"],
    "blocking": LANE_COLORS["sync"],
    "to-thread": LANE_COLORS["async-batch"],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """How one loop kept time.

    Attributes:
        gaps_s: (start, end) of each time without a beat that is longer than `LONG_GAP_S`.
    """

    blocking: str
    beats_s: Sequence[float]
    end_s: float
    longest_s: float
    gaps_s: Sequence[tuple[float, float]]


def heartbeat(run: Run, operation: str, count: int) -> go.Figure | None:
    """A row of pulses per way of calling, gaps shaded and the longest one labelled in ms.

    None unless the plan's sweep is "blocking" and a pulse was recorded.
    """
    from plotly.subplots import make_subplots

    pulses = pulses_of(run, operation, count) if run.plan.sweep == "blocking" else []
    if not pulses:
        return None
    window_s = window_of(pulses)
    inner_px = len(pulses) * (ROW_PX + 34)
    figure = make_subplots(
        rows=len(pulses),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=34 / inner_px if len(pulses) > 1 else 0,
        subplot_titles=[_panel_title(pulse) for pulse in pulses],
    )
    for row, pulse in enumerate(pulses, start=1):
        add_beats(figure, pulse, window_s, row)
    figure.update_yaxes(range=[-0.7, 1.5], showgrid=False, zeroline=False, showticklabels=False)
    figure.update_xaxes(range=[0, window_s])
    figure.update_xaxes(title_text="seconds", row=len(pulses), col=1)
    figure = style(
        figure, title=_title(pulses), subtitle=_subtitle(run, pulses, window_s), height_px=inner_px + 160
    )
    panel_titles(figure)
    for row, pulse in enumerate(pulses, start=1):
        shade_gaps(figure, pulse, window_s, row)
    return figure


def pulses_of(run: Run, operation: str, count: int) -> list[Pulse]:
    """Return, of each way of calling the trial with the longest gap."""
    found: dict[str, Pulse] = {}
    for trial in run.measured:
        longest_s = longest_gap_s(trial) if trial.heartbeats_s else None
        if (trial.operation, trial.count) != (operation, count) or longest_s is None:
            continue
        known = found.get(trial.case.blocking)
        if known is None or longest_s > known.longest_s:
            found[trial.case.blocking] = _pulse(trial, longest_s)
    return [found[blocking] for blocking in BLOCKINGS if blocking in found]


def _pulse(trial: Trial, longest_s: float) -> Pulse:
    beats = sorted(beat for beat in trial.heartbeats_s if 0 <= beat <= trial.elapsed_s)
    # A loop that is blocked from its first moment, or to its last, has no beat there.
    pairs = pairwise([0.0, *beats, trial.elapsed_s])
    return Pulse(
        blocking=trial.case.blocking,
        beats_s=beats,
        end_s=trial.elapsed_s,
        longest_s=longest_s,
        gaps_s=[pair for pair in pairs if pair[1] - pair[0] > LONG_GAP_S],
    )


def window_of(pulses: list[Pulse]) -> float:
    """Seconds that every row shows: the longest gap and a rhythm around it, as far as that is readable."""
    longest = max(pulse.longest_s for pulse in pulses)
    return max(LEAST_WINDOW_S, min(MOST_WINDOW_S, 2.5 * longest))


def _from_s(pulse: Pulse, window_s: float) -> float:
    """Where a row begins: some beats before its longest gap, at its start when there is no long one."""
    if not pulse.gaps_s:
        return 0.0
    begin = max(pulse.gaps_s, key=lambda gap: gap[1] - gap[0])[0]
    return max(0.0, begin - LEAD_RATIO * window_s)


def add_beats(
    figure: go.Figure,
    pulse: Pulse,
    window_s: float,
    row: int,
    col: int = 1,
    *,
    width: float = BEAT_WIDTH,
) -> None:
    """Draw each beat as on a monitor: up, a little below the line, and back to it."""
    from_s = _from_s(pulse, window_s)
    until_s = min(pulse.end_s - from_s, window_s)
    x, y = [0.0], [0.0]
    for beat in [beat - from_s for beat in pulse.beats_s if 0 <= beat - from_s <= window_s][:MAX_BEATS]:
        x += [round(beat + part * BEAT_S, 5) for part in (0.0, 0.0, 0.2, 0.4)]
        y += [0.0, 1.0, -0.3, 0.0]
    figure.add_scatter(
        name=NAMES[pulse.blocking],
        x=[*x, until_s],
        y=[*y, 0.0],
        mode="lines",
        line={"color": COLORS[pulse.blocking], "width": width},
        hovertemplate="%{x:.3f} s<extra>" + NAMES[pulse.blocking] + "</extra>",
        showlegend=False,
        row=row,
        col=col,
    )


def shade_gaps(
    figure: go.Figure, pulse: Pulse, window_s: float, row: int, col: int = 1, *, size: int = FONT_SIZE
) -> None:
    """Shade the times without a beat, and label the longest one where it has room; the title says it too."""
    from_s = _from_s(pulse, window_s)
    moved = [(low - from_s, high - from_s) for low, high in pulse.gaps_s]
    seen = sorted((gap for gap in moved if gap[1] > 0 and gap[0] < window_s), key=lambda gap: gap[0] - gap[1])
    for low, high in seen[:MAX_SHADED]:
        figure.add_shape(
            type="rect", x0=max(low, 0.0), x1=min(high, window_s), y0=-0.7, y1=1.5, fillcolor=SHADE_COLOR,
            line={"width": 0}, layer="below", row=row, col=col,
        )  # fmt: skip
    for low, high in seen[:1]:
        if min(high, window_s) - max(low, 0.0) < LABEL_SHARE * window_s:
            continue
        text = f"<b>{formatting.span(high - low)}{' →' if high > window_s else ''}</b>"
        figure.add_annotation(
            x=(max(low, 0.0) + min(high, window_s)) / 2, y=1.1, text=text,
            showarrow=False, font={"size": size}, row=row, col=col,
        )  # fmt: skip


def _panel_title(pulse: Pulse) -> str:
    return f"<b>{NAMES[pulse.blocking]}</b>: longest gap {formatting.span(pulse.longest_s)}"


def _title(pulses: list[Pulse]) -> str:
    longest = {pulse.blocking: pulse.longest_s for pulse in pulses}
    blocked, cured = longest.get("blocking"), longest.get("to-thread")
    if blocked is None or blocked <= LONG_GAP_S:
        most = max(longest.values())
        word = "kept time" if most <= LONG_GAP_S else "did not keep time"
        return f"The loop {word}: its longest gap was {formatting.span(most)}"
    start = f"A blocking call froze the loop for {formatting.span(blocked)}"
    if cured is None:
        return start
    if cured <= LONG_GAP_S:
        return f"{start}; in a thread it kept time"
    return f"{start}; in a thread for {formatting.span(cured)}"


def _subtitle(run: Run, pulses: list[Pulse], window_s: float) -> str:
    beat = (
        f"a beat every {formatting.ms(BEAT_S)} when the loop is free; "
        f"gaps above {formatting.ms(LONG_GAP_S)} shaded"
    )
    if run.plan.rtt_ms:
        beat += f" · {run.plan.rtt_ms} ms of distance, simulated"
    is_part = any(pulse.end_s > window_s for pulse in pulses)
    return f"{beat} · of each trial the {window_s:.1f} s around its longest gap" if is_part else beat

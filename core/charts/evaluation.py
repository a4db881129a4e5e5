"""How often the right passage is found: the hit rates of each way of searching, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.charts.theme import RUN_COLORS, pattern_of, style
from core.evaluation.evaluate import CUTOFFS, Rate, Result

if TYPE_CHECKING:
    import plotly.graph_objects as go

PATTERNS = ("", "/", ".", "x")
HOW_TO_READ = (
    "Each bar is the share of questions whose answer was among the first one, three or five passages. The "
    "thin line is the 95 % interval: were the same measured with other questions of the kind, the share "
    "would mostly lie within it. Where two intervals overlap widely, the difference may be chance."
)


def hit_rates(results: Mapping[str, Result]) -> go.Figure:
    """One group of bars per cutoff, one bar per way of searching. The title states the finding."""
    import plotly.graph_objects as go

    figure = go.Figure()
    names = [f"first {k}" if k > 1 else "first one" for k in CUTOFFS]
    for number, (label, result) in enumerate(results.items()):
        rates = [result.hit_rate(k) for k in CUTOFFS]
        figure.add_bar(
            name=label,
            x=names,
            y=[100 * (rate.value or 0.0) for rate in rates],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [100 * _reach(rate)[1] for rate in rates],
                "arrayminus": [100 * _reach(rate)[0] for rate in rates],
                "thickness": 1.5,
                "width": 5,
                "color": "rgba(128, 128, 128, 1)",
            },
            marker={
                "color": RUN_COLORS[number % len(RUN_COLORS)],
                "pattern": pattern_of(PATTERNS[number % len(PATTERNS)]),
            },
            customdata=[[rate.hits, rate.total] for rate in rates],
            hovertemplate=(
                f"{label}<br>found in the %{{x}}: %{{customdata[0]}} of %{{customdata[1]}} (%{{y:.0f}} %)"
                "<extra></extra>"
            ),
        )
    figure.update_yaxes(range=[0, 108], title_text="questions found, %")
    figure.update_xaxes(title_text="among the passages returned")
    total = next(iter(results.values())).hit_rate(5).total
    return style(figure, title=headline(results), subtitle=f"{total} answerable questions · 95 % intervals")


def headline(results: Mapping[str, Result]) -> str:
    """The finding in one sentence."""
    label, best = max(results.items(), key=lambda item: (item[1].hit_rate(5).hits, item[1].mrr or 0.0))
    rate = best.hit_rate(5)
    if not rate.total:
        return "No question of this file is answerable"
    return f"{label}: {rate.hits} of {rate.total} answers are among the first five passages"


def _reach(rate: Rate) -> tuple[float, float]:
    """How far the interval goes below and above the share."""
    if rate.value is None or rate.interval is None:
        return 0.0, 0.0
    return rate.value - rate.interval[0], rate.interval[1] - rate.value

"""How every figure looks: colours that the colour-blind can tell apart, text legible from the last row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Okabe and Ito's palette: distinct in every common colour vision deficiency, and in grey.
LANE_COLORS = {"sync": "#D55E00", "async": "#0072B2"}
TUTORIAL_COLOR = "#999999"
FONT_SIZE = 16
TITLE_SIZE = 20
HEIGHT_PX = 420
MAX_DECADES_WITH_STEPS = 3
# Half-transparent grey is seen on white and on dark alike.
GRID_COLOR = "rgba(128, 128, 128, 0.35)"


def log_axis(figure: go.Figure) -> None:
    """Make the y axis logarithmic, with ticks at 1, 2 and 5 where there are few decades, else at decades."""
    values = [value for bar in figure.data for value in bar.y if value]
    if not values:
        return
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    steps = (1, 2, 5) if high - low <= MAX_DECADES_WITH_STEPS else (1,)
    ticks = [step * 10**decade for decade in range(low, high + 1) for step in steps]
    figure.update_yaxes(
        type="log", tickmode="array", tickvals=ticks, ticktext=[f"{tick:,.10g}" for tick in ticks]
    )


def style(figure: go.Figure, *, title: str, x_title: str, y_title: str) -> go.Figure:
    """Give a figure the common look and return it. Text colour is left to the page's light or dark theme."""
    figure.update_layout(
        title={"text": title, "font": {"size": TITLE_SIZE}, "x": 0, "xref": "container"},
        font={"size": FONT_SIZE},
        height=HEIGHT_PX,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        margin={"t": 90, "r": 10, "b": 60, "l": 80},
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": FONT_SIZE},
        },
        bargap=0.25,
        bargroupgap=0.05,
    )
    axis = {"title": {"font": {"size": FONT_SIZE}}, "tickfont": {"size": FONT_SIZE}}
    # Counts such as 10, 100 and 1000 stand side by side; as numbers they would be drawn to scale.
    figure.update_xaxes(title_text=x_title, type="category", **axis)
    figure.update_yaxes(title_text=y_title, gridcolor=GRID_COLOR, zerolinecolor=GRID_COLOR, **axis)
    return figure

"""How every figure looks: colours that the colour-blind can tell apart, text legible from the last row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Okabe and Ito's palette: distinct in every common colour vision deficiency, and in grey.
LANE_COLORS = {"sync": "#D55E00", "async": "#0072B2"}
TUTORIAL_COLOR = "#999999"
FONT_SIZE = 16
TITLE_SIZE = 20
HEIGHT_PX = 420
# Half-transparent grey is seen on white and on dark alike.
GRID_COLOR = "rgba(128, 128, 128, 0.35)"


def style(figure: go.Figure, *, title: str, x_title: str, y_title: str) -> go.Figure:
    """Give a figure the common look and return it. Text colour is left to the page's light or dark theme."""
    figure.update_layout(
        title={"text": title, "font": {"size": TITLE_SIZE}, "x": 0, "xref": "container"},
        font={"size": FONT_SIZE},
        height=HEIGHT_PX,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        margin={"t": 90, "r": 10, "b": 60, "l": 80},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": FONT_SIZE}},
        bargap=0.25,
        bargroupgap=0.05,
    )
    axis = {"title": {"font": {"size": FONT_SIZE}}, "tickfont": {"size": FONT_SIZE}}
    figure.update_xaxes(title_text=x_title, **axis)
    figure.update_yaxes(title_text=y_title, gridcolor=GRID_COLOR, zerolinecolor=GRID_COLOR, **axis)
    return figure

"""How every figure looks: colours that the colour-blind can tell apart, text legible from the last row.

Lanes differ in colour, dash, marker and pattern, so that no chart rests on colour alone. Backgrounds
are transparent and text has no colour of its own: the page's light or dark theme gives it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.charts.formatting import BREAK, SUBTITLE_CHARS, num_lines, wrap

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneStyle:
    """color, dash, symbol and pattern as Plotly names them. Serial lanes are warm, async ones cool."""

    color: str
    dash: str
    symbol: str
    pattern: str


# Okabe and Ito's palette: distinct in every common colour vision deficiency, and in grey.
LANES = {
    "sync": LaneStyle(color="#D55E00", dash="solid", symbol="circle", pattern=""),
    "sync-batch": LaneStyle(color="#E69F00", dash="dash", symbol="square", pattern="."),
    "threads": LaneStyle(color="#CC79A7", dash="dot", symbol="diamond", pattern="|"),
    "async": LaneStyle(color="#0072B2", dash="solid", symbol="triangle-up", pattern=""),
    "async-bounded": LaneStyle(color="#56B4E9", dash="dash", symbol="triangle-down", pattern="-"),
    "async-batch": LaneStyle(color="#009E73", dash="dot", symbol="star", pattern="x"),
}
OTHER_LANE = LaneStyle(color="#999999", dash="longdash", symbol="x", pattern="+")
LANE_COLORS = {lane: style.color for lane, style in LANES.items()}
RUN_COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
TUTORIAL_COLOR = "#999999"
FAILED_COLOR = "#F0E442"
ALERT_COLOR = "#D55E00"
PROJECTED_PATTERN = "/"
# Half-transparent grey is seen on white and on dark alike.
GRID_COLOR = "rgba(128, 128, 128, 0.3)"
LINE_COLOR = "rgba(128, 128, 128, 0.9)"
SHADE_COLOR = "rgba(213, 94, 0, 0.22)"
CLEAR = "rgba(0, 0, 0, 0)"

FONT_SIZE = 15
TITLE_SIZE = 18
LEGEND_SIZE = 14
LINE_WIDTH = 3
MARKER_SIZE = 9
HEIGHT_PX = 440
MAX_DECADES_WITH_STEPS = 2
# The shortest of bars that differ by more is thinner than a line.
VISIBLE_WITHIN = 50
SMALLEST_LABEL = 9
ABOVE_PX = 46
LEGEND_CHAR_PX = 8
LEGEND_ROW_PX = 24
# Longer names do not fit twice into a row of 390 px.
MAX_CHARS_IN_COLUMNS = 14
ABOVE_PLOT = {
    "x": 0,
    "xref": "paper",
    "xanchor": "left",
    "xshift": -40,
    "y": 1,
    "yref": "paper",
    "yanchor": "bottom",
    "yshift": 4,
    "align": "left",
    "showarrow": False,
    "font": {"size": FONT_SIZE},
}

PRESENT_SCALE = 1.5
# A hall's screen is wide, and a desk's: the same title needs fewer lines there.
PRESENT_TITLE_CHARS = 64
WIDE_TITLE_CHARS, WIDE_SUBTITLE_CHARS = 84, 110


def lane_style(lane: str) -> LaneStyle:
    """The look of a lane; one that this version does not know gets `OTHER_LANE`."""
    return LANES.get(lane, OTHER_LANE)


def faded(color: str, opacity: float = 0.2) -> str:
    """A colour "#rrggbb" as its half-transparent "rgba(...)"."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def line_of(lane: str) -> dict[str, Any]:
    """A lane's colour, dash and width, as Plotly's `line`."""
    own = lane_style(lane)
    return {"color": own.color, "dash": own.dash, "width": LINE_WIDTH}


def marker_of(lane: str) -> dict[str, Any]:
    """A lane's colour, symbol and size, as Plotly's `marker` of lines and points."""
    own = lane_style(lane)
    return {"color": own.color, "symbol": own.symbol, "size": MARKER_SIZE}


def bar_of(lane: str, is_projected: Iterable[bool] = ()) -> dict[str, Any]:
    """The marker of a lane's bars.

    Args:
        lane: Its name.
        is_projected: One for each bar: True is hatched. None at all gives every bar the lane's own pattern.
    """
    own = lane_style(lane)
    shape: Any = [PROJECTED_PATTERN if projected else own.pattern for projected in is_projected]
    return {"color": own.color, "line": {"width": 0}, "pattern": pattern_of(shape or own.pattern)}


def pattern_of(shape: Any) -> dict[str, Any]:
    """A pattern over the bar's colour.

    Args:
        shape: One for all bars, or a list of one for each.
    """
    # Under Streamlit's theme a pattern would otherwise take the place of the colour; and Plotly can't
    # derive the pattern's own colour where bars have a colour each.
    look = {"fillmode": "overlay", "fgcolor": "#ffffff", "solidity": 0.15, "size": 8, "fgopacity": 0.45}
    return {"shape": shape} | look


_STEPS = (1.0, 2.0, 5.0)
_FINE_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)


def log_ticks(values: Iterable[float | None], steps_if_few: tuple[float, ...] = _STEPS) -> dict[str, Any]:
    """A logarithmic axis with ticks at `steps_if_few` where there are few decades, else at decades.

    Where values lie so close that fewer than two of the usual ticks are among them, there are more: by a
    single one nothing can be read.
    """
    known = [value for value in values if value and value > 0]
    if not known:
        return {"type": "log"}
    low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
    steps = steps_if_few if high - low <= MAX_DECADES_WITH_STEPS else (1,)
    if steps == _STEPS and len(_between(known, _ticks(low, high, steps))) < 2:
        steps = _FINE_STEPS
    ticks = _ticks(low, high, steps)
    texts = [f"{tick:,.10g}" for tick in ticks]
    return {"type": "log", "tickmode": "array", "tickvals": ticks, "ticktext": texts}


def _ticks(low: int, high: int, steps: tuple[float, ...]) -> list[float]:
    return [step * 10.0**decade for decade in range(low, high + 1) for step in steps]


def _between(values: Sequence[float], ticks: Sequence[float]) -> list[float]:
    return [tick for tick in ticks if min(values) <= tick <= max(values)]


def is_visible(values: Sequence[float]) -> bool:
    """Whether bars of these positive values, which stand on zero, can all be seen."""
    return max(values) <= VISIBLE_WITHIN * min(values)


def style(
    figure: go.Figure,
    *,
    title: str,
    subtitle: str = "",
    x_title: str | None = None,
    y_title: str | None = None,
    height_px: int = HEIGHT_PX,
    above_px: int = ABOVE_PX,
) -> go.Figure:
    """Give a figure the common look and return it.

    Args:
        figure: Changed in place.
        title: Plain text; escaped and wrapped here.
        subtitle: Plain text; escaped and wrapped here.
        x_title: None leaves the axes' own titles.
        y_title: Plain text; escaped and wrapped here. It stands above the plot: upright at its side it would
            not fit on a phone. None for no title.
        height_px: The whole figure's height, without what the legend adds.
        above_px: Pixels for what stands above the plot, below title and subtitle.
    """
    figure.update_layout(
        font={"size": FONT_SIZE},
        height=height_px + _add_legend(figure),
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        margin={"r": 14, "b": 56, "l": 56},
        bargap=0.25,
        bargroupgap=0.05,
        # A label that does not fit is left out rather than made too small to read.
        uniformtext={"minsize": SMALLEST_LABEL, "mode": "hide"},
        hovermode="closest",
    )
    axis = {"title": {"font": {"size": FONT_SIZE}}, "tickfont": {"size": FONT_SIZE}, "automargin": True}
    lines = {"gridcolor": GRID_COLOR, "zerolinecolor": GRID_COLOR, "linecolor": GRID_COLOR}
    figure.update_xaxes(**axis, **lines, tickangle=0, **({} if x_title is None else {"title_text": x_title}))
    figure.update_yaxes(**axis, **lines)
    if y_title is not None:
        figure.add_annotation(text=wrap(y_title, SUBTITLE_CHARS), **ABOVE_PLOT)
    figure.layout.meta = {"title": title, "subtitle": subtitle, "above_px": above_px}
    return _set_title(figure, wrap(title), wrap(subtitle, SUBTITLE_CHARS))


def _add_legend(figure: go.Figure) -> int:
    """Put the legend where it can cover neither title nor data; return the pixels it needs on a phone."""
    names = [trace.name or "" for trace in figure.data if trace.showlegend is not False]
    longest = max(map(len, names), default=0)
    in_columns = longest <= MAX_CHARS_IN_COLUMNS
    figure.update_layout(
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "font": {"size": LEGEND_SIZE},
            "entrywidth": longest * LEGEND_CHAR_PX if in_columns else None,
        }
    )
    return LEGEND_ROW_PX * max(0, len(names) - 1)


def panel_titles(figure: go.Figure) -> None:
    """Put the titles of subplots above their left end."""
    figure.update_annotations(x=0, xanchor="left", xshift=-40, align="left", font={"size": FONT_SIZE})


def _set_title(figure: go.Figure, title: str, subtitle: str, scale: float = 1.0) -> go.Figure:
    """Place the two, already wrapped, and leave them as much room as their lines need."""
    size, small = TITLE_SIZE * scale, FONT_SIZE * scale
    height = (num_lines(title) * size + num_lines(subtitle) * small) * 1.3
    below = subtitle and f'<span style="font-size:{small:.0f}px;font-weight:400">{subtitle}</span>'
    figure.update_layout(
        title={
            "text": BREAK.join(filter(None, [title, below])),
            "font": {"size": size, "weight": 600},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            # The first line's foot, so that what stands above it is known.
            "yanchor": "top",
            "pad": {"t": 1.1 * size, "l": 4},
        },
        margin={"t": height + figure.layout.meta["above_px"] * scale},
    )
    return figure


def widen(figure: go.Figure) -> go.Figure:
    """Give a figure that was not made for a hall the long lines of a desk's screen, and return it."""
    if figure.layout.meta and not figure.layout.meta.get("is_for_hall"):
        title, subtitle = figure.layout.meta["title"], figure.layout.meta["subtitle"]
        _set_title(figure, wrap(title, WIDE_TITLE_CHARS), wrap(subtitle, WIDE_SUBTITLE_CHARS))
    return figure


def untitled(figure: go.Figure) -> go.Figure:
    """The figure, as a copy, for a place that says itself what was found and under which conditions."""
    import plotly.graph_objects as go

    # Not of the figure itself: Plotly takes each trace's type away while it copies one, and other visitors'
    # threads look at the same figure.
    copy = go.Figure(figure.to_dict())
    meta = figure.layout.meta
    copy.layout.meta = {**meta, "title": "", "subtitle": ""}
    return _set_title(copy, "", "", PRESENT_SCALE if meta.get("is_for_hall") else 1.0)


def unbroken(figure: go.Figure) -> go.Figure:
    """The figure itself, with each label of its rows in one line: a hall's screen is wide, but not high."""
    for trace in figure.data:
        for name in ("y", "text"):
            if isinstance(values := getattr(trace, name, None), list | tuple):
                trace[name] = [_in_one_line(value) for value in values]
    for axis in figure.select_yaxes():
        if axis.categoryarray is not None:
            axis.categoryarray = [_in_one_line(value) for value in axis.categoryarray]
    return figure


def _in_one_line(value: Any) -> Any:
    return value.replace(BREAK, " ") if isinstance(value, str) else value


def categories(figure: go.Figure) -> None:
    """Counts such as 10, 100 and 1000 stand side by side; as numbers they would be drawn to scale."""
    figure.update_xaxes(type="category")


def present(figure: go.Figure, text_color: str | None = None) -> go.Figure:
    """The figure for a hall, as a copy: type, lines, markers and height larger by `PRESENT_SCALE`.

    Args:
        figure: As `style` left it; not changed.
        text_color: None leaves it to the theme; Streamlit's draws axes and labels in a grey that is weak on a
            projector.
    """
    import plotly.graph_objects as go

    values = figure.to_dict()
    template = values["layout"].pop("template", None)
    larger = go.Figure(_scaled(values, ""))
    larger.layout.template = template
    title, subtitle = figure.layout.meta["title"], figure.layout.meta["subtitle"]
    larger.layout.meta = {**figure.layout.meta, "is_for_hall": True}
    if text_color is not None:
        color = {"color": text_color}
        larger.update_layout(font=color, title={"font": color}, legend={"font": color})
        larger.update_xaxes(title={"font": color}, tickfont=color)
        larger.update_yaxes(title={"font": color}, tickfont=color)
    return _set_title(
        larger, wrap(title, PRESENT_TITLE_CHARS), wrap(subtitle, PRESENT_TITLE_CHARS + 10), PRESENT_SCALE
    )


# What grows in a hall, by the name of what it belongs to.
_GROWS = {
    "size": ("font", "marker"),
    "width": ("line", "error_x", "error_y"),
    "thickness": ("error_x", "error_y"),
    "height": ("layout",),
    "entrywidth": ("legend",),
    "t": ("pad",),
    "b": ("margin",),
    "xshift": ("annotations",),
    "yshift": ("annotations",),
}


def _scaled(value: Any, parent: str) -> Any:
    if isinstance(value, dict):
        return {name: _scaled_item(item, name, parent) for name, item in value.items()}
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        return [_scaled(item, parent) for item in value]
    return value


def _scaled_item(item: Any, name: str, parent: str) -> Any:
    owners = _GROWS.get(name, ())
    is_number = isinstance(item, int | float) and not isinstance(item, bool)
    if is_number and any(parent.endswith(owner) for owner in owners):
        return item * PRESENT_SCALE
    return _scaled(item, name)

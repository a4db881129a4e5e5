"""What the charts of the Tour have in common: their size, large type, and what a scene may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.bench.analysis.sweeps import told_point
from core.bench.analysis.trust import trusted
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Verdict
from core.charts import formatting
from core.charts.queries import typical_time_s
from core.charts.theme import CLEAR, GRID_COLOR

if TYPE_CHECKING:
    import plotly.graph_objects as go

# A chart is drawn at this size and scaled as a whole to the screen that it is shown on, type and all.
WIDTH_PX, HEIGHT_PX = 1200, 470
FONT_SIZE, LABEL_SIZE, BIG_SIZE = 20, 22, 30
LINE_WIDTH, MARKER_SIZE = 5, 18
GUESS_COLOR, GUESS_TEXT_COLOR = "#CC79A7", "#10222F"
RECORDED, HERE = "recorded", "here, now"
HERE_SYMBOL = "diamond"
MAX_GUESS = 1_000_000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a scene's chart has to show.

    Attributes:
        recorded: The run that comes with Overlap.
        here: The same, measured on this machine; None before.
        guess: The hall's, in the unit of the scene's question.
        is_hidden: What was guessed is not shown yet.
        called_ms: The distance that the hall has called out, of the scene that asks for one.
    """

    recorded: Run | None
    here: Run | None = None
    guess: float | None = None
    is_hidden: bool = False
    called_ms: int = 60

    @property
    def runs(self) -> list[tuple[str, Run]]:
        """Those that are there, with what each is called."""
        named = ((RECORDED, self.recorded), (HERE, self.here))
        return [(name, run) for name, run in named if run is not None and run.measured]


def on_stage(figure: go.Figure, *, left: int = 70, right: int = 40, top: int = 50) -> go.Figure:
    """Give a figure the look of the Tour, and return it. Margins are fixed, so that nothing jumps."""
    axis: dict[str, Any] = {
        "title": {"font": {"size": FONT_SIZE}, "standoff": 10},
        "tickfont": {"size": FONT_SIZE},
        "automargin": False,
        "gridcolor": GRID_COLOR,
        "zerolinecolor": GRID_COLOR,
        "fixedrange": True,
    }
    figure.update_layout(
        font={"size": FONT_SIZE},
        width=WIDTH_PX,
        height=HEIGHT_PX,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        margin={"l": left, "r": right, "t": top, "b": 72},
        showlegend=False,
        hovermode="closest",
        bargap=0.2,
    )
    figure.layout.template = None
    figure.update_xaxes(**axis, tickangle=0)
    figure.update_yaxes(**axis)
    return figure


def note(figure: go.Figure, text: str, *, size: int = LABEL_SIZE, **place: Any) -> None:
    """Write on the chart.

    Args:
        figure: Gets the text.
        text: With Plotly's own markup, escaped where it comes from a record.
        size: The type's, in px.
        **place: Handed to Plotly's annotation: where it stands, and whatever else differs from the defaults
            here.
    """
    figure.add_annotation(text=text, **({"showarrow": False, "font": {"size": size}} | place))


def empty() -> go.Figure:
    """What is shown where a record is missing."""
    import plotly.graph_objects as go

    figure = on_stage(go.Figure())
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    text = "There is no record of this scene. Run it here."
    note(figure, text, x=0.5, y=0.5, xref="paper", yref="paper", size=BIG_SIZE)
    return figure


def last_operation(run: Run) -> str:
    """Searches, where there are any."""
    return told_point(run)[0] or run.plan.operations[-1]


def time_s(run: Run, lane: str, count: int, case: Case | None = None) -> float | None:
    """Seconds of a lane, the geometric mean of its repeats.

    None where they are not known, or where a check showed that the lane did not do its work: it has no speed.
    """
    return typical_time_s(trusted(run, last_operation(run), lane, count, case))


def factor_text(run: Run, lane: str, count: int, case: Case | None = None) -> str:
    """How many times as fast as its baseline a lane was, with its interval; "" where it is not known."""
    row = run.summary_of(last_operation(run), lane, count, case)
    if row is None or row.speedup is None:
        return ""
    if row.is_no_difference:
        return f"<b>{formatting.factor(row.speedup)}</b>, {Verdict.NO_DIFFERENCE}"
    return f"<b>{formatting.factor(row.speedup)}</b>"


def axes_of(row: int, column: int, num_columns: int) -> tuple[str, str]:
    """The names of a panel's axes in a figure of subplots.

    Args:
        row: From 1, counted from the top.
        column: From 1.
        num_columns: Columns of the whole figure.
    """
    number = (row - 1) * num_columns + column
    return ("x", "y") if number == 1 else (f"x{number}", f"y{number}")


def panel_title(figure: go.Figure, text: str, axes: tuple[str, str]) -> None:
    """Write what a panel shows above its left end."""
    x, y = axes
    note(
        figure, text, x=0, xref=f"{x} domain", xanchor="left", y=1, yref=f"{y} domain", yanchor="bottom"
    )  # fmt: skip


def tag_guess(figure: go.Figure, guess: float, unit: str, **place: Any) -> None:
    """Write the hall's guess on the chart, such as "guess 12x", legible on whatever it lies."""
    figure.add_annotation(
        text=f"<b>guess {guess:,.4g}{unit if unit in {'', 'x'} else f' {unit}'}</b>",
        showarrow=False,
        font={"size": LABEL_SIZE, "color": GUESS_TEXT_COLOR},
        bgcolor=GUESS_COLOR,
        borderpad=4,
        **place,
    )


def add_guess_line(
    figure: go.Figure,
    x: float,
    text: tuple[float, str],
    axes: tuple[str, str],
    *,
    at: float | None = None,
    is_above: bool = False,
    is_left: bool = False,
) -> None:
    """Draw the hall's guess across a panel.

    Args:
        figure: Gets the line.
        x: The guess, in the data's unit.
        text: The guess and its unit.
        axes: The names of the panel's axes, as `axes_of` gives them.
        at: Where it stands on the axis: the logarithm of `x` on a log axis; None where that is `x` itself.
        is_above: The text stands above the panel.
        is_left: The text stands to the left of the line, not to the right.
    """
    along, up = axes
    figure.add_shape(
        type="line", x0=x, x1=x, xref=along, y0=0, y1=1, yref=f"{up} domain",
        line={"color": GUESS_COLOR, "width": 6, "dash": "dash"},
    )  # fmt: skip
    beside: dict[str, Any] = {"y": 0.5, "xanchor": "right" if is_left else "left"}
    beside["xshift"] = -10 if is_left else 10
    side = {"y": 1, "yanchor": "bottom"} if is_above else beside
    tag_guess(figure, *text, x=x if at is None else at, xref=along, yref=f"{up} domain", **side)


def away(run: Run) -> str:
    """Such as ", 60 ms away*", where the star stands for "simulated"; "" without a distance."""
    rtt_ms = run.cases[-1].rtt_ms if run.cases else 0
    return f", {rtt_ms} ms away*" if rtt_ms else ""

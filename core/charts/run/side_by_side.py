"""The same work in each lane, side by side: one chart that holds both operations, near and far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.bench.analysis.factor_words import times
from core.bench.analysis.trust import is_disproven
from core.bench.plan.conditions import Case
from core.bench.plan.plan import OPERATIONS, counted_operations
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Trial
from core.charts import formatting
from core.charts.queries import conditions, lanes_in, time_words, typical_time_s
from core.charts.theme import bar_of, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_LANES = 2
MAX_CASES = 2
GROUP_PX = 70
# The axis is so many times as long as the longest bar: its label stands to its right, larger in a hall.
LABEL_ROOM = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    """What is compared: one operation in one case, with the trials of each lane."""

    operation: str
    case: Case
    trials: dict[str, tuple[Trial, ...]]


def side_by_side(run: Run) -> go.Figure | None:
    """Seconds of each lane, a group of bars per operation and distance, on a linear axis from zero.

    Each lane's factor to its baseline stands beside its bar. None for other runs than comparisons of
    one or two lanes at one count and at one or two distances.
    """
    import plotly.graph_objects as go

    groups = _groups(run)
    if not groups:
        return None
    figure = go.Figure()
    for lane in dict.fromkeys(lane for group in groups for lane in group.trials):
        mine = [group for group in groups if lane in group.trials]
        figure.add_bar(
            orientation="h",
            name=formatting.safe(lane),
            y=[_name(group, run) for group in mine],
            x=[_time_s(run, group.trials[lane]) for group in mine],
            text=[_text(run, group, lane) for group in mine],
            textposition="outside",
            # As large as all other text, however thin the bar is.
            constraintext="none",
            textangle=0,
            cliponaxis=False,
            marker=bar_of(lane, [any(trial.cut for trial in group.trials[lane]) for group in mine]),
            customdata=[_interval(run, group, lane) for group in mine],
            hovertemplate="%{y}: %{x:.3g} s%{customdata}<extra>" + formatting.safe(lane) + "</extra>",
        )
    is_simulated = any(group.case.rtt_ms for group in groups)
    longest = max((value for bar in figure.data for value in bar.x if value), default=1.0)
    figure.update_layout(barmode="group", showlegend=False)
    figure.update_xaxes(range=[0, LABEL_ROOM * longest], showgrid=True)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return style(
        figure,
        title=_title(run, groups),
        subtitle=_subtitle(run),
        x_title=f"seconds{', distance simulated' if is_simulated else ''}",
        height_px=100 + GROUP_PX * len(groups),
        above_px=10,
    )


def _groups(run: Run) -> list[_Group]:
    plan = run.plan
    is_comparison = plan.sweep in {"none", "distance"} and not plan.is_open_loop
    if not is_comparison or len(plan.counts) > 1 or len(plan.cases) > MAX_CASES:
        return []
    if any(len(lanes) > MAX_LANES for _, lanes in plan.cases):
        return []
    groups = []
    for operation in OPERATIONS:
        for case in run.cases:
            trials = {
                lane: run.trials_of(operation, lane, _count(run), case)
                for lane in lanes_in(run, operation, case)
            }
            if trials:
                groups.append(_Group(operation=operation, case=case, trials=trials))
    return groups


def _count(run: Run) -> int:
    return run.plan.counts[0]


def _name(group: _Group, run: Run) -> str:
    name = f"<b>{group.operation.capitalize()}</b>"
    if group.case.rtt_ms:
        return f"{name}{formatting.BREAK}{group.case.rtt_ms} ms away"
    return f"{name}{formatting.BREAK}no distance" if len(run.plan.cases) > 1 else name


def _time_s(run: Run, trials: tuple[Trial, ...]) -> float | None:
    return None if is_disproven(run, trials) else typical_time_s(trials)


def _text(run: Run, group: _Group, lane: str) -> str:
    trials = group.trials[lane]
    text = f"{formatting.safe(lane)} {time_words(run, trials)}"
    row = _row(run, group, lane)
    if row is None or row.speedup is None:
        return text
    if row.is_no_difference:
        return f"{text}, {formatting.WITHIN_NOISE}"
    return f"{text}  <b>{formatting.factor(row.speedup)}</b>"


def _row(run: Run, group: _Group, lane: str) -> Summary | None:
    return run.summary_of(group.operation, lane, _count(run), group.case)


def _interval(run: Run, group: _Group, lane: str) -> str:
    row = _row(run, group, lane)
    if row is None or row.ci95 is None:
        return ""
    return f"<br>95 % interval of the factor: {times(row.ci95[0])} to {times(row.ci95[1])}"


def _title(run: Run, groups: list[_Group]) -> str:
    """The times of the last group, which is the furthest search."""
    last = groups[-1]
    where = f", {last.case.rtt_ms} ms away" if last.case.rtt_ms else ""
    what = formatting.plural(last.operation, _count(run))
    words = {lane: time_words(run, trials) for lane, trials in last.trials.items()}
    if set(words.values()) == {"cut"}:
        return f"{what}{where}: cut before a time was known"
    between = "; " if any("," in text for text in words.values()) else ", "
    return f"{what}{where}: {between.join(f'{lane} {text}' for lane, text in words.items())}"


def _subtitle(run: Run) -> str:
    """All but the distance, which the bars name."""
    where = conditions(run, run.cases[0], without=("distance",))
    return f"{where} · {counted_operations(run.plan.operations[0], _count(run))}"

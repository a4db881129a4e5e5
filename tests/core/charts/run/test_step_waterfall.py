"""The steps of an ingest as bars: at their times, in words, and no more of them than pixels."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from core.bench.analysis.steps import typical
from core.charts.run.step_waterfall import MAX_BARS, step_waterfall, thinned_spans
from core.ingest.timeline import StepSpan
from tests.bench_runs import ingest_run, tutorial_run
from tests.core.charts.figures import texts

pytestmark = pytest.mark.portable

RUN = ingest_run()
COUNT = max(RUN.counts_of("ingest"))


def test_bars_stand_where_the_steps_of_the_typical_trial_were() -> None:
    figure = step_waterfall(RUN, COUNT)
    assert figure is not None
    for lane in ("sync", "async"):
        trial = typical(RUN.trials_of("ingest", lane, COUNT))
        assert trial is not None
        (embed,) = [trace for trace in figure.data if trace.name == f"{lane}, embedding"]
        spans = [span for span in trial.spans if span.step == "embed"]
        assert list(embed.base) == [span.start_s for span in spans]
        assert list(embed.x) == pytest.approx([span.end_s - span.start_s for span in spans])


def test_each_lane_tells_its_time_and_when_the_first_question_could_be_asked() -> None:
    written = texts(step_waterfall(RUN, COUNT))
    assert "<b>sync</b>: 30.3 s" in written and "<b>async</b>: 20.2 s, first question after" in written


def test_trial_that_was_cut_says_so() -> None:
    trials = tuple(replace(trial, cut=True) for trial in RUN.trials)
    figure = step_waterfall(replace(RUN, trials=trials, summary=()), COUNT)
    assert "cut after 30.3 s" in texts(figure)
    assert figure is not None and figure.layout.meta["title"].startswith("Sync ingest was cut after 30.3 s")


def test_run_that_noted_no_steps_has_no_such_chart() -> None:
    assert step_waterfall(tutorial_run(), 10) is None


@pytest.mark.parametrize("count", [MAX_BARS, MAX_BARS + 1, 10 * MAX_BARS - 1])
def test_neighbours_become_one_bar_and_no_time_and_no_chunk_is_lost(count: int) -> None:
    spans = [StepSpan(step="embed", start_s=i, end_s=i + 0.5, num_chunks=2) for i in range(count)]
    thinned = thinned_spans(spans)
    assert len(thinned) <= MAX_BARS
    assert (thinned[0].start_s, thinned[-1].end_s) == (0, count - 0.5)
    assert sum(span.num_chunks for span in thinned) == 2 * count
    assert all(before.end_s <= after.start_s for before, after in pairwise(thinned))

"""For how long each step was under way."""

from __future__ import annotations

from core.ingest.timeline import StepSpan, busy_by_step, busy_s


def test_steps_at_the_same_time_count_once() -> None:
    spans = [
        StepSpan(step="embed", start_s=0.0, end_s=2.0),
        StepSpan(step="embed", start_s=1.0, end_s=3.0),
        StepSpan(step="insert", start_s=5.0, end_s=6.0),
    ]
    assert busy_s(spans) == 4.0
    assert busy_by_step(spans) == {"embed": 3.0, "insert": 1.0}


def test_span_inside_of_a_longer_one_adds_nothing_and_order_does_not_matter() -> None:
    spans = [
        StepSpan(step="insert", start_s=4.0, end_s=5.0),
        StepSpan(step="embed", start_s=0.0, end_s=10.0),
        StepSpan(step="read", start_s=0.0, end_s=0.0),
    ]
    assert busy_s(spans) == busy_s(reversed(spans)) == 10.0
    assert busy_s([]) == 0.0
    assert list(busy_by_step(spans)) == ["read", "embed", "insert"], "in the order in which a file goes"

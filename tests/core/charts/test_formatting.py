"""Figures as they are written."""

from __future__ import annotations

import pytest

from core.bench.analysis.factor_words import times
from core.bench.analysis.findings import claim
from core.charts import formatting
from core.charts.formatting import factor, title_claim
from tests.bench_runs import make_row


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.234, "1.23"), (39.94, "39.9"), (150.4, "150"), (1234.5, "1,234")]
)
def test_factor_is_written_one_way_in_a_headline_and_on_a_chart(ratio: float, text: str) -> None:
    assert (times(ratio), factor(ratio)) == (text, f"{text}x")
    row = make_row("async", ratio)
    said = f"Async search was {text} times as fast as sync at 100 operations"
    assert claim(row) == title_claim(row) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (formatting.seconds(0.0432), "0.043 s"),
        (formatting.seconds(0.5), "0.50 s"),
        (formatting.seconds(308.8), "309 s"),
        (formatting.seconds(None), ""),
        (formatting.ms(1.48), "1,480 ms"),
        (formatting.ms(0.00035), "0.35 ms"),
        (formatting.factor(1.234), "1.23x"),
        (formatting.factor(39.94), "39.9x"),
        (formatting.rate(4.6), "4.6/s"),
        (formatting.rate(2832.4), "2,832/s"),
        (formatting.plural("search", 1), "1 search"),
        (formatting.plural("add", 1000), "1,000 adds"),
        (formatting.wrap("<b> & so on", 20), "&lt;b&gt; &amp; so on"),
        (formatting.safe("%{x}"), "&#37;{x}"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert text == expected


def test_line_never_breaks_before_a_unit() -> None:
    text = formatting.wrap("aaaa bbbb cccc dddd 12 ms and more than that", 22)
    assert "12\u00a0ms" in text

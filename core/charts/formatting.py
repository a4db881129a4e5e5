"""Numbers and words as charts show them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape

from core.bench.analysis import findings
from core.bench.analysis.factor_words import times
from core.bench.records.trial import Summary

# What fits into 390 px at the title's size, on a phone.
TITLE_CHARS = 34
SUBTITLE_CHARS = 44
BREAK = "<br>"
# "No detectable difference" in what a phone has room for beside a bar.
WITHIN_NOISE = "within noise"
NO_BREAK_SPACE = "\u00a0"
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|times)(?:\W|$))| (?=· )")
# In a hover text "%{" would begin one of Plotly's own placeholders.
_PLACEHOLDER, _NO_PLACEHOLDER = "%{", "&#37;{"


def safe(text: object) -> str:
    """Text of a record as Plotly may show it: no markup, no placeholder."""
    return escape(str(text)).replace(_PLACEHOLDER, _NO_PLACEHOLDER)


def wrap(text: str, num_chars: int = TITLE_CHARS) -> str:
    """Plain text, escaped and broken into lines of about `num_chars`; never before a unit or a dot."""
    text = _BEFORE_UNIT.sub(NO_BREAK_SPACE, text)
    return BREAK.join(safe(line) for line in textwrap.wrap(text, num_chars, break_on_hyphens=False))


def num_lines(text: str) -> int:
    """Lines of a text that Plotly breaks at `BREAK`; 0 for an empty one."""
    return text.count(BREAK) + 1 if text else 0


def seconds(value_s: float | None) -> str:
    """Such as "0.043 s", "0.52 s", "30.8 s" or "309 s"; "" when unknown."""
    if value_s is None:
        return ""
    if value_s < 0.1:
        return f"{value_s:.2g} s"
    return (
        f"{value_s:.2f} s" if value_s < 10 else f"{value_s:,.1f} s" if value_s < 100 else f"{value_s:,.0f} s"
    )


def ms(value_s: float | None) -> str:
    """Seconds as milliseconds, such as "0.35 ms", "8.2 ms" or "1,480 ms"; "" when unknown."""
    if value_s is None:
        return ""
    value = value_s * 1000
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms" if value >= 1 else f"{value:.2g} ms"


def span(value_s: float | None) -> str:
    """A time that may be either: milliseconds below 10 s, seconds from there on."""
    return seconds(value_s) if value_s is not None and value_s >= 10 else ms(value_s)


def factor(ratio: float | None) -> str:
    """Such as "39.9x"; "" when unknown."""
    return "" if ratio is None else f"{times(ratio)}x"


def rate(ops_per_s: float | None) -> str:
    """Such as "4.6/s" or "2,832/s"; "" when unknown."""
    if ops_per_s is None:
        return ""
    return f"{ops_per_s:,.0f}/s" if ops_per_s >= 10 else f"{ops_per_s:.2g}/s"


def plural(operation: str, count: int | None = None) -> str:
    """Such as "100 searches"; without a count "searches". An ingest is counted in chunks."""
    noun = {"add": "add", "search": "search", "ingest": "chunk"}.get(operation, "operation")
    if count != 1:
        noun += "es" if noun == "search" else "s"
    return noun if count is None else f"{count:,} {noun}"


def joined(parts: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def title_claim(row: Summary) -> str:
    """What one comparison supports, for a title: with a mark when it is projected or rests on one run."""
    if row.speedup is None:
        return findings.claim(row) + (row.reason and f": {row.reason}")
    if row.is_no_difference:
        return findings.claim(row)
    if row.is_projected:
        return f"{findings.claim(row)}, projected from a cut trial"
    if row.ci95:
        return findings.claim(row)
    runs = f"{row.num_repeats} repeats" if row.num_repeats > 1 else "one run"
    return f"{findings.claim(row)}, in {runs}"

"""What tests ask of a figure."""

from __future__ import annotations

from typing import Any


def title(figure: Any) -> str:
    """The title as plain text, before it was broken into lines."""
    assert figure is not None
    return str(figure.layout.meta["title"])


def texts(figure: Any) -> str:
    """All that is written on a chart."""
    found = [note.text for note in figure.layout.annotations]
    for trace in figure.data:
        found += [trace.text] if isinstance(trace.text, str) else list(trace.text or ())
    return " | ".join(map(str, found))

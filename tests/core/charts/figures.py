"""What tests ask of a figure."""

from __future__ import annotations

from typing import Any


def title(figure: Any) -> str:
    """The title as plain text, before it was broken into lines."""
    assert figure is not None
    return str(figure.layout.meta["title"])

"""Plotly's own script, as a browser loads it: part of the Python package, so that nothing is fetched."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


@cache
def plotly_js_path() -> Path:
    """The file of the script; looked up without importing the library."""
    spec = find_spec("plotly")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"


@cache
def plotly_version() -> str:
    """The installed package's version; another one has another script."""
    return version("plotly")


def figure_json(figure: go.Figure) -> str:
    """A figure as that script reads it."""
    from plotly.io.json import to_json_plotly

    return str(to_json_plotly(figure))

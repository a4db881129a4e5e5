from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from core.charts.plotly_js import figure_json, plotly_js_path, plotly_version

pytestmark = pytest.mark.portable


def test_script_of_the_installed_package_is_there_and_draws_without_the_internet() -> None:
    assert plotly_js_path().stat().st_size > 1_000_000
    assert b"plotly.js v" in plotly_js_path().read_bytes()[:400]
    assert plotly_version().count(".") == 2


def test_figure_as_json_can_end_no_script() -> None:
    written = figure_json(go.Figure(layout={"title": {"text": "</script><b>x"}}))
    assert "</script>" not in written
    assert json.loads(written)["layout"]["title"]["text"] == "</script><b>x"

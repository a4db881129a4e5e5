"""A visitor of the Runs page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.page_test import page_test

OTHER_ID = "20261120T000000Z-ffffff"


def open_runs(run_id: str | None = None, **parameters: str) -> AppTest:
    """The page as a link to a run, or with these parameters, opens it."""
    page = page_test("runs")
    for name, value in parameters.items() if run_id is None else [("run", run_id), *parameters.items()]:
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def num_charts(page: AppTest) -> int:
    """How many charts are drawn."""
    return len(page.get("plotly_chart"))

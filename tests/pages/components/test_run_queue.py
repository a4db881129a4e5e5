"""One benchmark at a time in a shared app, the others in line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.supervisor import STOP_CLICKED
from tests.pages.benchmarking import WAIT_S
from tests.pages.conftest import texts
from tests.pages.sharing import (
    ANN,
    BEN,
    pieces_of_html,
    start_run_of,
    visit,
)

pytestmark = pytest.mark.usefixtures("shared_app")


def test_running_benchmark_of_another_is_not_told_in_detail(tmp_path: Path) -> None:
    process = start_run_of(ANN, tmp_path / "x.json")
    assert "You started this run." in texts(visit(ANN, "benchmark"))
    page = visit(BEN, "benchmark")
    assert "Somebody's benchmark is running." in texts(page)
    assert "Search, 10 operations" not in pieces_of_html(page)
    assert not [button for button in page.button if button.label == "Stop"]
    process.stop(STOP_CLICKED)
    process.wait(WAIT_S)
    assert "could not" not in texts(page.run())
    assert not [button for button in page.button if button.label == "Stop"]


def test_benchmark_waits_in_line_and_can_leave_it(tmp_path: Path) -> None:
    start_run_of(ANN, tmp_path / "x.json")
    page = visit(BEN, "benchmark")
    page.button(key="start").click().run()
    assert "In line for the benchmark: you are next." in texts(page)
    page.button(key="leave_line").click().run()
    assert "In line" not in texts(page)
    assert page.button(key="start")

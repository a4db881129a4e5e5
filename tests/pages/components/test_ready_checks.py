"""What can spoil a run, looked at on the page."""

from __future__ import annotations

import pytest

from tests.pages.benchmarking import open_benchmark

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_readiness_is_looked_at_when_asked_for() -> None:
    page = open_benchmark()
    page.button(key="readiness").click().run()
    assert not page.exception
    shown = " ".join(text.value for text in [*page.success, *page.error])
    for name in ("Target", "Processor", "Disk", "Versions"):
        assert f"**{name}**" in shown

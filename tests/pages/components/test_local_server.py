"""A real Milvus is offered where it shows more."""

from __future__ import annotations

import pytest

from tests.pages.benchmarking import open_benchmark, says

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_real_milvus_is_offered_where_lite_has_little_to_wait_for() -> None:
    page = open_benchmark("tutorial")
    assert page.button(key="offer_start").label == "Run a real Milvus here"
    assert says(page, "listens on all network interfaces")
    page.slider(key="rtt-tutorial").set_value(60).run()
    assert "offer_start" not in [button.key for button in page.button]

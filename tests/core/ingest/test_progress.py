"""What is said of a file on its way."""

from __future__ import annotations

import pytest

from core.ingest.progress import Stage

pytestmark = pytest.mark.portable


def test_file_has_ended_in_four_ways() -> None:
    assert {stage for stage in Stage if stage.is_final} == {
        Stage.DONE,
        Stage.PRESENT,
        Stage.FAILED,
        Stage.STOPPED,
    }

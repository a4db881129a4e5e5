"""What belongs to the whole app."""

from __future__ import annotations

import pytest

from core.config.settings import Settings
from pages.state.app_state import host_of

pytestmark = pytest.mark.usefixtures("shared_app")


def test_app_that_is_not_shared_has_no_host() -> None:
    assert host_of(Settings.from_env({})) is None

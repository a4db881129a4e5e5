"""Fixtures: the settings of a shared app."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.config.settings import Settings


@pytest.fixture
def shared(lite: Settings) -> Settings:
    return replace(lite, is_shared=True)

"""What the host of a shared app allows is read from its settings."""

from __future__ import annotations

import dataclasses

import pytest

from core.config.settings import Settings
from core.config.shared_limits import SharedLimits, setting_names
from core.errors import ConfigError
from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable


def test_env_example_shows_the_limits_of_a_shared_app_as_they_are() -> None:
    lines = (REPOSITORY / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = dict(line.split("=", 1) for line in lines if line.startswith("OVERLAP_SHARED_"))
    assert SharedLimits.from_values(listed) == SharedLimits()


def test_limit_of_a_shared_app_is_read() -> None:
    assert Settings.from_env({"OVERLAP_SHARED_UPLOAD_MB": "7"}).limits.upload_mb == 7


@pytest.mark.parametrize("text", ["-1", "1.5", "", "٣", "1" * 10, " 7", "many"])
def test_limit_that_is_no_whole_number_is_refused_and_named(text: str) -> None:
    with pytest.raises(ConfigError, match=r"OVERLAP_SHARED_UPLOAD_MB is .*; use a whole number from 0 up"):
        SharedLimits.from_values({"OVERLAP_SHARED_UPLOAD_MB": text})


def test_nought_is_a_limit_but_nobody_is_deleted_while_at_work() -> None:
    limits = SharedLimits.from_values({"OVERLAP_SHARED_BENCH_MINUTES": "0", "OVERLAP_SHARED_IDLE_HOURS": "1"})
    assert (limits.bench_minutes, limits.idle_hours) == (0, 1)
    with pytest.raises(ConfigError, match="OVERLAP_SHARED_IDLE_HOURS is '0'; use a whole number from 1 up"):
        SharedLimits.from_values({"OVERLAP_SHARED_IDLE_HOURS": "0"})


def test_every_limit_has_its_setting() -> None:
    given = {name: str(number) for number, name in enumerate(setting_names(), start=1)}
    limits = SharedLimits.from_values(given)
    assert list(dataclasses.astuple(limits)) == list(range(1, len(given) + 1))

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from pages.components.times import heading, in_zone, minute, with_visitors_times

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("added 2026-11-26 20:00 UTC, is here too", "added 2026-11-27 05:00, is here too"),
        ("REPLAY of 2026-11-22 15:40:12 UTC", "REPLAY of 2026-11-23 00:40:12"),
        ("quick, 2026-11-22 15:40:12", "quick, 2026-11-22 15:40:12"),
        ("UTC and 20:00 UTC", "UTC and 20:00 UTC"),
    ],
)
def test_moments_in_utc_become_those_of_the_zone(text: str, shown: str) -> None:
    assert in_zone(text, ZoneInfo("Asia/Tokyo")) == shown


def test_moment_is_marked_as_utc_where_the_zone_is_not_known() -> None:
    assert minute("2026-11-26T20:00:31Z") == "2026-11-26 20:00 UTC"
    assert heading("Added") == "Added (UTC)"
    assert with_visitors_times("at 2026-11-26 20:00 UTC") == "at 2026-11-26 20:00 UTC"

"""What a shared app holds of uploads, for each visitor and for all together."""

from __future__ import annotations

import pytest

from core.config.shared_limits import SharedLimits
from core.hosting.held import Held
from core.runtime.words import MB

pytestmark = pytest.mark.portable

LIMITS = SharedLimits(held_mb=10, total_held_mb=25)


def refusal(held: Held, visitor: str, session: str, size_mb: int) -> str:
    with held.room_for(visitor, session, size_mb * MB) as why:
        return why


def test_visitor_may_not_hold_more_in_all_pages_together() -> None:
    in_memory = {"page": 6 * MB}
    held = Held(LIMITS, lambda: in_memory)
    assert refusal(held, "ann", "page", 4) == ""
    in_memory["second page"] = 3 * MB
    assert refusal(held, "ann", "second page", 1) == ""
    assert "up to 10 MB" in refusal(held, "ann", "second page", 2)
    assert refusal(held, "ben", "another", 10) == ""


def test_uploads_at_the_same_time_count_together() -> None:
    held = Held(LIMITS, dict)
    with held.room_for("ann", "page", 6 * MB) as first:
        assert first == ""
        assert refusal(held, "ann", "page", 5)
    assert refusal(held, "ann", "page", 5) == ""


def test_page_stays_with_who_has_uploaded_first_whatever_cookie_is_sent() -> None:
    held = Held(LIMITS, lambda: {"page": 6 * MB})
    assert refusal(held, "ann", "page", 4) == ""
    assert refusal(held, "nobody", "page", 5)


def test_all_visitors_together_may_not_hold_more() -> None:
    held = Held(LIMITS, lambda: {"one": 10 * MB, "two": 10 * MB})
    assert refusal(held, "ann", "three", 5) == ""
    assert "as many uploads as it can" in refusal(held, "ann", "three", 6)


def test_what_is_added_or_gone_makes_room() -> None:
    in_memory = {"page": 10 * MB}
    held = Held(LIMITS, lambda: in_memory)
    assert refusal(held, "ann", "page", 1)
    in_memory.clear()
    assert refusal(held, "ann", "page", 10) == ""

from __future__ import annotations

from pages.state.left_behind import MAX_KEPT, LeftBehind


def _closed() -> bool:
    return False


def _open() -> bool:
    return True


def test_what_a_closed_page_held_is_handed_over_once() -> None:
    left: LeftBehind[str] = LeftBehind()
    left.hold("mine", "conversation", _closed)
    assert left.take("another's") is None
    assert left.take("mine") == "conversation"
    assert left.take("mine") is None


def test_what_an_open_page_holds_is_its_own() -> None:
    left: LeftBehind[str] = LeftBehind()
    left.hold("mine", "conversation", _open)
    assert left.take("mine") is None


def test_of_several_closed_pages_the_one_that_was_used_last_is_found_first() -> None:
    left: LeftBehind[str] = LeftBehind()
    for value in ("first", "second", "first"):
        left.hold("mine", value, _closed)
    assert [left.take("mine"), left.take("mine"), left.take("mine")] == ["first", "second", None]


def test_what_was_not_used_for_longest_goes_where_there_are_too_many() -> None:
    left: LeftBehind[str] = LeftBehind()
    values = [f"conversation {number}" for number in range(MAX_KEPT + 1)]
    for value in values:
        left.hold("mine", value, _closed)
    found = [left.take("mine") for _ in range(MAX_KEPT)]
    assert values[0] not in found and values[1] in found


def test_visitor_who_is_forgotten_leaves_nothing() -> None:
    left: LeftBehind[str] = LeftBehind()
    left.hold("data/x.db|ann|Browser", "Ann's", _closed)
    left.hold("data/x.db|ben|Browser", "Ben's", _closed)
    left.forget_visitor("ann")
    assert left.take("data/x.db|ann|Browser") is None
    assert left.take("data/x.db|ben|Browser") == "Ben's"

"""Which files have yet to reach the page that they were chosen on."""

from __future__ import annotations

import pytest

from core.hosting.uploads import ARRIVED_S, MAX_REFUSALS, PROMISED_S, Uploads
from tests.clock import Clock

pytestmark = pytest.mark.portable


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def uploads(clock: Clock) -> Uploads:
    return Uploads(clock=clock)


def test_file_is_pending_from_the_promise_until_the_page_has_it(uploads: Uploads) -> None:
    uploads.promise("page", "file")
    assert uploads.pending("page") == {"file"}
    with uploads.coming("page", "file"):
        assert uploads.pending("page") == {"file"}
    assert uploads.pending("page") == {"file"}
    uploads.settle("page", ["file"])
    assert uploads.pending("page") == set()


def test_file_of_another_page_is_not_waited_for(uploads: Uploads) -> None:
    uploads.promise("page", "file")
    assert uploads.pending("other") == set()


def test_file_that_never_comes_is_waited_for_so_long(uploads: Uploads, clock: Clock) -> None:
    uploads.promise("page", "file")
    clock.now_s = PROMISED_S
    assert uploads.pending("page") == set()


def test_file_is_waited_for_however_long_it_takes_to_send(uploads: Uploads, clock: Clock) -> None:
    with uploads.coming("page", "file"):
        clock.now_s = 100 * PROMISED_S
        assert uploads.pending("page") == {"file"}
    clock.now_s += ARRIVED_S
    assert uploads.pending("page") == set()


def test_refusal_is_told_once_to_its_page_and_ends_the_waiting(uploads: Uploads) -> None:
    uploads.promise("page", "file")
    uploads.refuse("page", "file", "Too much.")
    assert uploads.pending("page") == set()
    assert [uploads.refusal(session) for session in ("other", "page", "page")] == ["", "Too much.", ""]


def test_file_that_is_refused_while_it_comes_is_not_waited_for(uploads: Uploads) -> None:
    with uploads.coming("page", "file"):
        uploads.refuse("page", "file", "Too much.")
    assert uploads.pending("page") == set()


def test_refusals_of_made_up_pages_do_not_pile_up(uploads: Uploads) -> None:
    for number in range(2 * MAX_REFUSALS):
        uploads.refuse(f"page {number}", "file", "No.")
    told = [uploads.refusal(f"page {number}") for number in range(2 * MAX_REFUSALS)]
    assert told.count("No.") == MAX_REFUSALS


def test_file_that_broke_off_is_let_go_of_in_the_end(uploads: Uploads, clock: Clock) -> None:
    with pytest.raises(ConnectionError), uploads.coming("page", "file"):
        raise ConnectionError
    clock.now_s = ARRIVED_S
    assert uploads.pending("page") == set()

from __future__ import annotations

import pytest

from core.config.shared_limits import SharedLimits
from core.errors import QuotaError
from core.hosting.quotas import Quotas, in_words
from core.runtime.words import MB
from tests.clock import Clock

pytestmark = pytest.mark.portable


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


def quotas(clock: Clock, **limits: int) -> Quotas:
    return Quotas(SharedLimits(**limits), clock=clock)


def test_question_over_the_limit_says_when_it_is_possible_again(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=2)
    counted.ask("ann")
    clock.now_s += 20
    counted.ask("ann")
    with pytest.raises(QuotaError, match=r"2 questions within a minute\. Try again in 40 s\."):
        counted.ask("ann")


def test_question_is_possible_at_the_time_that_was_said(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=1)
    counted.ask("ann")
    clock.now_s += 60
    counted.ask("ann")


def test_limit_of_one_visitor_is_not_that_of_another(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=1)
    counted.ask("ann")
    counted.ask("ben")


def test_limit_of_all_visitors_holds_for_each_of_them(clock: Clock) -> None:
    counted = quotas(clock, total_questions_per_minute=1)
    counted.ask("ann")
    with pytest.raises(QuotaError, match="all visitors together 1 question within"):
        counted.ask("ben")


def test_refused_question_counts_nothing(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=1, questions_per_hour=2)
    counted.ask("ann")
    for _ in range(5):
        with pytest.raises(QuotaError):
            counted.ask("ann")
    clock.now_s += 60
    counted.ask("ann")


def test_hour_is_counted_beside_the_minute(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=1, questions_per_hour=2)
    for _ in range(2):
        counted.ask("ann")
        clock.now_s += 60
    with pytest.raises(QuotaError, match=r"2 questions within an hour\. Try again in 58 minutes\."):
        counted.ask("ann")


def test_documents_are_counted_by_number_and_by_size(clock: Clock) -> None:
    counted = quotas(clock, documents_per_hour=3, upload_mb_per_hour=10)
    counted.add_documents("ann", [6 * MB, 1 * MB])
    with pytest.raises(QuotaError, match=r"10 MB of documents within an hour\. Try again in 60 minutes"):
        counted.add_documents("ann", [4 * MB])
    with pytest.raises(QuotaError, match="3 documents within an hour"):
        counted.add_documents("ann", [1, 1])
    counted.add_documents("ann", [1])


def test_more_than_ever_fits_is_told_apart_from_waiting(clock: Clock) -> None:
    counted = quotas(clock, documents_per_hour=3)
    with pytest.raises(QuotaError, match="Use less at once"):
        counted.add_documents("ann", [1] * 4)


def test_document_that_is_too_large_is_refused(clock: Clock) -> None:
    with pytest.raises(QuotaError, match="up to 20 MB"):
        quotas(clock).add_documents("ann", [20 * MB + 1])


@pytest.mark.parametrize("name", ["questions_per_minute", "questions_per_hour", "total_questions_per_minute"])
def test_limit_of_zero_is_said_to_be_switched_off(name: str, clock: Clock) -> None:
    with pytest.raises(QuotaError, match=r"^The host of this shared app has switched questions off\.$"):
        quotas(clock, **{name: 0}).ask("ann")


@pytest.mark.parametrize(
    "name", ["documents_per_hour", "upload_mb", "upload_mb_per_hour", "total_upload_mb_per_hour"]
)
def test_documents_of_a_limit_of_zero_are_said_to_be_switched_off(name: str, clock: Clock) -> None:
    with pytest.raises(QuotaError, match="has switched adding documents off"):
        quotas(clock, **{name: 0}).add_documents("ann", [1])


def test_measurements_of_a_limit_of_zero_are_said_to_be_switched_off(clock: Clock) -> None:
    with pytest.raises(QuotaError, match="has switched benchmarks and evaluations off"):
        quotas(clock, measurements_per_hour=0).measure("ann")


def test_visitors_of_yesterday_are_forgotten(clock: Clock) -> None:
    counted = quotas(clock)
    for number in range(100):
        counted.ask(f"visitor {number}")
    clock.now_s += 3600
    counted.forget_old()
    assert len(counted._windows) == 0


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (90, "90 s"), (91, "2 minutes"), (3600, "60 minutes")]
)
def test_time_is_never_less_than_what_is_left(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_question_is_possible_again_for_each_one_that_is_a_minute_old(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=3)
    for _ in range(3):
        counted.ask("ann")
        clock.now_s += 10
    for left_s in (30, 10, 10):
        with pytest.raises(QuotaError, match=rf"Try again in {left_s} s\."):
            counted.ask("ann")
        clock.now_s += left_s
        counted.ask("ann")


def test_wait_is_until_enough_of_what_was_used_is_old(clock: Clock) -> None:
    counted = quotas(clock, upload_mb_per_hour=10)
    for size_mb in (3, 2, 5):
        counted.add_documents("ann", [size_mb * MB])
        clock.now_s += 600
    # Used at 0, 10 and 20 minutes, asked at 30: each is free an hour after its use.
    for size_mb, minutes in ((1, 30), (3, 30), (4, 40), (5, 40), (6, 50), (10, 50)):
        with pytest.raises(QuotaError, match=rf"Try again in {minutes} minutes\."):
            counted.add_documents("ann", [size_mb * MB])
    clock.now_s += 1800
    with pytest.raises(QuotaError, match=r"Try again in 10 minutes\."):
        counted.add_documents("ann", [3 * MB, 1])
    counted.add_documents("ann", [3 * MB])


def test_all_that_is_allowed_may_be_used_at_once_and_nothing_more(clock: Clock) -> None:
    counted = quotas(clock, upload_mb=2, upload_mb_per_hour=3, documents_per_hour=2)
    counted.add_documents("ann", [2 * 1_048_576, 1_048_576])
    with pytest.raises(QuotaError, match="documents"):
        counted.add_documents("ann", [1])
    with pytest.raises(QuotaError, match=r"documents of up to 2 MB\. Split the larger ones\."):
        counted.add_documents("ben", [1, 2 * 1_048_576 + 1])
    with pytest.raises(QuotaError, match=r"3 MB of documents within an hour\. Use less at once\."):
        counted.add_documents("ben", [2 * 1_048_576, 1_048_576 + 1])


def test_upload_of_all_visitors_together_is_limited(clock: Clock) -> None:
    counted = quotas(clock, total_upload_mb_per_hour=5)
    counted.add_documents("ann", [3 * MB])
    counted.add_documents("ben", [2 * MB])
    with pytest.raises(QuotaError, match="allows all visitors together 5 MB of documents within an hour"):
        counted.add_documents("cem", [1])


def test_measurement_whose_document_is_refused_is_not_counted(clock: Clock) -> None:
    counted = quotas(clock, measurements_per_hour=1, upload_mb_per_hour=10, upload_mb=20)
    with pytest.raises(QuotaError, match="up to 20 MB"):
        counted.measure("ann", [21 * MB])
    with pytest.raises(QuotaError, match="10 MB of documents"):
        counted.measure("ann", [11 * MB])
    counted.measure("ann", [4 * MB])
    with pytest.raises(QuotaError, match="1 measurement within"):
        counted.measure("ann", [4 * MB])
    counted.add_documents("ann", [6 * MB])


def test_measurements_are_counted_for_an_hour(clock: Clock) -> None:
    counted = quotas(clock, measurements_per_hour=2)
    counted.measure("ann")
    counted.measure("ann")
    counted.measure("ben")
    with pytest.raises(QuotaError, match=r"each visitor 2 measurements within an hour\. Try again in 60"):
        counted.measure("ann")
    clock.now_s += 3600
    counted.measure("ann")


def test_refused_documents_count_nothing_for_anybody(clock: Clock) -> None:
    counted = quotas(clock, documents_per_hour=2, total_upload_mb_per_hour=1)
    counted.add_documents("ann", [MB])
    with pytest.raises(QuotaError, match="together"):
        counted.add_documents("ben", [1])
    clock.now_s += 3600
    counted.add_documents("ben", [1, 1])


def test_who_was_here_within_the_hour_is_not_forgotten(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=1, questions_per_hour=1, measurements_per_hour=0)
    counted.ask("ann")
    with pytest.raises(QuotaError):
        counted.measure("ben")
    clock.now_s += 59 * 60
    counted.forget_old()
    assert len(counted._windows) == 1, "the hour's, of the one who did something"
    with pytest.raises(QuotaError, match="1 question within an hour"):
        counted.ask("ann")
    clock.now_s += 60
    counted.forget_old()
    assert len(counted._windows) == 0
    counted.ask("ann")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 s"), (1.1, "2 s"), (89.5, "90 s"), (90.5, "2 minutes"), (120.5, "3 minutes")],
)
def test_time_in_words_is_rounded_up(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_what_is_older_than_the_window_leaves_room_though_something_newer_is_there(clock: Clock) -> None:
    counted = quotas(clock, questions_per_minute=2)
    counted.ask("ann")
    clock.now_s += 50
    counted.ask("ann")
    clock.now_s += 15
    counted.ask("ann")
    with pytest.raises(QuotaError, match=r"Try again in 45 s\."):
        counted.ask("ann")


def test_several_documents_at_once_wait_until_there_is_room_for_all(clock: Clock) -> None:
    counted = quotas(clock, documents_per_hour=2)
    for _ in range(2):
        counted.add_documents("ann", [1])
        clock.now_s += 600
    with pytest.raises(QuotaError, match=r"Try again in 40 minutes\."):
        counted.add_documents("ann", [1])
    with pytest.raises(QuotaError, match=r"Try again in 50 minutes\."):
        counted.add_documents("ann", [1, 1])

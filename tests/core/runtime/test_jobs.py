"""Jobs in the background: one state each, a result or a sentence, and stopping from any thread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest

from core.errors import OverlapError
from core.runtime import event_loop
from core.runtime.jobs import FAULT, Job, Jobs, JobState

TIMEOUT_S = 30.0


class Answers(Job[int]):
    """Does what it is told, then gives 42."""

    def __init__(self, before: Callable[[Answers], object] = lambda job: None) -> None:
        super().__init__()
        self._before = before

    async def work(self) -> int:
        self._before(self)
        return 42


class Waits(Job[int]):
    """Goes on until it is stopped."""

    async def work(self) -> int:
        await asyncio.to_thread(self.stopping.wait)
        self.check_stop()
        raise AssertionError("it goes on until it is stopped")


def fail_with(error: Exception) -> Callable[[Answers], object]:
    def fail(job: Answers) -> None:
        raise error

    return fail


def test_job_that_is_done_has_its_result() -> None:
    job = Answers().start()
    assert job.wait(TIMEOUT_S) is JobState.DONE
    assert (job.result, job.error, job.is_running) == (42, None, False)
    assert "done" in repr(job)


def test_job_that_fails_for_a_known_reason_has_its_sentence() -> None:
    job = Answers(fail_with(OverlapError("Milvus is away. Start it."))).start()
    assert job.wait(TIMEOUT_S) is JobState.FAILED
    assert (job.result, job.error) == (None, "Milvus is away. Start it.")


def test_job_that_fails_by_a_fault_of_ours_has_a_sentence_and_its_place_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Answers(fail_with(KeyError("Letter to Ms Miller.pdf"))).start()
    assert job.wait(TIMEOUT_S) is JobState.FAILED
    assert (job.result, job.error) == (None, FAULT)
    # It is told once the job has ended, by the thread that has ended it.
    event_loop.run(asyncio.sleep(0))
    (record,) = caplog.records
    assert record.levelname == "ERROR" and "Answers broke off: KeyError" in record.message
    assert re.search(r"test_jobs\.py:\d+ in ", record.message)
    # What people bring is theirs.
    assert "Miller" not in record.message and record.exc_info is None


def test_running_job_has_neither_result_nor_error_and_ends_when_it_is_stopped() -> None:
    job = Waits().start()
    assert job.wait(0.01) is JobState.RUNNING
    assert (job.result, job.error) == (None, None)
    job.stop()
    assert job.wait(TIMEOUT_S) is JobState.STOPPED
    assert (job.result, job.error) == (None, None)
    assert job.elapsed_s == job.elapsed_s, "its clock stands still"


def test_cancelled_job_is_stopped_at_what_it_awaits() -> None:
    class Sleeps(Job[None]):
        async def work(self) -> None:
            await asyncio.Event().wait()

    job = Sleeps().start()
    job.cancel()
    assert job.wait(TIMEOUT_S) is JobState.STOPPED


def test_job_that_is_done_before_it_hears_of_stop_keeps_its_result() -> None:
    job = Answers(lambda job: job.stop()).start()
    assert job.wait(TIMEOUT_S) is JobState.DONE
    assert job.result == 42


def test_one_job_of_a_kind_and_key_runs_at_a_time() -> None:
    jobs = Jobs()
    first = jobs.begin(Waits, "a", Waits)
    assert jobs.begin(Waits, "a", Waits) is first is jobs.get(Waits, "a")
    other = jobs.begin(Waits, "b", Waits)
    assert jobs.of_kind(Waits) == [first, other]
    assert jobs.get(Answers, "a") is None
    first.stop()
    first.wait(TIMEOUT_S)
    assert jobs.begin(Waits, "a", Waits) is not first
    for job in jobs.of_kind(Waits):
        job.stop()


def test_of_ended_jobs_so_many_are_kept_and_none_that_runs_is_stopped() -> None:
    jobs = Jobs()
    running, first, second = (jobs.begin(Waits, key, Waits, keep=2) for key in "abc")
    for job in (first, second):
        job.stop()
        job.wait(TIMEOUT_S)
    third = jobs.begin(Waits, "d", Waits, keep=2)
    assert jobs.of_kind(Waits) == [running, second, third]
    assert running.is_running
    for key in "acd":
        jobs.forget(Waits, key)
    assert running.wait(TIMEOUT_S) is third.wait(TIMEOUT_S) is JobState.STOPPED


def test_jobs_of_a_visitor_go_with_the_visitor() -> None:
    jobs = Jobs()
    mine, others = jobs.begin(Waits, "x|ann", Waits), jobs.begin(Waits, "x|joann", Waits)
    jobs.forget_visitor("ann")
    assert mine.wait(TIMEOUT_S) is JobState.STOPPED
    assert jobs.of_kind(Waits) == [others]
    others.stop()

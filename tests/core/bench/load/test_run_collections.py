"""A run's collections: their names, calls that end in time, and what could not be dropped is named."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from pymilvus.exceptions import MilvusException

from core.bench.load.cancellation import RunStoppedError, Stop
from core.bench.load.cleanup import OLD_AFTER, is_left
from core.bench.load.run_collections import COUNT_CALLS, Collections
from core.bench.plan.plan import Plan
from core.config.settings import Target
from core.errors import StoreTimeoutError
from tests.bench_runs import RUN_ID

FAR = Target(uri="http://127.0.0.1:1")


class AwayStore:
    """A vector store whose Milvus is away; notes whether it was closed."""

    aclient = None

    def __init__(self, collection_name: str) -> None:
        self.collection_name = collection_name
        self.client = self
        self.is_closed = False

    def drop_collection(self, name: str, **_: Any) -> None:
        raise MilvusException(message="server unavailable")

    def query(self, name: str, **options: Any) -> Any:
        raise MilvusException(message=f"deadline exceeded after {options['timeout']}")

    def close(self) -> None:
        self.is_closed = True


def collections(stop: Stop, **changes: Any) -> Collections:
    return Collections(plan=Plan(target=FAR.label), target=FAR, run_id=RUN_ID, stop=stop, **changes)


async def test_name_tells_a_later_run_when_it_was_made() -> None:
    name = collections(Stop())._name("add-10-1")
    assert name == f"overlap_bench_{RUN_ID}_add_10_1".replace("-", "_")
    made = datetime.strptime(RUN_ID[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert is_left(name, "", made + 2 * OLD_AFTER) and not is_left(name, "", made + OLD_AFTER / 2)


async def test_collection_that_can_not_be_dropped_is_named_and_its_store_closed() -> None:
    store: Any = AwayStore("overlap_bench_x")
    made = collections(Stop())
    await made.drop(store)
    assert made.leftovers == ["overlap_bench_x"]
    assert store.is_closed


async def test_rows_that_can_not_be_counted_in_time_are_not_known() -> None:
    store: Any = AwayStore("overlap_bench_x")
    assert await collections(Stop(), timeout_s=1.0).count(store) is None


async def test_call_that_takes_too_long_is_a_sentence_with_the_target() -> None:
    never = threading.Event()
    with pytest.raises(StoreTimeoutError, match=r"Milvus at http://127.0.0.1:1 did not answer in time"):
        await collections(Stop(), timeout_s=0.01).in_time(never.wait, num_calls=COUNT_CALLS)
    never.set()


async def test_call_may_take_as_long_as_the_calls_of_milvus_that_it_makes() -> None:
    done = threading.Event()
    timer = threading.Timer(0.05, done.set)
    timer.start()
    assert await collections(Stop(), timeout_s=0.01).in_time(done.wait, num_calls=3000)
    timer.join()


async def test_call_under_way_is_left_behind_when_the_run_is_stopped() -> None:
    stop, never = Stop(), threading.Event()
    stop.set("Ctrl-C was pressed.")
    with pytest.raises(RunStoppedError):
        await collections(stop).in_time(never.wait)
    never.set()


async def test_only_a_run_with_its_first_calls_inside_connects_anew_for_each_trial() -> None:
    inside = Plan(target=FAR.label, first_calls="included")
    assert Collections(plan=inside, target=FAR, run_id=RUN_ID, stop=Stop())._clients == {"dedicated": True}
    assert collections(Stop())._clients == {}

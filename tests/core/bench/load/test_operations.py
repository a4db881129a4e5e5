"""What a request carries, and whose hits its answer has."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from core.bench.load.dataset import make_dataset
from core.bench.load.operations import Requests, make_requests

pytestmark = pytest.mark.portable


class NotedStore:
    """Notes what is added, and in which thread."""

    def __init__(self) -> None:
        self.added: list[list[str]] = []
        self.threads: list[int] = []

    def add(self, nodes: list[Any]) -> None:
        self.threads.append(threading.get_ident())
        self.added.append([node.text for node in nodes])

    async def async_add(self, nodes: list[Any]) -> None:
        self.add(nodes)
        self.added[-1].append("awaited")


def adds(store: Any, *, per_request: int = 1, **more: Any) -> Requests:
    dataset = make_dataset("random", 7, dim=4, seed=1)
    return make_requests("add", store, dataset, count=7, per_request=per_request, top_k=3, **more)


def searches(count: int, per_request: int) -> Requests:
    def never(i: int) -> Any:
        raise AssertionError

    return Requests(sync=never, awaited=never, per_request=per_request, count=count, is_search=True)


def test_last_request_carries_what_is_left() -> None:
    requests = adds(NotedStore(), per_request=3)
    assert requests.num_requests == 3
    assert [requests.num_ops(i) for i in range(3)] == [3, 3, 1]


def test_requests_add_every_node_once_in_order() -> None:
    store = NotedStore()
    requests = adds(store, per_request=3)
    for i in range(requests.num_requests):
        requests.sync(i)
    assert store.added == [["n0_text", "n1_text", "n2_text"], ["n3_text", "n4_text", "n5_text"], ["n6_text"]]


async def test_blocking_call_stays_on_the_loop_s_thread_and_the_cure_leaves_it() -> None:
    here = threading.get_ident()
    store = NotedStore()
    await adds(store).awaited(0)
    await adds(store, blocking="blocking").awaited(0)
    await adds(store, blocking="to-thread").awaited(0)
    assert store.added == [["n0_text", "awaited"], ["n0_text"], ["n0_text"]]
    assert store.threads[:2] == [here, here] and store.threads[2] != here


def test_hits_of_a_batch_are_those_of_its_queries() -> None:
    a, b, e = ((["a"], [1.0]), (["b"], [0.9]), (["e"], [0.5]))
    assert searches(5, 2).hits({0: [a, b], 2: [e]}) == {0: a, 1: b, 4: e}
    assert searches(5, 1).hits({3: a}) == {3: a}


def test_adds_have_no_hits() -> None:
    assert adds(NotedStore()).hits({0: ["id"]}) == {}


def test_lean_adds_write_no_vector_into_the_node_s_json() -> None:
    class Looking(NotedStore):
        def add(self, nodes: list[Any]) -> None:
            seen.append("embedding" in nodes[0].dict())

    seen: list[bool] = []
    for fields in ("all", "text"):
        adds(Looking(), fields=fields).sync(0)
    assert seen == [True, False]

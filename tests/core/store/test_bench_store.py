"""A benchmark touches the collections of benchmarks only."""

from __future__ import annotations

from typing import Any

import pytest

from core.config.settings import Settings
from core.store import bench_collections, connect, drop_bench_collection, drop_left_collection
from core.store.bench_store import BENCH_KIND, OWNER_KEY, join_bench_store, open_ingest_store, search_batch
from core.store.names import KIND_KEY


class OneStore:
    """A vector store on a collection; notes what its client was asked."""

    embedding_field, similarity_metric = "embedding", "IP"
    search_config: dict[str, Any] = {"ef": 10}  # noqa: RUF012

    def __init__(self, collection_name: str) -> None:
        self.collection_name = collection_name
        self.client = self
        self.asked: dict[str, Any] = {}

    def search(self, **options: Any) -> list[list[dict[str, Any]]]:
        self.asked = options
        return [[{"id": 2, "distance": 1}, {"id": 1, "distance": 0.5}], []]


def test_collection_of_another_name_is_neither_made_nor_joined_nor_dropped(settings: Settings) -> None:
    theirs: Any = OneStore("overlap_kb_mine")
    shape: Any = {"dim": 8, "metric": "COSINE", "consistency": "Bounded"}
    for act in (
        lambda: open_ingest_store(settings.target, "overlap_kb_mine", model="m", dim=8, is_lite=True),
        lambda: join_bench_store(settings.target, "overlap_kb_mine", **shape),
        lambda: drop_bench_collection(settings.target, theirs),
        lambda: drop_left_collection(settings.target, "overlap_kb_mine"),
    ):
        with pytest.raises(ValueError, match="benchmark collections start with overlap_bench_"):
            act()
    assert not settings.data_dir.exists()


def test_hits_of_a_batch_are_in_the_order_of_its_queries() -> None:
    store: Any = OneStore("overlap_bench_a")
    assert search_batch(store, [[1.0], [2.0]], 2, ["*"]) == [(["2", "1"], [1.0, 0.5]), ([], [])]
    assert store.asked["search_params"] == {"params": {"ef": 10}, "metric_type": "IP"}
    assert (store.asked["data"], store.asked["limit"], store.asked["output_fields"]) == (
        [[1.0], [2.0]],
        2,
        ["*"],
    )


def test_only_collections_that_carry_the_mark_are_told_with_their_owners(lite: Settings) -> None:
    client = connect(lite.target)
    for name, marks in (
        ("overlap_bench_ours", {KIND_KEY: BENCH_KIND, OWNER_KEY: "me"}),
        ("overlap_bench_theirs", {}),
        ("unrelated", {KIND_KEY: BENCH_KIND}),
    ):
        client.create_collection(name, dimension=4)
        if marks:
            client.alter_collection_properties(name, marks)
    assert bench_collections(lite.target) == {"overlap_bench_ours": "me"}

"""Collections as they are made: what is asked of Milvus for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.config.settings import Target
from core.store import KnowledgeStore, open_bench_store
from tests.grpc_recorder import GrpcRecorder
from tests.lite_process import LiteProcess

pytestmark = pytest.mark.slow


def _knowledge_base(target: Target) -> None:
    KnowledgeStore.open(target, "default", model="m", dim=8)


def _bench_collection(target: Target) -> None:
    shape = {"dim": 8, "metric": "COSINE", "consistency": "Bounded", "index": "FLAT"}
    open_bench_store(target, "overlap_bench_a", **shape)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [_knowledge_base, _bench_collection])
def test_collection_is_indexed_and_loaded_without_waiting_for_an_index_of_no_rows(
    make: Callable[[Target], None], tmp_path: Path
) -> None:
    """To wait, pymilvus takes a timestamp, and sleeps for half a second before it looks at the index."""
    with LiteProcess(tmp_path) as milvus, GrpcRecorder(milvus.target.uri) as recorder:
        make(Target(uri=recorder.uri))
        asked = [call.method for call in recorder.take()]
    assert {"CreateCollection", "CreateIndex", "LoadCollection"} <= set(asked)
    assert "AllocTimestamp" not in asked

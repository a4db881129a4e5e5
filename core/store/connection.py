"""Reaching Milvus: clients, stores of LlamaIndex, how long they wait, and what is closed at the end."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config.settings import Target
from core.errors import StoreError
from core.runtime.quiet import quiet_libraries
from core.store.lite_recovery import damaged_file, dropping, finish_drops, is_lite_held
from core.store.milvus_errors import no_lite_folder, store_errors, unusable_lite

if TYPE_CHECKING:
    from llama_index.vector_stores.milvus import MilvusVectorStore
    from pymilvus import MilvusClient

CONNECT_TIMEOUT_S = 5.0
# Left alone, gRPC waits up to two minutes before it looks again for a server that was away.
# Without a pool of its own, a new connection would share the wait of the broken one that it replaces.
GRPC_OPTIONS = {
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.use_local_subchannel_pool": 1,
}
# Of calls that are given no timeout of their own, such as those inside MilvusVectorStore. Longer than
# what a benchmark measures takes, because pymilvus shares a connection between all clients.
DEADLINE_S = 120.0
# A call that takes longer is given up; pymilvus alone would retry for minutes.
CALL_TIMEOUT_S = 30.0


def connect(target: Target) -> MilvusClient:
    """A sync client of the target; raises StoreError within `CONNECT_TIMEOUT_S` or so."""
    import_milvus()
    from pymilvus import MilvusClient

    quiet_libraries()
    if target.is_lite:
        _prepare_lite(Path(target.uri))
    with store_errors(target):
        return MilvusClient(
            uri=target.uri, token=target.token.value, timeout=CONNECT_TIMEOUT_S, grpc_options=grpc_options()
        )


def _prepare_lite(path: Path) -> None:
    _spare_memory()
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(no_lite_folder(path.parent, exc)) from exc
        if not path.is_dir() or is_lite_held(path):
            return
        finish_drops(path)
        is_damaged = damaged_file(path) is not None
    except OSError as exc:
        raise StoreError(unusable_lite(path)) from exc
    if is_damaged:
        raise StoreError(unusable_lite(path))


def _spare_memory() -> None:
    # Arrow's own allocator takes memory in steps of 32 MB, and gives little of it back.
    import pyarrow

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())


def server_version(target: Target) -> str:
    """The server's version, such as "2.6.4" or "milvus_lite-3.2.2"."""
    client = connect(target)
    with store_errors(target):
        return str(client.get_server_version(timeout=CALL_TIMEOUT_S))


def properties_of(client: MilvusClient, collection: str) -> dict[str, str]:
    """What is noted on the collection, all of it text; raises what pymilvus raises."""
    described = client.describe_collection(collection, timeout=CALL_TIMEOUT_S)
    return dict(described.get("properties") or {})


def count_where(
    client: MilvusClient, collection: str, expression: str = "", *, timeout_s: float = CALL_TIMEOUT_S
) -> int:
    """How many rows meet `expression` ("" for all), with Strong consistency; raises what pymilvus raises."""
    rows = client.query(
        collection,
        filter=expression,
        output_fields=["count(*)"],
        consistency_level="Strong",
        timeout=timeout_s,
    )
    return int(rows[0]["count(*)"])


def drop_collection(client: MilvusClient, target: Target, collection: str) -> None:
    """Drop a collection whole, also when this process ends in the middle of it; nothing, if it is gone."""
    with dropping(Path(target.uri), collection) if target.is_lite else nullcontext():
        client.drop_collection(collection, timeout=CALL_TIMEOUT_S)


# Two threads that import the same packages in another order may each find one half done.
_import_lock = threading.Lock()


def import_milvus() -> None:
    """Import pymilvus, which takes half a second."""
    # gRPC's own log lines on stderr mean nothing to a person; errors reach them as exceptions.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    with _import_lock:
        import pymilvus  # noqa: F401


def import_store_class() -> None:
    """Import MilvusVectorStore, which takes seconds, and what else the first question needs."""
    import_milvus()
    import llama_index.vector_stores.milvus  # noqa: F401

    quiet_libraries()


def search_without_scipy() -> None:
    """Spare the first search an import of 0.2 s: pymilvus asks scipy whether a vector is a sparse one.

    Ours never are. A benchmark leaves this be: it measures what the tutorial's code pays too.
    """
    import_milvus()
    from pymilvus.client.utils import SciPyHelper

    SciPyHelper._checked = True


def make_vector_store(
    target: Target, collection: str, *, dim: int, metric: str, consistency: str, **options: Any
) -> MilvusVectorStore:
    """LlamaIndex's store of a collection, which it makes where it is missing; blocks for its import.

    Args:
        target: Where the collection is.
        collection: Its name.
        dim: The length of each vector.
        metric: "COSINE", "IP" or "L2".
        consistency: Milvus' consistency level, such as "Session".
        **options: Handed to MilvusVectorStore.
    """
    from llama_index.vector_stores.milvus import MilvusVectorStore

    quiet_libraries()
    return MilvusVectorStore(
        uri=target.uri,
        token=target.token.value,
        collection_name=collection,
        dim=dim,
        similarity_metric=metric,
        consistency_level=consistency,
        timeout=CONNECT_TIMEOUT_S,
        grpc_options=grpc_options(),
        **options,
    )


def grpc_options(deadline_s: float = DEADLINE_S) -> dict[str, Any]:
    """What a connection is made with.

    Args:
        deadline_s: Of each call that has no timeout of its own.
    """
    methods = [{"name": [{}], "timeout": f"{deadline_s:.1f}s"}]
    return GRPC_OPTIONS | {"grpc.service_config": json.dumps({"methodConfig": methods})}


async def aclose(vector_store: MilvusVectorStore) -> None:
    """Close both clients of a store; call it on the loop that used it."""
    if vector_store.aclient is not None:
        await vector_store.aclient.close()
    vector_store.client.close()


def close_all_lite() -> None:
    """Stop every embedded engine of this process.

    Before Python ends: from then on its server can't take a call any more, and says so with a traceback.
    """
    if (engine := _lite_engine()) is not None:
        engine.release_all()


def close_lite(target: Target) -> None:
    """Stop the embedded engine of a Milvus Lite file, so that the file can be removed."""
    if target.is_lite and (engine := _lite_engine()) is not None:
        engine.release_server(target.uri)


def _lite_engine() -> Any:
    """What holds the embedded engines; None in a process that has not imported it, which takes seconds."""
    return getattr(sys.modules.get("milvus_lite.server_manager"), "server_manager_instance", None)

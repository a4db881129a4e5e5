"""Reaching Milvus, and turning what pymilvus and gRPC raise into errors for people."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config.settings import Target
from core.errors import (
    KnowledgeBaseNotFoundError,
    StoreAuthError,
    StoreError,
    StoreLockedError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from core.runtime.logs import kinds
from core.runtime.quiet import quiet_libraries
from core.store.lite_recovery import damaged_file, dropping, finish_drops

if TYPE_CHECKING:
    from llama_index.vector_stores.milvus import MilvusVectorStore
    from pymilvus import MilvusClient

logger = logging.getLogger(__name__)

# Collections carry this property; what lacks it is not ours and is never changed or dropped.
KIND_KEY = "overlap.kind"

# How Milvus Lite and servers of several versions say that a collection was dropped.
_GONE = re.compile(r"collection '[^']*' does not exist|collection not found|can't find collection")
# How Milvus Lite says that it can't read one of its files.
_DAMAGED = re.compile(r"parquet|failed to read all data|pickled|no data left in file|not valid json|manifest")

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
INDEX_NOT_FOUND = 700
# A call that takes longer is given up; pymilvus alone would retry for minutes.
CALL_TIMEOUT_S = 30.0


@contextmanager
def store_errors(target: Target) -> Iterator[None]:
    """Turn what pymilvus and gRPC raise into our errors, whose texts are for people.

    Raises:
        StoreError: When the block raises it, or an error of pymilvus or gRPC; others pass unchanged.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception as exc:
        mapped = _map_error(exc, target)
        if mapped is None:
            raise
        if not isinstance(mapped, KnowledgeBaseNotFoundError):
            logger.warning("Milvus: %s from %s", type(mapped).__name__, kinds(exc))
        raise (_for_visitor(mapped) if target.owner else mapped) from exc


def _for_visitor(error: StoreError) -> StoreError:
    """The same for a visitor of a shared app, who can mend nothing and is not told where Milvus is."""
    if isinstance(error, KnowledgeBaseNotFoundError):
        return error
    return type(error)(
        "This app's Milvus does not answer as it should. Nothing is lost; try again in a moment."
    )


def _map_error(exc: Exception, target: Target) -> StoreError | None:
    import grpc
    from pymilvus.exceptions import ConnectionConfigException, MilvusException

    known = (MilvusException, grpc.RpcError, TimeoutError, ConnectionError)
    if not isinstance(exc, known):
        return None
    if isinstance(exc, ConnectionConfigException) and target.is_lite:
        return _lite_error(Path(target.uri))
    message = _error_text(exc)
    lowered = message.lower()
    where = f"Milvus at {target.label}"
    is_refused = any(word in lowered for word in ("unauthenticated", "auth check", "permission", "api key"))
    if is_refused and target.is_lite:
        return _lite_error(Path(target.uri))
    if is_refused or _is_unauthenticated(exc):
        return StoreAuthError(f"{where} refused the token. Correct MILVUS_TOKEN and try again.")
    if any(
        word in lowered for word in ("unavailable", "fail connecting", "failed to connect", "unimplemented")
    ):
        return StoreUnavailableError(_silent(where))
    if "no space left" in lowered or "disk quota" in lowered:
        return StoreError(
            f"The disk of {where} is full. Free space there and try again; what was stored before is safe."
        )
    if _GONE.search(lowered):
        return KnowledgeBaseNotFoundError(
            "This knowledge base is no longer there: it was deleted, perhaps in another tab. "
            "Choose another one, or create it again."
        )
    if target.is_lite and _DAMAGED.search(lowered):
        return StoreError(_unusable(Path(target.uri)))
    if isinstance(exc, TimeoutError) or "deadline" in lowered or "timeout" in lowered:
        return StoreTimeoutError(_silent(where))
    return StoreError(f"{where} refused the call: {message[:300]}")


def _silent(where: str) -> str:
    # One for both: over a link that is frozen, either our deadline or pymilvus' reconnecting ends first.
    return (
        f"{where} does not answer. Start it, correct MILVUS_URI, or wait where it is busy; "
        "nothing is lost, just try again."
    )


def _is_unauthenticated(exc: BaseException | None) -> bool:
    """Whether the token is behind it: pymilvus says of every failed connection that the server is away."""
    # It also raises errors from themselves, so the chain of causes may be a ring.
    seen: list[BaseException] = []
    while exc is not None and exc not in seen:
        seen.append(exc)
        code = getattr(exc, "code", None)
        if callable(code) and getattr(code(), "name", "") in {"UNAUTHENTICATED", "PERMISSION_DENIED"}:
            return True
        exc = exc.__cause__
    return False


def _error_text(exc: Exception) -> str:
    text = getattr(exc, "message", None)
    details = getattr(exc, "details", None)
    if not text and callable(details):
        text = f"{exc.code()} {details()}"  # type: ignore[attr-defined]
    return str(text or exc)


def _lite_error(path: Path) -> StoreError:
    if is_lite_held(path):
        return StoreLockedError(
            f"The Milvus Lite file {path} is held by another process, such as a running app. "
            "Close that one, or point MILVUS_URI at a Milvus server, which many processes can share."
        )
    return StoreUnavailableError(_unusable(path))


def _unusable(path: Path) -> str:
    return (
        f"The Milvus Lite file {path} can't be opened: it is damaged or not writable. "
        "Check its rights, restore a copy, or move it away to start with an empty one."
    )


def _no_folder(folder: Path, exc: OSError) -> str:
    return (
        f"The folder {folder} for Milvus Lite can't be made: {exc.strerror or exc}. "
        "Give write access to it, or set OVERLAP_DATA_DIR or MILVUS_URI to another place."
    )


def is_lite_held(path: Path) -> bool:
    """Whether a process has the Milvus Lite folder open."""
    try:
        with (path / "LOCK").open("r+b") as file:
            return _is_locked(file.fileno())
    except OSError:
        return False


def _is_locked(fd: int) -> bool:
    """Whether somebody has the lock that Milvus Lite takes on this file; if not, it is ours until closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # what flock says, and what Windows does
        return True
    return False


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
            raise StoreError(_no_folder(path.parent, exc)) from exc
        if not path.is_dir() or is_lite_held(path):
            return
        finish_drops(path)
        is_damaged = damaged_file(path) is not None
    except OSError as exc:
        raise StoreError(_unusable(path)) from exc
    if is_damaged:
        raise StoreError(_unusable(path))


def _spare_memory() -> None:
    # Arrow's own allocator takes memory in steps of 32 MB, and gives little of it back.
    import pyarrow

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())


def server_version(target: Target) -> str:
    """The server's version, such as "2.6.4" or "milvus_lite-3.2.2"."""
    client = connect(target)
    with store_errors(target):
        return str(client.get_server_version(timeout=CALL_TIMEOUT_S))


def is_index_lost(exc: Exception) -> bool:
    """Whether Milvus Lite did not find the index that it had just made, as it now and then does not."""
    return getattr(exc, "code", None) == INDEX_NOT_FOUND


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

"""What pymilvus and gRPC raise, as an error for people: what happened, and what to do."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from core.store.lite_recovery import is_lite_held

logger = logging.getLogger(__name__)

# How Milvus Lite and servers of several versions say that a collection was dropped.
_GONE = re.compile(r"collection '[^']*' does not exist|collection not found|can't find collection")
# How Milvus Lite says that it can't read one of its files.
_DAMAGED = re.compile(r"parquet|failed to read all data|pickled|no data left in file|not valid json|manifest")
# The code of Milvus Lite for an index that it did not find.
INDEX_NOT_FOUND = 700


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
        return StoreError(unusable_lite(Path(target.uri)))
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
    return StoreUnavailableError(unusable_lite(path))


def unusable_lite(path: Path) -> str:
    """That a Milvus Lite file is there and can't be opened."""
    return (
        f"The Milvus Lite file {path} can't be opened: it is damaged or not writable. "
        "Check its rights, restore a copy, or move it away to start with an empty one."
    )


def no_lite_folder(folder: Path, exc: OSError) -> str:
    """That the system refuses the folder that a Milvus Lite file is to be made in."""
    return (
        f"The folder {folder} for Milvus Lite can't be made: {exc.strerror or exc}. "
        "Give write access to it, or set OVERLAP_DATA_DIR or MILVUS_URI to another place."
    )


def is_index_lost(exc: Exception) -> bool:
    """Whether Milvus Lite did not find the index that it had just made, as it now and then does not."""
    return getattr(exc, "code", None) == INDEX_NOT_FOUND

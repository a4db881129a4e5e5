"""What pymilvus and gRPC raise is one sentence for people, whichever clock ends the call."""

from __future__ import annotations

from dataclasses import replace

import grpc
import pytest
from pymilvus.exceptions import MilvusException

from core.config.settings import Target
from core.errors import (
    KnowledgeBaseNotFoundError,
    StoreAuthError,
    StoreError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from core.store import (
    store_errors,
)


class Refused(grpc.RpcError):
    """What gRPC raises for a wrong token."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("cause", "error"), [(Refused(), StoreAuthError), (grpc.RpcError(), StoreUnavailableError)]
)
def test_failed_connection_is_told_apart_by_its_cause(cause: grpc.RpcError, error: type[StoreError]) -> None:
    from pymilvus import MilvusException

    with pytest.raises(error), store_errors(Target(uri="http://127.0.0.1:1")):
        raise MilvusException(message="Fail connecting to server, server unavailable") from cause


def test_error_that_is_its_own_cause_is_a_sentence() -> None:
    from pymilvus import MilvusException

    exc = MilvusException(message="Fail connecting to server, server unavailable")
    with pytest.raises(StoreUnavailableError), store_errors(Target(uri="http://127.0.0.1:1")):
        raise exc from exc


def test_milvus_that_is_silent_is_one_sentence_whichever_clock_ends_the_call() -> None:
    from pymilvus import MilvusException

    sentences = set()
    for cause in (
        MilvusException(message="Fail connecting to server on x, illegal connection params"),
        MilvusException(message="Deadline Exceeded"),
        TimeoutError(),
    ):
        with pytest.raises(StoreUnavailableError) as caught, store_errors(Target(uri="http://127.0.0.1:1")):
            raise cause
        sentences.add(str(caught.value))
    assert sentences == {
        "Milvus at http://127.0.0.1:1 does not answer. Start it, correct MILVUS_URI, or wait where it is "
        "busy; nothing is lost, just try again."
    }


LITE, SERVER = Target(uri="/data/overlap.db"), Target(uri="http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("target", "message", "error", "said"),
    [
        (SERVER, "permission deny", StoreAuthError, "refused the token. Correct MILVUS_TOKEN"),
        (LITE, "permission denied", StoreUnavailableError, "damaged or not writable"),
        (SERVER, "No space left on device", StoreError, "The disk of Milvus at http://127.0.0.1:1 is full"),
        (SERVER, "collection not found[collection=7]", KnowledgeBaseNotFoundError, "it was deleted"),
        (LITE, "Collection 'x' does not exist", KnowledgeBaseNotFoundError, "it was deleted"),
        (LITE, "Parquet magic bytes not found", StoreError, "damaged or not writable"),
        (SERVER, "Parquet magic bytes not found", StoreError, "refused the call: Parquet"),
        (SERVER, "wait for timeout", StoreTimeoutError, "does not answer"),
        (SERVER, f"odd {'x' * 999}", StoreError, f"refused the call: odd {'x' * 296}"),
    ],
)
def test_each_thing_that_is_in_the_way_has_its_sentence(
    target: Target, message: str, error: type[StoreError], said: str
) -> None:
    with pytest.raises(StoreError) as raised, store_errors(target):
        raise MilvusException(message=message)
    assert type(raised.value) is error
    assert said in str(raised.value)
    assert len(str(raised.value)) < 400


def test_visitor_of_a_shared_app_is_not_told_where_milvus_is() -> None:
    visited = replace(SERVER, owner="a" * 24)
    with pytest.raises(StoreAuthError) as raised, store_errors(visited):
        raise MilvusException(message="auth check failure")
    assert "127.0.0.1" not in str(raised.value) and "MILVUS_TOKEN" not in str(raised.value)
    with pytest.raises(KnowledgeBaseNotFoundError, match="it was deleted"), store_errors(visited):
        raise MilvusException(message="collection not found")


def test_what_is_no_error_of_milvus_passes_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), store_errors(SERVER):
        raise ZeroDivisionError
    own = StoreError("said already")
    with pytest.raises(StoreError) as raised, store_errors(SERVER):
        raise own
    assert raised.value is own

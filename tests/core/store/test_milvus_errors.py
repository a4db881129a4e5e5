"""What pymilvus and gRPC raise is one sentence for people, whichever clock ends the call."""

from __future__ import annotations

import grpc
import pytest

from core.config.settings import Target
from core.errors import (
    StoreAuthError,
    StoreError,
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

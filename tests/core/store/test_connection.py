"""Reaching Milvus: what is in the way is one sentence with what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from core.config.settings import Settings, Target
from core.embedding.model import Embedder
from core.errors import (
    StoreAuthError,
    StoreError,
    StoreLockedError,
    StoreUnavailableError,
)
from core.preflight import preflight
from core.store import (
    connect,
    server_version,
    store_errors,
)


def test_server_that_does_not_answer_gives_a_sentence(embedder: Embedder) -> None:
    target = Target.parse("http://127.0.0.1:1")
    with pytest.raises(StoreUnavailableError, match=r"http://127\.0\.0\.1:1 does not answer"):
        server_version(target)


def test_lite_file_held_by_another_process_gives_a_sentence(lite: Settings) -> None:
    hold = (
        "import sys; from pymilvus import MilvusClient; c = MilvusClient(sys.argv[1]);"
        "print('held', flush=True); sys.stdin.read()"
    )
    lite.data_dir.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-c", hold, lite.target.uri],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(StoreLockedError, match="held by another process"):
            connect(lite.target)
        # Which is no fault of the file's.
        milvus = next(check for check in preflight(lite) if check.name == "Milvus")
        assert milvus.ok is None and "in use by another process" in milvus.detail
        holder.communicate("")
    assert server_version(lite.target).startswith("milvus_lite")


def test_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = Settings.from_env({"OVERLAP_DATA_DIR": str(tmp_path / "file" / "data")})
    with pytest.raises(
        StoreError, match=r"The folder .*data for Milvus Lite can't be made: .*OVERLAP_DATA_DIR"
    ):
        connect(settings.target)


def test_damaged_lite_file_gives_a_sentence(lite: Settings) -> None:
    lite.data_dir.mkdir(parents=True)
    (lite.data_dir / "overlap.db").write_bytes(b"this is no database")
    with pytest.raises(StoreError, match="can't be opened"):
        connect(lite.target)


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

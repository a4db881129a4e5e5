"""Reaching Milvus: what is in the way is one sentence with what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.config.settings import Settings, Target
from core.embedding.model import Embedder
from core.errors import (
    StoreError,
    StoreLockedError,
    StoreUnavailableError,
)
from core.preflight import preflight
from core.store import (
    connect,
    server_version,
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

"""What a run that was killed has left is told from what belongs to one that goes on."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.bench.load.cleanup import OLD_AFTER, clear_folders, is_left, owner_mark
from core.runtime.process_identity import this_process
from tests.bench_runs import RUN_ID

NAME = "overlap_bench_20261122T154012Z_0a1b2c_add_10_1"


MADE_AT = datetime(2026, 11, 22, 15, 40, 12, tzinfo=UTC)


def _owner(**changes: Any) -> str:
    return json.dumps(json.loads(owner_mark()) | changes)


@pytest.mark.parametrize(
    ("owner", "age", "is_over"),
    [
        (_owner(), OLD_AFTER * 9, False),
        (_owner(pid=2**22 + 1), timedelta(seconds=1), True),
        (_owner(started_s=1.0, started_ticks=1), timedelta(seconds=1), True),
        (_owner(host="elsewhere", pid=1), OLD_AFTER - timedelta(hours=1), False),
        (_owner(host="elsewhere", pid=1), OLD_AFTER + timedelta(hours=1), True),
        (_owner(space="another container", pid=2**22 + 1), timedelta(hours=1), False),
        ("", timedelta(hours=1), False),
        ("[", OLD_AFTER + timedelta(hours=1), True),
        ("", -OLD_AFTER * 9, False),
    ],
    ids=[
        "this process",
        "ended",
        "its number again",
        "elsewhere",
        "elsewhere, old",
        "container",
        "unknown",
        "unreadable",
        "clock set back",
    ],
)
def test_collection_counts_as_left_when_its_process_is_gone_or_cannot_be_asked_and_it_is_old(
    owner: str, age: timedelta, is_over: bool
) -> None:
    assert is_left(NAME, owner, MADE_AT + age) is is_over


def test_collection_whose_name_has_no_time_and_whose_owner_is_unknown_stays() -> None:
    assert not is_left("overlap_bench_mine", "", MADE_AT + OLD_AFTER * 9)
    assert not is_left("overlap_bench_20269922T154012Z_x", "", MADE_AT + OLD_AFTER * 9)


def test_owner_is_this_process() -> None:
    assert json.loads(owner_mark()).items() >= this_process().items()


def test_what_a_dead_run_left_is_removed_and_others_stay(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    for name in (RUN_ID, "20261122T154013Z-0a1b2c", "20261122T154014Z-0a1b2c", "mine"):
        folder = tmp_path / f"{name}.db"
        folder.mkdir()
        (folder / "LOCK").touch()
        if "14Z" not in name:
            os.utime(folder, (0, 0))
    passages, document = (tmp_path / f"{RUN_ID}.{kind}" for kind in ("npz", "document"))
    for file in (passages, document):
        file.touch()
        os.utime(file, (0, 0))
    (tmp_path / "20261122T154014Z-0a1b2c.npz").touch()
    with (tmp_path / "20261122T154013Z-0a1b2c.db" / "LOCK").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert clear_folders(tmp_path) == [tmp_path / f"{RUN_ID}.db", document, passages]
    assert len(list(tmp_path.iterdir())) == 4

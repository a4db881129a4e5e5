"""core.bench.standby: a process that has its imports done carries out what it is told, or ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.bench.plan.plan import Plan
from core.bench.records.archive import load_run
from core.bench.standby import Standby
from core.bench.supervisor import RUN, TOKEN_VARIABLE, BenchProcess

pytestmark = pytest.mark.slow

WAIT_S = 60.0


@pytest.fixture
def standby() -> Iterator[Standby]:
    standby = Standby()
    yield standby
    standby.close()


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def _bench(tmp_path: Path, standby: Standby, **env: str) -> BenchProcess:
    out = tmp_path / "run.json"
    flags = ["bench", "--lanes", "sync,async", "--counts", "3", "--dim", "8", "--out", str(out), "--events"]
    return BenchProcess(
        [*RUN, *flags],
        env={**os.environ, "OVERLAP_DATA_DIR": str(tmp_path), **env},
        run_path=out,
        plan=Plan(counts=(3,), dim=8),
        standby=standby,
    )


def test_run_is_carried_out_by_the_process_that_waited(standby: Standby, tmp_path: Path) -> None:
    before = _children()
    standby.keep()
    (waited,) = _children() - before
    process = _bench(tmp_path, standby)
    assert _children() - before == {waited}
    assert process.wait(WAIT_S).state == "complete"
    assert load_run(tmp_path / "run.json").plan.counts == (3,)


def test_run_starts_a_process_of_its_own_where_none_waits(standby: Standby, tmp_path: Path) -> None:
    assert _bench(tmp_path, standby).wait(WAIT_S).state == "complete"


def test_run_starts_anew_where_the_one_that_waited_has_ended(standby: Standby, tmp_path: Path) -> None:
    before = _children()
    standby.keep()
    (waited,) = _children() - before
    psutil.Process(waited).kill()
    psutil.wait_procs([psutil.Process(waited)], timeout=WAIT_S)
    assert _bench(tmp_path, standby).wait(WAIT_S).state == "complete"


def test_waiting_process_is_kept_not_doubled(standby: Standby) -> None:
    before = _children()
    standby.keep()
    first = _children() - before
    standby.keep()
    assert _children() - before == first


def test_waiting_process_ends_when_nobody_asks_for_it_any_more() -> None:
    before = _children()
    standby = Standby(keep_s=0.0)
    standby.keep()
    until_s = time.monotonic() + WAIT_S
    while _children() - before:
        assert time.monotonic() < until_s
    assert standby.take(["doctor"], {}) is None


def test_waiting_process_has_no_secret_until_it_is_told(
    standby: Standby, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-app")
    before = _children()
    standby.keep()
    (waited,) = _children() - before
    assert "OPENAI_API_KEY" not in psutil.Process(waited).environ()
    # The token travels with the orders, and a wrong flag proves that they were read.
    process = _bench(tmp_path, standby, **{TOKEN_VARIABLE: "token"})
    assert process.wait(WAIT_S).state == "complete"

"""core.runtime.process_identity: a process that runs is told from one that has ended."""

from __future__ import annotations

import os
import sys

import pytest

from core.runtime.process_identity import is_alive, this_process

pytestmark = pytest.mark.portable

# As records of older versions name a process, and those made where a machine counts no ticks.
BY_THE_CLOCK = ("host", "pid", "started_s")


def test_this_process_runs_and_one_with_its_number_and_another_start_does_not() -> None:
    owner = this_process()
    assert is_alive(owner)
    by_the_clock = {name: owner[name] for name in BY_THE_CLOCK}
    assert is_alive(by_the_clock)
    assert not is_alive(by_the_clock | {"started_s": 1.0})
    assert not is_alive(by_the_clock | {"started_s": None})


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts ticks since it came up")
def test_process_runs_on_while_the_clock_is_set() -> None:
    owner = this_process()
    assert is_alive(owner | {"started_s": owner["started_s"] - 3600.0})
    assert not is_alive(owner | {"started_ticks": owner["started_ticks"] + 1})
    assert not is_alive(owner | {"boot": "an earlier one"})


def test_process_of_another_machine_counts_as_alive() -> None:
    assert is_alive({"host": "elsewhere", "pid": os.getpid(), "started_s": 1.0})
    assert not is_alive(None)

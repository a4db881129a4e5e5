"""core.runtime.process_identity: a process that runs is told from one that has ended."""

from __future__ import annotations

import os

import pytest

from core.runtime.process_identity import is_alive, this_process

pytestmark = pytest.mark.portable


def test_this_process_runs_and_one_with_its_number_and_another_start_does_not() -> None:
    assert is_alive(this_process())
    assert not is_alive(this_process() | {"started_s": 1.0})


def test_process_of_another_machine_counts_as_alive() -> None:
    assert is_alive({"host": "elsewhere", "pid": os.getpid(), "started_s": 1.0})
    assert not is_alive(None)

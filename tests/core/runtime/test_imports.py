"""What is imported to stay is out of the garbage collector's sight, once and without stopping it for good."""

from __future__ import annotations

import pytest

from tests.own_process import output_of

pytestmark = pytest.mark.slow


def test_objects_of_the_first_block_are_frozen_and_the_collector_goes_on() -> None:
    script = """
import gc
from core.runtime.imports import uncollected
found = []
try:
    with uncollected():
        found.append(gc.isenabled())
        raise ImportError
except ImportError:
    pass
found += [gc.isenabled(), gc.get_freeze_count() > 0]
frozen = gc.get_freeze_count()
more = []
with uncollected():
    found.append(gc.isenabled())
    more = [[] for _ in range(10_000)]
found.append(gc.get_freeze_count() <= frozen)
gc.unfreeze()
gc.disable()
print(*found)
"""
    assert output_of(script).split() == ["False", "True", "True", "True", "True"]

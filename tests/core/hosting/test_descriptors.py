"""File descriptors of this process: as many as it may have, and whether enough are left."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from core.hosting.descriptors import are_scarce, raise_limit

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it counts otherwise")


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """The limit of this process is afterwards what it was."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_limit_is_raised_to_what_is_wanted_and_never_lowered() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 8, hard))
    assert raise_limit(soft - 7) == soft - 7
    assert raise_limit(16) == soft - 7
    assert raise_limit(2**40) == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_those_that_are_open_are_not_left() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir("/dev/fd")) - 1  # noqa: PTH208
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 40, hard))
    assert not are_scarce(30)
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    try:
        assert are_scarce(30)
    finally:
        for each in opened:
            os.close(each)
    assert not are_scarce(30)

"""Libraries write no tracebacks of errors that people get as a sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from core.runtime.quiet import LOGGERS, quiet_libraries

pytestmark = pytest.mark.portable


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    """The loggers are afterwards as loud as they were."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_errors_of_libraries_are_silent_and_ours_are_not(caplog: pytest.LogCaptureFixture) -> None:
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    quiet_libraries()
    for name in (*LOGGERS, "pymilvus.decorators", "core.store"):
        logging.getLogger(name).error("a traceback of %s", name)
    assert caplog.messages == ["a traceback of core.store"]

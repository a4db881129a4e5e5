"""A collection that a restart has released is loaded once, and then read."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.exceptions import MilvusException

from core.store.query import awhen_loaded, when_loaded

pytestmark = pytest.mark.portable


class Released:
    """A Milvus whose collection can be read only after it was loaded."""

    def __init__(self, said: str, *, helps: bool = True) -> None:
        self.said, self.helps = said, helps
        self.loaded: list[str] = []

    def load_collection(self, name: str, **_: Any) -> None:
        self.loaded.append(name)

    def read(self) -> str:
        if not (self.loaded and self.helps):
            raise MilvusException(message=self.said)
        return "rows"

    async def aread(self) -> str:
        return self.read()


@pytest.mark.parametrize(
    "said",
    ["Collection kb is in state 'Released'", "collection not loaded[collection=1]", "kb has not been loaded"],
)
async def test_released_collection_is_loaded_and_read(said: str) -> None:
    milvus: Any = Released(said)
    assert when_loaded(milvus, "kb", milvus.read) == "rows"
    awaited: Any = Released(said)
    assert await awhen_loaded(awaited, "kb", awaited.aread) == "rows"
    assert milvus.loaded == awaited.loaded == ["kb"]


async def test_collection_that_can_be_read_is_not_loaded_again() -> None:
    milvus: Any = Released("")
    milvus.loaded.append("before")
    assert when_loaded(milvus, "kb", milvus.read) == "rows"
    assert await awhen_loaded(milvus, "kb", milvus.aread) == "rows"
    assert milvus.loaded == ["before"]


async def test_any_other_error_is_the_caller_s_and_loads_nothing() -> None:
    milvus: Any = Released("collection not found")
    with pytest.raises(MilvusException, match="not found"):
        when_loaded(milvus, "kb", milvus.read)
    with pytest.raises(MilvusException, match="not found"):
        await awhen_loaded(milvus, "kb", milvus.aread)
    assert milvus.loaded == []


def test_loading_is_tried_once() -> None:
    milvus: Any = Released("collection not loaded", helps=False)
    with pytest.raises(MilvusException):
        when_loaded(milvus, "kb", milvus.read)
    assert milvus.loaded == ["kb"]

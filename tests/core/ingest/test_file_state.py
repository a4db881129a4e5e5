"""A file on its way: where its bytes come from, and in which order its chunks go in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from llama_index.core.schema import TextNode

from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.errors import OverlapError
from core.ingest.file_state import FileState

pytestmark = pytest.mark.portable

FIRST, SECOND, THIRD = ([TextNode(id_=name)] for name in ("first", "second", "third"))


def on_its_way(read: Callable[[], bytes | NamedBytes] = lambda: b"") -> FileState:
    return FileState(incoming=IncomingFile(name="folder/a.txt", size_bytes=3, read=read))


def refused() -> bytes:
    raise PermissionError(13, "Permission denied")


def ids(batches: list[list[TextNode]]) -> list[list[str]]:
    return [[node.node_id for node in batch] for batch in batches]


def test_bytes_may_bring_the_name_and_tell_the_size() -> None:
    file = on_its_way(lambda: NamedBytes(name="web/page.html", data=b"12345"))
    assert (file.name, file.size_bytes) == ("a.txt", 3)
    assert file.read() == b"12345"
    assert (file.name, file.size_bytes) == ("page.html", 5)


def test_bytes_that_the_system_refuses_are_a_sentence() -> None:
    with pytest.raises(OverlapError, match=r"^a\.txt can't be read: Permission denied\.$"):
        on_its_way(refused).read()


def test_bytes_are_let_go_once_the_file_is_in() -> None:
    file = on_its_way(lambda: b"text")
    file.let_go()
    with pytest.raises(OverlapError, match="its bytes are not kept"):
        file.read()


def test_beginning_goes_in_first_whichever_chunks_are_embedded_first() -> None:
    file = on_its_way()
    assert list(file.in_turn(SECOND, is_beginning=False)) == []
    assert ids(list(file.in_turn(FIRST, is_beginning=True))) == [["first", "second"]]
    assert ids(list(file.in_turn(THIRD, is_beginning=False))) == [["third"]]


def test_beginning_goes_in_last_where_the_document_is_read_anew() -> None:
    file = on_its_way()
    file.is_read_anew, file.num_chunks = True, 2
    assert list(file.in_turn(FIRST, is_beginning=True)) == []
    going_in = file.in_turn(SECOND, is_beginning=False)
    assert ids([next(going_in)]) == [["second"]]
    file.chunks_done = 1  # it is in, and only then the next is asked for
    assert ids(list(going_in)) == [["first"]]

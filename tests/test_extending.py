"""The examples of docs/extending.md: the reader reads, and the lines stand where the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.documents.blocks import ReadResult
from core.errors import CorruptFileError
from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable

PAGE = (REPOSITORY / "docs/extending.md").read_text(encoding="utf-8")
READER, ITS_TESTS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
LINES = re.findall(r"^\| `(\S+\.py)` \| `(.+?)` \|", PAGE, re.MULTILINE)


def read_ics(file: str, data: bytes) -> ReadResult:
    names: dict[str, object] = {}
    exec(compile(READER, "ics.py", "exec", dont_inherit=True), names)
    reader = names["read_ics"]
    assert callable(reader)
    result = reader(file, data)
    assert isinstance(result, ReadResult)
    return result


def test_reader_of_the_example_reads_what_its_test_says() -> None:
    sample = re.search(r'CALENDAR = b"""(.*?)"""', ITS_TESTS, re.DOTALL)
    wanted = re.search(r'page\.text == "(.*)"', ITS_TESTS)
    assert sample is not None and wanted is not None
    assert read_ics("harbour.ics", sample[1].encode()).pages[0].text == wanted[1]


def test_reader_of_the_example_refuses_what_is_no_calendar_with_what_to_do() -> None:
    with pytest.raises(CorruptFileError, match=r"harbour\.ics is no calendar\. Export it again"):
        read_ics("harbour.ics", b"Nothing of the kind.")


@pytest.mark.parametrize(("file", "line"), LINES)
def test_line_that_is_read_along_stands_where_the_page_says(file: str, line: str) -> None:
    assert line.replace("\\|", "|") in (REPOSITORY / Path(file)).read_text(encoding="utf-8")


def test_every_line_of_the_table_is_looked_at() -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith("| `")]
    assert len(LINES) == len(rows) == 10

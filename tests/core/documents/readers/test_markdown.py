"""Markdown and plain text: as they are, and where the blocks are."""

from __future__ import annotations

import pytest

from core.documents.models import BlockKind
from core.documents.readers.reader import read_document
from tests.documents import kinds, text_of

pytestmark = pytest.mark.portable

MARKDOWN = """---
title: Fans
---
# Fans

They have 14 blades.
A second line.

- one
- two
  goes on

| Name | Blades |
|------|--------|
| A    | 14     |

```python
# no heading
```

Below
-----
"""


def test_markdown_stays_as_it_is_and_its_blocks_are_known() -> None:
    page = read_document("a.md", MARKDOWN.encode()).pages[0]
    assert page.text == MARKDOWN
    assert kinds(page) == [
        BlockKind.FORM_FIELD,
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.LIST_ITEM,
        BlockKind.TABLE,
        BlockKind.CODE,
        BlockKind.HEADING,
    ]
    table = page.blocks[5]
    assert table.header == "| Name | Blades |"
    assert page.text[table.start : table.end].endswith("| A    | 14     |")
    assert page.blocks[-1].level == 2


def test_lines_of_white_space_and_bars_are_looked_at_once() -> None:
    # With what takes longer with the square of its length, this runs into the limit of pytest-timeout.
    line = " " * 50_000 + "x"
    assert text_of("a.md", "\n".join(["a | b", line] * 20).encode()).count("x") == 20


def test_blocks_of_markdown_hold_all_of_it() -> None:
    page = read_document("a.md", MARKDOWN.encode()).pages[0]
    held = "\n".join(page.text[block.start : block.end] for block in page.blocks)
    assert held.split() == MARKDOWN.split()


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.markdown", "A.TXT"])
def test_text_is_kept_as_it_is(name: str) -> None:
    assert text_of(name, b"# Title\r\n\r\n  two  spaces\r\rend\t\n") == "# Title\n\n  two  spaces\n\nend\t\n"

"""Tables of HTML pages: those that hold data, with merged cells in all their rows."""

from __future__ import annotations

from core.documents.blocks import Block, BlockKind
from core.documents.readers.html_tree import Node
from core.documents.readers.tables import ACROSS, table_blocks

MAX_SPAN = 1000
# Cells that a table may have with those which merged ones cover; beyond, merged cells count once.
MAX_CELLS = 500_000
# A table without a header that is no longer and has longer cells lays out the page.
MAX_LAYOUT_ROWS = 3
LAYOUT_CHARS = 400
# What no cell of data holds.
_FLOWING = frozenset([
    "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "nav", "form", "pre", "select", "textarea",
    "button",
])  # fmt: skip
_FIELDS = frozenset(
    {"text", "password", "submit", "button", "email", "search", "image", "file", "reset", "tel"}
)


def is_data_table(table: Node) -> bool:
    """Whether a table holds data, and is not there to lay out the page."""
    if table.attributes.get("role") in {"presentation", "none"}:
        return False
    has_header, num_rows, widest = False, 0, 0
    for node in table.iter():
        if node.tag == "table" and node is not table:
            return False
        if node.tag in _FLOWING or (
            node.tag == "input" and node.attributes.get("type", "text").lower() in _FIELDS
        ):
            return False
        has_header = has_header or node.tag == "th"
        if node.tag == "tr":
            num_rows += 1
            cells = sum(not isinstance(child, str) and child.tag in {"td", "th"} for child in node.children)
            widest = max(widest, cells)
    if widest < 2:
        return False
    return has_header or num_rows > MAX_LAYOUT_ROWS or _longest_cell(table) <= LAYOUT_CHARS


def _longest_cell(table: Node) -> int:
    return max((len(node.text()) for node in table.iter() if node.tag in {"td", "th"}), default=0)


class Grid:
    """A table on its way into rows of texts."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.caption = ""
        self._rows: list[list[str]] = []
        self._are_headers: list[bool] = []
        # Column to the rows that are left of a cell which reaches down, and its text.
        self._open: dict[int, tuple[int, str]] = {}
        self._cell: Node | None = None
        self._num_cells = 0
        self._num_head_rows = sum(
            not isinstance(row, str) and row.tag == "tr"
            for part in node.children
            if not isinstance(part, str) and part.tag == "thead"
            for row in part.children
        )

    def start_row(self, node: Node) -> None:
        """A new row begins."""
        self._end_row()
        self._rows.append([])
        self._are_headers.append(True)

    def start_cell(self, node: Node) -> None:
        """A cell begins, whose text is still to come."""
        if not self._rows:
            self.start_row(node)
        self._cell = node

    def end_cell(self, text: str) -> None:
        """A cell ends, with its text."""
        if self._cell is None:
            return
        across = _span(self._cell, "colspan")
        down = _span(self._cell, "rowspan")
        self._are_headers[-1] = self._are_headers[-1] and self._cell.tag == "th"
        self._cell = None
        row = self._rows[-1]
        self._skip_open(row)
        if self._num_cells + across * down > MAX_CELLS:
            across = down = 1
        self._num_cells += across * down
        for at in range(across):
            part = text if at == 0 else ACROSS
            if down > 1:
                self._open[len(row)] = (down, part)
            row.append(part)

    def _skip_open(self, row: list[str]) -> None:
        while len(row) in self._open and (len(self._rows) == 1 or self._open[len(row)][0] > 0):
            row.append(self._open[len(row)][1])

    def _end_row(self) -> None:
        if not self._rows:
            return
        row = self._rows[-1]
        if self._open:
            for column in sorted(self._open):
                if column >= len(row):
                    row.extend([""] * (column - len(row)))
                    row.append(self._open[column][1])
            self._open = {column: (left - 1, text) for column, (left, text) in self._open.items() if left > 1}

    def blocks(self) -> list[Block]:
        """The table and its caption."""
        self._end_row()
        num_header = next((at for at, is_header in enumerate(self._are_headers) if not is_header), 0)
        if not num_header and 0 < self._num_head_rows < len(self._rows):
            num_header = self._num_head_rows
        caption = [Block(BlockKind.CAPTION, self.caption)] if self.caption else []
        return caption + table_blocks(self._rows, num_header_rows=num_header)


def _span(node: Node, name: str) -> int:
    text = node.attributes.get(name, "1").strip()
    return max(1, min(MAX_SPAN, int(text))) if text.isdecimal() and len(text) < 9 else 1

"""Tables as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

# A spreadsheet takes a cell that starts so as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None, *, decimal_comma: bool = False
) -> str:
    """`rows` with a line of column names, in the order of `columns` or else of the first row.

    Args:
        rows: Values by column; each row has all columns.
        columns: Which, and in which order; None takes those of the first row.
        decimal_comma: Numbers as 0,5 and cells parted by semicolons, as spreadsheets of many languages want
            it.
    """
    out = io.StringIO()
    names = columns if columns is not None else list(rows[0]) if rows else []
    writer = csv.writer(out, lineterminator="\r\n", delimiter=";" if decimal_comma else ",")
    writer.writerow(names)
    writer.writerows([_cell(row[name], decimal_comma) for name in names] for row in rows)
    return out.getvalue()


def _cell(value: Any, decimal_comma: bool) -> Any:
    if decimal_comma and isinstance(value, float):
        return str(value).replace(".", ",")
    if isinstance(value, str) and (value.startswith(_FORMULA_STARTS) or value.lstrip(" ")[:1] == "="):
        return f"'{value}"
    return "" if value is None else value

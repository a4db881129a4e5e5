"""Excel workbooks of the older and the binary kind: .xls and .xlsb."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.tables import ROWS_FROM_1, Hints, char_limit, sheet_blocks
from core.errors import CorruptFileError, DocumentError, EncryptedFileError

_PANICS_IN = "pyo3_runtime"


def read_old_excel(file: str, data: bytes) -> ReadResult:
    """One page per sheet. Raises: CorruptFileError, EncryptedFileError, FileTooLargeError."""
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(BytesIO(data))
        count = char_limit(file)
        pages: list[Page] = []
        for number, about in enumerate(book.sheets_metadata, 1):
            is_hidden = about.visible != calamine.SheetVisibleEnum.Visible
            title = f"{about.name} (hidden)" if is_hidden else about.name
            rows = _rows(book.get_sheet_by_name(about.name)) if _is_table(about, calamine) else iter(())
            blocks = list(sheet_blocks(rows, hints=Hints(row_numbers=ROWS_FROM_1), count_chars=count))
            if blocks:
                blocks.insert(0, Block(BlockKind.HEADING, title, level=1))
            pages.append(page_of(number, blocks, label=f"sheet {about.name}"))
    except calamine.PasswordError as exc:
        raise EncryptedFileError(
            f"{file} is protected by a password. Save a copy without one and upload that."
        ) from exc
    except (DocumentError, MemoryError):
        raise
    # Broad on purpose: a panic of the library's Rust code is no Exception.
    except BaseException as exc:
        if not isinstance(exc, Exception) and type(exc).__module__ != _PANICS_IN:
            raise
        raise CorruptFileError(
            f"{file} is damaged and can't be read as an Excel workbook. Save it as .xlsx and upload that."
        ) from exc
    return ReadResult(tuple(pages))


def _is_table(about: Any, calamine: Any) -> bool:
    return bool(about.typ == calamine.SheetTypeEnum.WorkSheet)


def _rows(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [_shown(value) for value in row]


def _shown(value: object) -> str:
    """A value as a person would write it; the file's own formats are not known."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return " ".join(str(value).split())

"""CSV and TSV files."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.readers.encoding import decode_text
from core.documents.readers.limits import char_limit
from core.documents.readers.tables import ROWS_FROM_1, Hints, sheet_blocks
from core.errors import CorruptFileError

# A comma last: it also stands in numbers and sentences, and so loses a tie.
_DELIMITERS = "\t;|,"
_SAMPLE_CHARS = 64 * 1024
_SAMPLE_ROWS = 50
# How Excel is told the delimiter, in a first line.
_SEPARATOR = "sep="


def read_csv(file: str, data: bytes) -> ReadResult:
    """One line per row, each with its columns' names where those are certain.

    Rows are numbered as a program for spreadsheets shows them: a row with line breaks in it is one, an empty
    one and a comment count too, and the line that tells the delimiter does not.

    Raises:
        UnsupportedFileError: When it is not text.
        CorruptFileError: When the csv module gives a row up.
        FileTooLargeError: When its lines have more than `MAX_TEXT_CHARS` characters together.
    """
    text = decode_text(file, data)
    # The limit is the process's own and 128 KiB by default; a cell with a whole article is over it.
    csv.field_size_limit(2**31 - 1)
    delimiter, start = _told_delimiter(text)
    comments, start = _comments(text, start, delimiter)
    num_comments = len(comments)
    delimiter = delimiter or _find_delimiter(text[start : start + _SAMPLE_CHARS])
    try:
        rows = csv.reader(_lines(text, start), delimiter=delimiter)
        tidy = ([" ".join(cell.split()) for cell in row] for row in rows)
        hints = Hints(row_numbers=ROWS_FROM_1[num_comments:])
        tables = list(sheet_blocks(tidy, hints=hints, count_chars=char_limit(file)))
    except csv.Error as exc:
        raise CorruptFileError(
            f"{file} is not valid CSV ({exc}). Save it as CSV again and upload that."
        ) from exc
    before = Block(BlockKind.PARAGRAPH, "\n".join(comments), rows=((0, 1),))
    return ReadResult((page_of(None, [before, *tables]),))


def _told_delimiter(text: str) -> tuple[str, int]:
    """The delimiter that a first line tells, "" where none does, and where the rest begins."""
    first, end, _ = text[:16].partition("\n")
    if end and first.lower().startswith(_SEPARATOR) and len(first) == len(_SEPARATOR) + 1:
        return first[-1], len(first) + 1
    return "", 0


def _comments(text: str, start: int, delimiter: str) -> tuple[list[str], int]:
    """The comment lines at the beginning, without their mark, and where the rest begins."""
    comments: list[str] = []
    at = start
    for line in _lines(text, start):
        if not _is_comment(line, text[at + len(line) : at + len(line) + _SAMPLE_CHARS], delimiter):
            break
        comments.append(line.lstrip("#").strip())
        at += len(line)
    return comments, at


def _is_comment(line: str, rest: str, delimiter: str) -> bool:
    """Whether a line that begins with a # is no header: "#,Name" and "#chrom\tstart" may be."""
    if not line.startswith("#"):
        return False
    if line.startswith(("# ", "##", "#\t")) or not line[1:].strip():
        return True
    following = next((other for other in _lines(rest, 0) if not other.startswith("#")), "")
    delimiters = delimiter or _DELIMITERS
    return not any(line.count(each) == following.count(each) > 0 for each in delimiters)


def _lines(text: str, start: int) -> Iterator[str]:
    """Lines with their ends. A StringIO would hold all of it a second time, at four bytes a character."""
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _find_delimiter(sample: str) -> str:
    """The delimiter that cuts the most rows into the same number of cells, a comma if none does.

    The standard library's sniffer guesses letters and fails on quoted line breaks.
    """

    def score(delimiter: str) -> float:
        rows = (row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row)
        widths = Counter(len(row) for row in islice(rows, _SAMPLE_ROWS))
        if not widths:
            return 0.0
        width, num_rows = widths.most_common(1)[0]
        return num_rows / widths.total() if width > 1 else 0.0

    best = max(_DELIMITERS, key=score)
    return best if score(best) > 0 else ","

"""Questions whose answers are known, and the files that hold them."""

from __future__ import annotations

import codecs
import csv
import io
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal, get_args

from core.errors import EvaluationError
from core.evaluation.samples import questions_file, sample_files
from core.runtime.words import counted

Kind = Literal["easy", "paraphrased", "multi-chunk", "not-answerable"]
KINDS: tuple[str, ...] = get_args(Kind)
MOST_QUESTIONS = 5000
COLUMNS = frozenset({"question", "file", "contains"})
_SEPARATORS = (",", ";", "\t", "|")
_TOO_MANY = "cells beyond the last column"
# How a cell says that no document answers the question.
_NOTHING = {"none", "null"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question with its known answer.

    Attributes:
        file: The name of the document that answers it; None when no document does.
        contains: Pieces of that document's text, word for word; empty when no document answers it.
    """

    text: str
    file: str | None
    contains: tuple[str, ...]
    kind: str

    @property
    def is_answerable(self) -> bool:
        """Whether a document answers it; where none does, finding nothing is right."""
        return bool(self.contains)


def sample_questions(files: Iterable[str], *, are_in_english: bool = True) -> tuple[Question, ...]:
    """The questions about the sample documents.

    Args:
        files: The documents of the knowledge base.
        are_in_english: As the documents are; otherwise in German, Spanish and Chinese, to see what a model
            finds across languages.

    Raises:
        EvaluationError: When samples are missing among the files: the questions whose answers they hold would
            count as not found.
    """
    missing = {path.name for path in sample_files()} - set(files)
    if missing:
        raise EvaluationError(
            f"The sample questions need all sample documents; {len(missing)} of them, such as "
            f"{min(missing)}, are not in this knowledge base. Load them on the Ask page, or with "
            "--load-samples on the command line; or use your own questions."
        )
    return parse_questions(questions_file(are_in_english=are_in_english).read_text(encoding="utf-8"))


def missing_files(questions: Iterable[Question], files: Iterable[str]) -> str:
    """That questions name files which are not among `files`, in a sentence; "" where they do not."""
    missing = sorted({each.file for each in questions if each.file} - set(files))
    if not missing:
        return ""
    one = len(missing) == 1
    such = missing[0] if one else f"such as {missing[0]}"
    return (
        f"{counted(len(missing), 'file')} named by the questions, {such}, {'is' if one else 'are'} not in "
        "this knowledge base: those questions can't be found."
    )


def questions_of_file(name: str, data: bytes) -> tuple[Question, ...]:
    """The questions of a file as `parse_questions` reads them; its name and its text tell which kind it is.

    Raises:
        EvaluationError: When it is no text, or naming the first bad line.
    """
    try:
        is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = data.decode("utf-16" if is_utf16 else "utf-8")
    except UnicodeDecodeError as exc:
        raise EvaluationError(
            f"The question file {name} can't be read as UTF-8 text. Save it as UTF-8; in Excel as the file "
            'type "CSV UTF-8".'
        ) from exc
    suffix = PurePath(name).suffix.lower()
    begins_as_json = text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    return parse_questions(
        text, is_csv=suffix in {".csv", ".tsv"} or (suffix not in {".json", ".jsonl"} and not begins_as_json)
    )


def parse_questions(text: str, *, is_csv: bool = False) -> tuple[Question, ...]:
    """The questions of a file: JSON lines, or a table with the columns question, file, contains and kind.

    JSON may be one list too. Cells are parted by commas, semicolons or tabs, as spreadsheets save them; names
    of columns in any case. `kind` may be missing.

    Raises:
        EvaluationError: Which names the first bad line.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    rows = _csv_rows(text) if is_csv else _json_rows(text)
    questions = tuple(_question(_named(row), where) for where, row in rows)
    if not questions:
        raise EvaluationError(
            f"The question file holds no questions. Write one {'' if is_csv else 'JSON object '}on each line."
        )
    if len(questions) > MOST_QUESTIONS:
        raise EvaluationError(
            f"The file holds {len(questions):,} questions; {MOST_QUESTIONS:,} are the most. Split it."
        )
    return questions


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {_folded(name): value for name, value in row.items()}


def _folded(name: str) -> str:
    return name.strip().casefold()


def _json_rows(text: str) -> list[tuple[str, dict[str, Any]]]:
    if text.lstrip().startswith("["):
        return _json_list(text)
    return [
        (f"line {number}", _json_object(line, f"line {number}"))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]


def _json_object(text: str, where: str) -> dict[str, Any]:
    try:
        return _object(json.loads(text), where)
    except (ValueError, RecursionError) as exc:
        raise EvaluationError(f"{_first(where)} is not valid JSON. Correct it.") from exc


def _json_list(text: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as exc:
        raise EvaluationError(f"Line {exc.lineno} is not valid JSON. Correct it.") from exc
    except (ValueError, RecursionError) as exc:
        raise EvaluationError("The list of questions is not valid JSON. Correct it.") from exc
    places = (f"question {number}" for number in range(1, len(values) + 1))
    return [(where, _object(value, where)) for where, value in zip(places, values, strict=True)]


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EvaluationError(f"{_first(where)} is not a JSON object in braces. Correct it.")
    return value


def _first(where: str) -> str:
    return f"{where[:1].upper()}{where[1:]}"


def _csv_rows(text: str) -> list[tuple[str, dict[str, Any]]]:
    lines = text.split("\n")
    # Excel takes the first line of a file for the sign that parts its cells where it says so.
    start = 1 if lines[0].lower().startswith("sep=") else 0
    titles = lines[start] if start < len(lines) else ""
    sign = max(_SEPARATORS, key=lambda each: len(COLUMNS & {_title(cell) for cell in titles.split(each)}))
    reader = csv.DictReader(
        io.StringIO("\n".join(lines[start:])), delimiter=sign, restkey=_TOO_MANY, skipinitialspace=True
    )
    try:
        missing = COLUMNS - {_title(name) for name in reader.fieldnames or ()}
        if missing:
            raise EvaluationError(
                f'Line {start + 1} lacks the column "{min(missing)}". The first line names the columns: '
                "question, file, contains and, if you like, kind."
            )
        rows = []
        for row in reader:
            where = f"line {reader.line_num + start}"
            rows.append((where, _cells(row, where)))
        # Spreadsheets leave empty ones at the end.
        return [(where, cells) for where, cells in rows if any(cells.values())]
    except csv.Error as exc:
        where = f"Line {reader.line_num + start}"
        raise EvaluationError(f"{where} is not valid CSV: {exc}. Correct it.") from exc


def _title(cell: str) -> str:
    return _folded(cell.strip().strip('"'))


def _cells(row: dict[str, Any], where: str) -> dict[str, Any]:
    """The cells of a line; empty ones as None.

    Raises:
        EvaluationError: When there are more than columns: a text was cut at its comma then.
    """
    if any(row.pop(_TOO_MANY, ())):
        raise EvaluationError(
            f"{_first(where)} has more cells than there are columns. Put quotes around its texts."
        )
    cells = {name: (value or "").strip() or None for name, value in row.items()}
    named = {_folded(name): str(value).casefold() for name, value in cells.items()}
    if named["file"] in _NOTHING and named["contains"] in _NOTHING:
        return {
            name: None if _folded(name) in {"file", "contains"} else value for name, value in cells.items()
        }
    return cells


def _question(row: dict[str, Any], where: str) -> Question:
    text, file, contains = row.get("question"), row.get("file"), row.get("contains")
    if not isinstance(text, str) or not text.strip():
        raise EvaluationError(f'{_first(where)} has no "question" text. Add it.')
    pieces = [contains] if isinstance(contains, str) else contains
    pieces = [] if pieces is None else pieces
    if not isinstance(pieces, list) or not all(isinstance(each, str) and each.strip() for each in pieces):
        raise EvaluationError(f'"contains" in {where} is neither a text nor a list of texts. Correct it.')
    if file is not None and not isinstance(file, str):
        raise EvaluationError(f'"file" in {where} is not a file name. Correct it.')
    if file and not pieces:
        raise EvaluationError(
            f'{_first(where)} names a file but no "contains" text. Add it, or set both to null.'
        )
    usual = "not-answerable" if not pieces else "multi-chunk" if len(pieces) > 1 else "easy"
    kind = str(row.get("kind") or usual).strip().lower()
    if kind not in KINDS or (kind == "not-answerable") != (not pieces):
        raise EvaluationError(f'"kind" in {where} does not fit; use {", ".join(KINDS)}.')
    return Question(
        text=text.strip(),
        file=unicodedata.normalize("NFC", file.strip()) if file and file.strip() else None,
        contains=tuple(pieces),
        kind=kind,
    )

"""Questions whose answers are known, and the files that hold them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.errors import EvaluationError
from core.evaluation.samples import questions_file, sample_files

Kind = Literal["easy", "paraphrased", "multi-chunk", "not-answerable"]
KINDS: tuple[str, ...] = get_args(Kind)
MOST_QUESTIONS = 5000
HOW_TO_LOAD_SAMPLES = "add --load-samples on the command line to put them in"


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
            f"{min(missing)}, are not in this knowledge base. Load them on the Ask page, or "
            f"{HOW_TO_LOAD_SAMPLES}; or use your own questions."
        )
    return parse_questions(questions_file(are_in_english=are_in_english).read_text(encoding="utf-8"))


def parse_questions(text: str, *, is_csv: bool = False) -> tuple[Question, ...]:
    """The questions of a file: JSON lines, or CSV with the columns question, file, contains and kind.

    `kind` may be missing.

    Raises:
        EvaluationError: Which names the first bad line.
    """
    text = text.removeprefix("\ufeff")
    rows = _csv_rows(text) if is_csv else _json_rows(text)
    questions = tuple(_question(row, line) for line, row in rows)
    if not questions:
        raise EvaluationError("The question file holds no questions. Write one JSON object on each line.")
    if len(questions) > MOST_QUESTIONS:
        raise EvaluationError(
            f"The file holds {len(questions):,} questions; {MOST_QUESTIONS:,} are the most. Split it."
        )
    return questions


def _json_rows(text: str) -> list[tuple[int, dict[str, Any]]]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as exc:
            raise EvaluationError(f"Line {number} is not valid JSON. Correct it.") from exc
        if not isinstance(row, dict):
            raise EvaluationError(f"Line {number} is not a JSON object in braces. Correct it.")
        rows.append((number, row))
    return rows


def _csv_rows(text: str) -> list[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    try:
        missing = {"question", "file", "contains"} - set(reader.fieldnames or ())
        if missing:
            raise EvaluationError(f"Line 1 lacks the column {min(missing)}. Add it.")
        return [(reader.line_num, {key: value or None for key, value in row.items()}) for row in reader]
    except csv.Error as exc:
        raise EvaluationError(f"Line {reader.line_num} is not valid CSV: {exc}. Correct it.") from exc


def _question(row: dict[str, Any], line: int) -> Question:
    text, file, contains = row.get("question"), row.get("file"), row.get("contains")
    if not isinstance(text, str) or not text.strip():
        raise EvaluationError(f'Line {line} has no "question" text. Add it.')
    pieces = [contains] if isinstance(contains, str) else contains
    pieces = [] if pieces is None else pieces
    if not isinstance(pieces, list) or not all(isinstance(each, str) and each.strip() for each in pieces):
        raise EvaluationError(f'"contains" in line {line} is neither a text nor a list of texts. Correct it.')
    if file is not None and not isinstance(file, str):
        raise EvaluationError(f'"file" in line {line} is not a file name. Correct it.')
    if file and not pieces:
        raise EvaluationError(
            f'Line {line} names a file but no "contains" text. Add it, or set both to null.'
        )
    usual = "not-answerable" if not pieces else "multi-chunk" if len(pieces) > 1 else "easy"
    kind = row.get("kind") or usual
    if kind not in KINDS or (kind == "not-answerable") != (not pieces):
        raise EvaluationError(f'"kind" in line {line} does not fit; use {", ".join(KINDS)}.')
    return Question(text=text.strip(), file=file or None, contains=tuple(pieces), kind=kind)

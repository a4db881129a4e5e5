"""Files of questions as people and their spreadsheets write them."""

from __future__ import annotations

import unicodedata

import pytest

from core.errors import EvaluationError
from core.evaluation.questions import missing_files, questions_of_file

pytestmark = pytest.mark.portable

NAME = "Übersicht.pdf"
TABLE = f"question,file,contains\nHow high?,{NAME},37 metres\nWho won?,,\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("q.csv", TABLE.encode()),
        ("q.csv", TABLE.encode("utf-8-sig")),
        ("q.csv", TABLE.replace("\n", "\r\n").encode()),
        ("q.csv", TABLE.replace("\n", "\r").encode()),
        ("q.csv", TABLE.replace(",", ";").encode("utf-8-sig")),
        ("q.csv", f"sep=;\n{TABLE.replace(',', ';')}".encode()),
        ("q.tsv", TABLE.replace(",", "\t").encode()),
        ("q.txt", TABLE.replace(",", "\t").encode("utf-16")),
        ("q.csv", TABLE.replace("question,file,contains", " Question , FILE, Contains").encode()),
        ("q.csv", TABLE.replace("question,file,contains", '"Question","File","Contains"').encode()),
        ("q.csv", b'"question";"file";"contains"\n' + TABLE.partition("\n")[2].replace(",", ";").encode()),
        ("q.csv", TABLE.replace(",", ", ").encode()),
        ("q.csv", unicodedata.normalize("NFD", TABLE).encode()),
        ("q.csv", f"{TABLE},,\n,,,,\n".encode()),
        ("q.csv", TABLE.replace("Who won?,,", "Who won?,null,null").encode()),
        ("q", TABLE.encode()),
        ("q.json", f'[{{"Question": "How high?", "file": "{NAME}", "contains": "37 metres"}},\n'
                   '{"question": "Who won?", "file": null, "contains": null}]'.encode()),
    ],
)  # fmt: skip
def test_questions_are_read_as_a_person_expects(name: str, data: bytes) -> None:
    first, second = questions_of_file(name, data)
    assert (first.text, first.file, first.contains, first.kind) == ("How high?", NAME, ("37 metres",), "easy")
    assert (second.text, second.file, second.contains) == ("Who won?", None, ())


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("q.csv", TABLE.encode("cp1252"), 'in Excel as the file type "CSV UTF-8"'),
        ("q.xlsx", b"PK\x03\x04\xff\xfe\x00", 'in Excel as the file type "CSV UTF-8"'),
        ("q.csv", f"{TABLE}How high, in metres?,{NAME},37 metres\n".encode(), "^Line 4 has more cells"),
        ("q.csv", b"sep=;\nquestion;file\na;b\n", '^Line 2 lacks the column "contains"'),
        ("q.csv", b"", '^Line 1 lacks the column "contains"'),
        ("q.csv", b"question,file,contains\n", "holds no questions"),
        ("q.json", b'[{"question": "Why?"}, 3]', "^Question 2 is not a JSON object"),
        ("q.json", b'[{"question": "Why?"},\n{"file": "a.txt"}]', '^Question 2 has no "question" text'),
        ("q.json", b'[{"question": "Why?"},\n', "^Line 2 is not valid JSON"),
    ],
)
def test_file_that_can_not_be_used_is_refused_in_a_sentence(name: str, data: bytes, says: str) -> None:
    with pytest.raises(EvaluationError, match=says):
        questions_of_file(name, data)


def test_files_that_are_not_there_are_named() -> None:
    questions = questions_of_file("q.csv", TABLE.encode())
    assert missing_files(questions, [NAME]) == ""
    said = missing_files(questions, ["other.pdf"])
    assert said.startswith(f"1 file named by the questions, {NAME}, is not in this knowledge base")

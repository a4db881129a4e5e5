"""The command `evaluate`: its figures in words, and what it refuses before it looks for anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.cli.evaluate import print_result
from core.cli.exit_codes import EXIT_FAILED, EXIT_USAGE
from core.cli.main import main
from tests.evaluations import hits

pytestmark = pytest.mark.portable


def test_every_figure_stands_with_its_count_and_its_interval(capsys: pytest.CaptureFixture[str]) -> None:
    print_result(hits(1, 2, None, 4))
    assert capsys.readouterr().out.splitlines() == [
        "hit rate@1: 0.25, 1 of 4 (95 % interval 0.05 to 0.70)",
        "hit rate@3: 0.50, 2 of 4 (95 % interval 0.15 to 0.85)",
        "hit rate@5: 0.75, 3 of 4 (95 % interval 0.30 to 0.95)",
        "MRR: 0.44",
        "not answerable ones rejected: no such question",
        "answerable ones wrongly rejected: 0.00, 0 of 4 (95 % interval 0.00 to 0.49)",
    ]


def test_languages_are_told_apart_where_there_are_several(capsys: pytest.CaptureFixture[str]) -> None:
    german, unclear = hits(1, 1, language="de"), hits(None)
    print_result(replace(german, outcomes=german.outcomes + unclear.outcomes))
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last[0].startswith("German, 2 questions: hit rate@1 1.00, 2 of 2")
    assert last[1].startswith("language not clear, 1 question: hit rate@1 0.00, 0 of 1")


def test_no_question_at_all_is_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    print_result(hits())
    assert "MRR: -" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("flag", ["--other-languages", "--load-samples"])
def test_flag_about_the_samples_does_not_go_with_a_file(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "questions.csv", flag]) == EXIT_USAGE
    assert f"{flag} is about the sample documents" in capsys.readouterr().err


def test_file_of_questions_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(tmp_path / "none.csv")]) == EXIT_FAILED
    said = capsys.readouterr().err
    assert (
        said
        == f"error: The question file {tmp_path / 'none.csv'} can't be read: No such file or directory.\n"
    )

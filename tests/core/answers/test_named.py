"""What a question names, and whether a table tells of it."""

from __future__ import annotations

import pytest

from core.answers.named import Named, Told, is_tabular, names_in, years_in

pytestmark = pytest.mark.portable

LAYOFFS = """Layoffs in California, by Acme Research
Company: Maxim Integrated; City: San Jose; Date: 07/01/2015; Jobs: 150
Company: O'Neill & Sons; City: São Tomé; Date: 09/30/2015; Jobs: 90
Company: R. Smith Corp.; City: Long Beach; Date: 01/05/2016; Jobs: 12
Company: Jordan Farmar; City: Canada; Date: 01/06/2016; Jobs: 3
Company: Drew Hill; City: Rome; Date: 01/06/2016; Jobs: 5"""


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How many jobs did Acme lay off in San Jose?", [("Acme",), ("San", "Jose")]),
        ("Quantos óbitos em São Tomé e em Jaru?", [("São", "Tomé"), ("Jaru",)]),
        ("Who wrote Yale's song?", [("Yale",)]),
        ("What is the GDP of the UAE in USD?", []),
        ("Who wrote the song of BYU?", [("BYU",)]),
        ("Netflix jobs", []),
        ("Good morning! Please tell me: How is Dr. Ann B. Moss?", [("Dr", "Ann", "B", "Moss")]),
        # A heading, and a language with capital letters for all nouns.
        ("What Is The Number Of Jobs In California?", []),
        ("What Is the Price?", []),
        ("HOW EXPENSIVE IS THE SUBSCRIPTION?", []),
    ],
)
def test_names_are_told_by_their_capital_letters(question: str, names: list[tuple[str, ...]]) -> None:
    assert names_in(question, "en") == names
    assert names_in(question, "de") == []


def test_years_are_numbers_of_four_digits_that_stand_alone_or_end_a_date() -> None:
    assert years_in("From 1998 to 5/6/2004, in FY 2010?") == {"1998", "2004", "2010"}
    assert years_in("Part 2010-4, 1,998 or 2020.5 or 20150 of A2010") == set()


def _lacks(question: str, text: str = LAYOFFS) -> bool:
    told = Told([text, "layoffs.csv"], has_word=lambda word: word == "elsewhere")
    return told.lacks(Named.by(question, "en"))


@pytest.mark.parametrize(
    "question",
    [
        "How many jobs did Netflix cut?",
        "How many jobs did Maxim cut in Fresno?",
        "How many jobs did Michael Jordan cut?",
        "How many jobs did Michael Drew cut?",
        "How many jobs did Maxim cut in 2012?",
        "How many jobs did Maxim cut on 7/1/1999?",
        "How many jobs did Maxim cut on July 2, 2015?",
        "How many jobs did Maxim cut on 2015-07-02?",
    ],
)
def test_name_or_year_that_is_nowhere_in_a_table_is_missed(question: str) -> None:
    assert _lacks(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many jobs did Maxim Integrated cut in San Jose?",
        "How many jobs did Maxim cut in Sao Tome?",
        "How many jobs did Oneill and Sons cut?",
        "How many jobs did Integrted cut?",
        # An initial for a first name; what stands above the rows; titles; relatives of a name.
        "How many jobs did Robert Smith cut?",
        "How many jobs did the Acme Corporation count?",
        "How many jobs did President Farmar cut?",
        "How many Canadian jobs are there?",
        "How many jobs did Elsewhere cut?",
        "How many jobs did Maxim cut in 2015?",
        "How many jobs did Maxim cut on July 1, 2015?",
        "How many jobs did Maxim cut on 2015-07-01?",
        "How many jobs did Maxim cut before 1999?",
        "How many jobs did Maxim cut between May 3, 2011 and May 3, 2012?",
        "how many jobs did netflix cut?",
    ],
)
def test_name_that_is_there_in_another_form_is_not_missed(question: str) -> None:
    assert not _lacks(question)


def test_year_or_date_is_missed_only_where_there_are_others() -> None:
    assert not _lacks("How many jobs in 1998?", "City: Rome; Jobs: 3")
    assert _lacks("How many jobs in 1998?", "City: Rome; Jobs 2001: 3")
    assert not _lacks("How many jobs in 1998?", "City: Rome; Date: 5/6/98; Jobs: 3")
    assert not _lacks("How many jobs on May 6, 1998?", "City: Rome; Date: 6-May-1998; Jobs: 3")


@pytest.mark.parametrize(
    ("text", "is_table"),
    [
        (LAYOFFS, True),
        ("Player: Al Horford; Tattoos: no\nPlayer: Eddy Curry; Tattoos: yes", True),
        ("| City | Jobs |\n|---|---|\n| Rome | 3 |", True),
        ("The lighthouse was built in 1897. It is 37 metres high; its light is white.", False),
        ("Maxim cut 150 jobs in San Jose, as it said.\nCity: Rome; Jobs: 3", False),
    ],
)
def test_passage_is_of_a_table_where_most_of_it_are_rows(text: str, is_table: bool) -> None:
    assert is_tabular(text) == is_table

from __future__ import annotations

import pytest

from core.documents.dates import dates_in_digits

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    "text", ["May 26, 2015", "on MAY 26th 2015", "26 May 2015?", "the 26th of May, 2015", "2015 May 26"]
)
def test_date_in_words_counts_as_tables_write_it(text: str) -> None:
    (date,) = dates_in_digits(text)
    assert date >= {"2015-5-26", "2015-05-26", "26.05.2015", "26.5.2015", "5/26/2015", "26/5/2015"}


def test_day_that_may_be_a_month_is_not_written_first_with_slashes() -> None:
    (date,) = dates_in_digits("Sept. 3, 2015")
    assert {"2015-09-03", "9/3/2015", "3.9.2015"} <= date
    assert not {"3/9/2015", "3/09/2015"} & date


@pytest.mark.parametrize(
    "text",
    [
        "am 26. Mai 2015",
        "le 26 mai 2015",
        "el 26 de mayo de 2015",
        "il 26 maggio 2015",
        "em 26 de maio de 2015",
        "op 26 mei 2015",
        "26 May. 2015",
    ],
)
def test_months_are_known_in_other_languages_too(text: str) -> None:
    (date,) = dates_in_digits(text)
    assert date >= {"2015-05-26", "26.05.2015", "5/26/2015"}


@pytest.mark.parametrize(
    "text", ["2015-05-26", "2015/5/26?", "on 26.05.2015.", "5/26/2015", "26/5/2015", "26-05-2015"]
)
def test_date_in_digits_counts_as_tables_write_it_otherwise(text: str) -> None:
    (date,) = dates_in_digits(text)
    assert date >= {"2015-5-26", "2015-05-26", "26.05.2015", "26.5.2015", "5/26/2015"}


def test_date_that_may_be_one_of_two_is_both_but_never_the_same_digits_the_other_way_round() -> None:
    (date,) = dates_in_digits("7/4/2014")
    assert date >= {"7/4/2014", "07/04/2014", "2014-07-04", "2014-04-07", "4.7.2014", "7.4.2014"}
    assert not {"4/7/2014", "04/07/2014"} & date


@pytest.mark.parametrize(
    "text",
    [
        "May 2015",
        "May 32, 2015",
        "Mayor 3, 2015",
        "may 26 people",
        "26.13.2015",
        "2015-02-30",
        "1.26.05.2015",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates_in_digits(text) == []

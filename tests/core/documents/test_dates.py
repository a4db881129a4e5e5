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


@pytest.mark.parametrize("text", ["May 2015", "May 32, 2015", "Mayor 3, 2015", "may 26 people", "26.05.2015"])
def test_what_is_no_date_in_words_is_none(text: str) -> None:
    assert dates_in_digits(text) == []

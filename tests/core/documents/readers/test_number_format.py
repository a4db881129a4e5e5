from __future__ import annotations

import pytest

from core.documents.readers.number_format import shown, shown_text

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.256, "0.0%", "25.6%"),
        (1 / 3, "0%", "33%"),
        (1234567.5, '#,##0.00 "EUR"', "1,234,567.50 EUR"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (12.5, "_-* #,##0.00 €_-;-* #,##0.00 €_-", "12.50 €"),
        (-5, "#,##0.00;[Red](#,##0.00)", "(5.00)"),
        (-5, "0.00", "-5.00"),
        (-0.001, "0.0", "0.0"),
        (2.675, "0.00", "2.68"),
        (0, '0;-0;"-"', "-"),
        (1_500_000, '0.0,,"M"', "1.5M"),
        (12345, "0.00E+00", "1.23E+04"),
        (1067, "00000", "01067"),
        (42, '"INV-"0000', "INV-0042"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (4012888888881881, "0", "4012888888881881"),
        (0.5, "# ?/?", "1/2"),
        (5.5, "# ?/?", "5 1/2"),
        (5.5, "# ?/16", "5 8/16"),
        (-1.99, "# ?/4", "-2"),
        (1.25, "?/8", "10/8"),
        (0.1 + 0.2, "General", "0.3"),
        (7, 'General "kg"', "7 kg"),
        (75, '[>=60]"pass";"fail"', "pass"),
        (40, '[>=60]"pass";"fail"', "fail"),
        (1 + 22500 / 86400, "[h]:mm", "30:15"),
        (14.5 / 24, "HH:MM", "14:30"),
        (46082.75, "m/d/yy h:mm AM/PM", "3/1/26 6:00 PM"),
        (46082, "D MMM YYYY", "1 Mar 2026"),
        (46023, "mmm yyyy", "Jan 2026"),
        (46082, "[$-F800]dddd, mmmm dd, yyyy", "Sunday, March 01, 2026"),
        (46082, 'yyyy"年"m"月"d"日"', "2026年3月1日"),
        # A day that Excel's calendar does not have, and a format that nobody understands.
        (-3, "yyyy-mm-dd", "-3"),
        (12, "[", "12"),
    ],
)
def test_number_is_shown_as_excel_shows_it(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_calendar_that_begins_in_1904() -> None:
    assert shown(44620, "yyyy-mm-dd", is_1904=True) == shown(46082, "yyyy-mm-dd") == "2026-03-01"


def test_text_is_shown_in_its_format() -> None:
    assert shown_text("Ann", '"Dear "@') == "Dear Ann"
    assert shown_text("Ann", "@") == "Ann"

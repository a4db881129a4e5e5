"""What a cell's text is: a number, a date, a code, or words; and numbers that go on in equal steps."""

from __future__ import annotations

import pytest

from core.documents.readers.cells import Kind, is_nothing, is_year, kind_of, series_step, shape_of

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["", "-", "–", "n/a", "N/A", "unknown", "=A1 (not calculated)"], Kind.EMPTY),
        (
            ["7", "-7", "1,234.50", "1.234,50", "1'234", "$5", "5 €", "EUR 5", "12 %", "(5)", "1e-5"],
            Kind.NUMBER,
        ),
        (["3 km", "5 km/h", "20 °C", "2 million", "~5", "5 1/2", "12 months"], Kind.NUMBER),
        (["2026-03-01", "1.3.2026", "03/01/26", "3 May 1990", "May 3, 1990", "Mai 2026"], Kind.DATE),
        (["8:00", "23:59:01", "2026-03-01T10:00:00Z", "1.3.", "Dez 26", "2024-03"], Kind.DATE),
        (["yes", "No", "TRUE", "nein", "x", "✓"], Kind.FLAG),
        (["INV-0042", "A1", "12a4b", "QX-77/B"], Kind.CODE),
        (["Ann", "Room 7", "3 small lamps on a shelf", "7 " * 30], Kind.TEXT),
    ],
)
def test_kind_of_a_cell_is_told_by_its_text(cells: list[str], kind: Kind) -> None:
    assert {cell: kind_of(cell) for cell in cells} == dict.fromkeys(cells, kind)


def test_comment_on_a_cell_does_not_change_its_kind() -> None:
    assert kind_of("12 [comment: checked by Cy]") is Kind.NUMBER


@pytest.mark.parametrize(
    ("cell", "shape"),
    [("INV-0042", "a-9"), ("INV-107", "a-9"), ("7/B", "9/a"), ("Größe 12", "a 9")],
)
def test_codes_of_one_kind_have_one_shape(cell: str, shape: str) -> None:
    assert shape_of(cell) == shape


def test_year_is_four_digits_from_1900_to_2099() -> None:
    years = ["1900", "2099", "1899", "2100", "20260", "2026 "]
    assert [is_year(cell) for cell in years] == [True, True, False, False, False, False]


def test_no_column_is_called_nothing() -> None:
    assert is_nothing("N/A") and is_nothing("-") and not is_nothing("none of these")


@pytest.mark.parametrize(
    ("cells", "step"),
    [
        (["1", "2", "3"], 1.0),
        (["2024", "2025", "2026"], 1.0),
        (["5", "10", "15"], 5.0),
        (["25%", "50%", "75%"], 25.0),
        (["8:00", "9:30", "11:00"], 90.0),
        (["2026-01-01", "2026-01-08"], 7.0),
        # Months count as equal, however long they are.
        (["Jan 2026", "Feb 2026", "Mar 2026"], 31.0),
        (["31.1.2026", "28.2.2026", "31.3.2026"], 28.0),
        (["1", "2", "4"], None),
        (["3", "2", "1"], None),
        (["1", "1"], None),
        (["1"], None),
        ([], None),
        (["1", "two"], None),
        (["2026-02-30", "2026-03-01"], None),
    ],
)
def test_step_is_that_of_numbers_and_dates_in_equal_steps_upwards(
    cells: list[str], step: float | None
) -> None:
    assert series_step(cells) == step

"""Words that name columns, and names as programs write them."""

from __future__ import annotations

import pytest

from core.documents.readers.header_words import MAX_NAME_WORDS, is_column_name, is_identifier

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    "cell",
    [
        "Name", "NAME", "Date of birth", "Number of rooms", "unit_price", "orderId", "Preis in EUR", "Tel.",
        "Größe (cm)", "Nom du client", "Fecha", "Total sales 2026", "Whole number of oaks",
    ],
)  # fmt: skip
def test_cell_whose_first_last_or_leading_word_names_columns_reads_as_a_name(cell: str) -> None:
    assert is_column_name(cell)


@pytest.mark.parametrize(
    "cell",
    ["Ann Miller", "Alby", "", "2026", "INV-0042", "the old harbour in Ulm", "oak name plank"],
)
def test_cell_of_other_words_does_not(cell: str) -> None:
    assert not is_column_name(cell)


def test_sentence_is_no_name() -> None:
    words = ["name"] + ["of"] * (MAX_NAME_WORDS - 2) + ["name"]
    assert is_column_name(" ".join(words)) and not is_column_name(" ".join([*words, "name"]))


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("unit_price", True), ("orderId", True), ("a_b_c", True), ("Order_2", True), ("isActive", True),
        ("Order", False), ("order id", False), ("_id", False), ("OrderId", False), ("INV_", False),
    ],
)  # fmt: skip
def test_names_as_programs_write_them_are_known(cell: str, found: bool) -> None:
    assert is_identifier(cell) is found

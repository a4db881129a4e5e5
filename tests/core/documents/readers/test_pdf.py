"""What stands on a PDF's page where: columns, tables, superscripts; passwords and damage."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.documents.chunking import Cutter, chunk_document
from core.documents.models import BlockKind
from core.documents.readers.pdf import _tidy
from core.documents.readers.reader import read_document
from core.errors import CorruptFileError, EncryptedFileError, NoTextError, UnsupportedFileError
from tests import documents as build
from tests.damaged import erase_pages
from tests.documents import build_image_pdf, build_pdf, message_of, new_pdf

pytestmark = pytest.mark.portable

Drawn = Sequence[tuple[float, float, str]]
TABLE = [["Town", "Sales", "Costs"], ["Alby", "10", "4"], ["Borg", "20", "9"]]


def read(texts: Drawn) -> str:
    return read_document("a.pdf", build.build_drawn_pdf(texts)).pages[0].text


def by_column(table: Sequence[Sequence[str]]) -> Drawn:
    """A table drawn one column after another, empty cells not at all."""
    places = [(column, row) for column in range(len(table[0])) for row in range(len(table))]
    return [
        (72 + 120 * column, 700 - 20 * row, table[row][column])
        for column, row in places
        if table[row][column]
    ]


def by_row(table: Sequence[Sequence[str]]) -> Drawn:
    return sorted(by_column(table), key=lambda place: (-place[1], place[0]))


@pytest.mark.parametrize("draw", [by_row, by_column])
def test_table_comes_row_by_row_however_it_is_drawn(draw: type[object]) -> None:
    text = read(draw(TABLE))  # type: ignore[call-arg, arg-type]
    assert text == "Town | Sales | Costs\nAlby: Sales 10; Costs 4\nBorg: Sales 20; Costs 9"


def test_single_digits_below_each_other_are_no_number() -> None:
    text = read(by_column([["Team", "Goals"], ["Alby", "3"], ["Borg", "7"], ["Cella", "5"]]))
    assert "375" not in text
    assert "Alby: Goals 3" in text


def test_numbers_below_each_other_without_a_table_keep_their_lines() -> None:
    assert read([(100, 700, "10"), (106, 680, "9"), (106, 660, "8")]).split() == ["10", "9", "8"]


def test_cells_without_neighbours_keep_their_column() -> None:
    text = read(by_row([["Town", "2024", "2025", "2026"], ["Alby", "", "", "7"], ["Borg", "8", "", "9"]]))
    assert "Alby: 2026 7" in text
    assert "Borg: 2024 8; 2026 9" in text


def test_cells_get_no_names_where_the_first_row_may_be_none() -> None:
    text = read(by_row([["Ann", "Ulm", "red"], ["Bob", "Bern", ""], ["Cid", "Rome", "blue"]]))
    assert text.splitlines() == ["Ann | Ulm | red", "Bob | Bern | ", "Cid | Rome | blue"]


def test_table_is_a_block_of_its_own_between_paragraphs() -> None:
    before = [(72, 740, "The towns of the valley and what they sold in the year, in thousands.")]
    after = [(72, 600, "Numbers are those that each town hall has given us on the third of May.")]
    page = read_document("a.pdf", build.build_drawn_pdf([*before, *by_row(TABLE), *after])).pages[0]
    assert [block.kind for block in page.blocks] == [
        BlockKind.PARAGRAPH,
        BlockKind.TABLE,
        BlockKind.PARAGRAPH,
    ]
    assert page.blocks[1].header == "Town | Sales | Costs"


def test_lines_drawn_from_the_foot_of_the_page_are_read_from_its_head() -> None:
    upward = [(72, 400 + 14 * row, f"Line {7 - row}") for row in range(7)]
    items = [(90, 200, "Service: last"), (72, 214, "2"), (90, 214, "Mail"), (90, 228, "Service: first")]
    items += [(72, 242, "1"), (90, 242, "Mail"), (72, 256, "Items of the invoice")]
    drawn = [(72, 740, "Head"), (72, 726, "below the head"), *upward, *items]
    numbered = [f"Line {number}" for number in range(1, 8)]
    rest = "Items of the invoice 1 Mail Service: first 2 Mail Service: last"
    expected = " ".join(["Head below the head", *numbered, rest])
    assert read(drawn).replace("|", " ").split() == expected.split()


def test_prose_drawn_from_the_foot_of_the_page_is_read_from_its_head() -> None:
    lines = [f"This is the line number {number} of a text that fills it nearly" for number in range(9)]
    drawn = [(72, 700 - 14 * number, line) for number, line in enumerate(lines)]
    assert read(drawn[::-1]).split("\n") == lines


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("目 　 　 录\n关 于 红 军 作 战 的 原 则 … … １", "目录\n关于红军作战的原则……１"),
        ("第 1 章 引言", "第 1 章 引言"),
        (
            "The letters 关 于 stand alone in this English text.",
            "The letters 关 于 stand alone in this English text.",
        ),
    ],
)
def test_chinese_that_is_spread_over_its_line_is_read_without_the_spaces(printed: str, read: str) -> None:
    assert _tidy(printed) == read


def test_prose_in_two_columns_is_read_column_by_column() -> None:
    left = [f"The left column has line number {number} of its text" for number in range(6)]
    right = [f"The right column has line number {number} of its text" for number in range(6)]
    drawn = [(40, 700 - 14 * row, line) for row, line in enumerate(left)]
    drawn += [(330, 700 - 14 * row, line) for row, line in enumerate(right)]
    assert read(drawn).split() == " ".join([*left, *right]).split()


def test_name_in_the_middle_above_its_column_names_it() -> None:
    drawn = [(110, 720, "Town"), (240, 720, "2024"), (72, 700, "Alby"), (244, 700, "7")]
    text = read([*drawn, (72, 680, "A town with a name"), (244, 680, "8")])
    assert text == "Town | 2024\nAlby: 2024 7\nA town with a name: 2024 8"


def test_table_of_narrow_columns_keeps_its_empty_cells() -> None:
    header = [(72, 700, "Town"), (112, 700, "2024"), (148, 700, "2025"), (184, 700, "2026")]
    text = read([*header, (72, 680, "Alby"), (184, 680, "7"), (72, 660, "Borg"), (148, 660, "8")])
    assert text == "Town | 2024 | 2025 | 2026\nAlby: 2026 7\nBorg: 2025 8"


def test_tables_of_other_columns_below_each_other_are_two() -> None:
    first = by_row(TABLE)
    second = [(72, 640, "Rank"), (200, 640, "Team and all its points"), (72, 620, "1"), (200, 620, "Ann 3")]
    page = read_document("a.pdf", build.build_drawn_pdf([*first, *second])).pages[0]
    assert [block.kind for block in page.blocks].count(BlockKind.TABLE) == 2


def test_cell_of_several_long_lines_stays_in_its_row() -> None:
    drawn = [(72, 700, "Item"), (140, 700, "What it is"), (420, 700, "Price"), (72, 680, "A-1")]
    drawn += [(140, 680 - 14 * row, f"a lamp with a green shade of glass, part {row}") for row in range(3)]
    drawn += [(420, 680, "19"), (72, 630, "B-2"), (140, 630, "a chair"), (420, 630, "85")]
    lines = read(drawn).splitlines()
    assert lines[1].startswith("A-1: What it is a lamp with")
    assert lines[1].endswith("glass, part 2; Price 19")
    assert lines[2] == "B-2: What it is a chair; Price 85"


def test_names_that_follow_a_table_after_a_gap_begin_another_one() -> None:
    second = [(110, 610, "Item"), (192, 610, "Price"), (110, 590, "Desk"), (192, 590, "5")]
    text = read([*by_row([*TABLE, ["Cella", "30", "5"]]), *second])
    assert text.split("\n\n")[1] == "Item | Price\nDesk: Price 5"


def test_cell_that_goes_on_in_the_next_line_is_one_cell() -> None:
    rows = by_row([["Item", "Price"], ["Lamp with a shade", "19"], ["of glass", ""], ["Desk", "5"]])
    assert "Lamp with a shade of glass: Price 19" in read(rows)


def test_sign_of_a_currency_stands_before_its_number() -> None:
    text = read(by_row([["Town", "", "Sales"], ["Alby", "$", "10"], ["Borg", "$", "20"]]))
    assert "Alby: Sales $ 10" in text


def test_short_lines_in_two_columns_are_no_table() -> None:
    left = ["The lamp is a part of", "the old house, and it", "stands beside a door", "that nobody opens now"]
    right = [
        "A second column has a",
        "text of its own which",
        "goes on line by line",
        "until it ends as well",
    ]
    drawn = [(40, 700 - 14 * row, line) for row, line in enumerate(left)]
    drawn += [(200, 700 - 14 * row, line) for row, line in enumerate(right)]
    # Something that makes the page be looked at character by character.
    text = read([*drawn, (40, 600, "1"), (140, 600, "2")])
    assert text.split()[:-2] == " ".join([*left, *right]).split()


def test_columns_get_no_names_where_one_has_none() -> None:
    text = read(by_row([["Town", "2024", ""], ["Alby", "1", "2"], ["Borg", "3", "4"]]))
    assert text.splitlines()[1:] == ["Alby | 1 | 2", "Borg | 3 | 4"]


def test_list_marks_far_from_their_items_make_no_table() -> None:
    drawn = [(x, 700 - 20 * row, text) for row in range(3) for x, text in ((72, f"{row + 1}."), (110, "Pay"))]
    assert read(drawn).split() == ["1.", "Pay", "2.", "Pay", "3.", "Pay"]


def test_raised_digits_are_superscripts() -> None:
    text = read([(72, 700, "Mass: 10"), (120, 700, "^6"), (126, 700, "tonnes")])
    assert "10⁶" in text
    assert "106" not in text


def test_raised_digits_beside_a_table_are_superscripts_too() -> None:
    drawn = [(72, 740, "Mass: 10"), (120, 740, "^6"), (126, 740, "tonnes"), *by_row(TABLE)]
    assert read(drawn).startswith("Mass: 10⁶ tonnes")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Please wait... If this message is not eventually replaced with the proper contents", "an XFA form"),
        ("The document you are trying to load requires Adobe Reader 8 or higher.", "an XFA form"),
        ("This PDF document is protected. Open it in a supported viewer.", "protected by rights management"),
    ],
)
def test_placeholder_is_no_document(text: str, reason: str) -> None:
    message = message_of("a.pdf", build.build_drawn_pdf([(72, 700, text)]), UnsupportedFileError)
    assert message.startswith(f"a.pdf is {reason}: its page is only a placeholder")


@pytest.mark.parametrize(
    "text",
    ["This document is protected by copyright.", "Please wait for the second letter.", "A PDF portfolio"],
)
def test_short_document_is_no_placeholder(text: str) -> None:
    assert read([(72, 700, text)]) == text


def with_attachment(text: str) -> bytes:
    pdf = build.new_pdf()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.cell(text=text)
    pdf.embed_file(bytes=b"a;b", basename="sums.csv")
    return bytes(pdf.output())


def test_portfolio_is_refused_with_the_names_of_its_files() -> None:
    data = with_attachment("For the best experience, open this PDF portfolio in Acrobat.")
    assert "(sums.csv)" in message_of("a.pdf", data, UnsupportedFileError)


def test_embedded_files_are_named_in_the_notes() -> None:
    document = read_document("a.pdf", with_attachment("See the sums."))
    assert document.notes == ("1 embedded file not read (sums.csv)",)


FIVE = build_pdf([f"This is page {number}" for number in range(1, 6)])


def test_damaged_page_is_skipped_and_the_others_keep_their_numbers() -> None:
    document = read_document("book.pdf", erase_pages(FIVE, 2, 4))
    assert [(page.number, page.text.strip()) for page in document.pages] == [
        (1, "This is page 1"),
        (2, ""),
        (3, "This is page 3"),
        (4, ""),
        (5, "This is page 5"),
    ]
    assert document.num_pages == 5
    assert document.unread_pages == (2, 4)


def test_undamaged_pdf_has_no_unread_page_not_even_an_empty_one() -> None:
    assert read_document("book.pdf", build_pdf(["First", "", "Third"])).unread_pages == ()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (erase_pages(FIVE, 1, 2, 3, 4, 5), "none of its 5 pages can be read"),
        (erase_pages(build_pdf(["Alone"]), 1), "its only page can't be read"),
    ],
    ids=["five", "one"],
)
def test_pdf_without_a_readable_page_is_corrupt(data: bytes, what: str) -> None:
    message = message_of("book.pdf", data, CorruptFileError)
    assert message == f"book.pdf is damaged: {what}. Save or download it again and upload that."


def test_scan_with_a_damaged_page_asks_for_text_recognition_of_the_rest() -> None:
    message = message_of("scan.pdf", erase_pages(build_image_pdf(3), 2), NoTextError)
    assert message.startswith("scan.pdf holds no text on the 2 of its 3 pages that can be read")


def test_pdf_that_claims_more_pages_than_it_has_is_read() -> None:
    document = read_document("book.pdf", FIVE.replace(b"/Count 5", b"/Count 9"))
    assert document.unread_pages == (6, 7, 8, 9)
    assert document.pages[4].text.strip() == "This is page 5"


CHINESE = "码头是用古老的橡木建造的。"
JAPANESE = "桟橋は古いオーク材でできています。"
NOTO = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc")


@pytest.mark.slow
def test_rotated_pages_are_read_in_reading_order() -> None:
    upright = build_pdf(["The first line.\nThe second line."])
    for angle in (90, 180, 270):
        sideways = new_pdf(unit="pt", format=(400, 400))
        sideways.add_page()
        sideways.set_font("Helvetica", size=12)
        with sideways.rotation(angle, 200, 200):
            sideways.text(50, 100, "The first line.")
            sideways.text(50, 120, "The second line.")
        # Lines that are written across the page and turned upright, and upright ones turned sideways.
        for data in (bytes(sideways.output()), upright):
            turned = data.replace(b"/Type /Page\n", b"/Type /Page\n/Rotate %d\n" % angle)
            assert turned != data
            text = read_document("turned.pdf", turned).pages[0].text
            assert text.split() == ["The", "first", "line.", "The", "second", "line."]


@pytest.mark.slow
def test_two_columns_are_read_one_after_the_other() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    with pdf.text_columns(ncols=2, gutter=10) as columns:
        for number in range(1, 121):
            columns.write(f"Line number {number} of this story. ")
    text = " ".join(read_document("columns.pdf", bytes(pdf.output())).pages[0].text.split())
    numbers = [int(number) for number in re.findall(r"number (\d+)", text)]
    assert numbers == list(range(1, 121))


@pytest.mark.slow
def test_pdf_with_a_broken_cross_reference_table_is_repaired() -> None:
    data = build_pdf(["The pier is made of oak.", "The tower is made of stone."])
    at = data.rindex(b"startxref")
    broken = data[:at] + b"startxref\n99999999\n%%EOF\n"
    document = read_document("broken.pdf", broken)
    assert document.num_pages == 2
    assert "oak" in document.pages[0].text and "stone" in document.pages[1].text


@pytest.mark.slow
def test_pdf_of_5000_pages_keeps_every_number(cutter: Cutter) -> None:
    data = _many_pages(5000)
    document = read_document("long.pdf", data)
    assert document.num_pages == 5000
    assert document.pages[4998].text.strip() == "This is page 4999."
    chunks = chunk_document(document, cutter)
    assert [chunk.page for chunk in chunks] == list(range(1, 5001))


def _many_pages(number: int) -> bytes:
    """A PDF written by hand: a library would take half a minute."""
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(number))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {number}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for page in range(number):
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Resources<</Font<</F 3 0 R>>>>"
            f"/Contents {5 + 2 * page} 0 R>>"
        )
        stream = f"BT /F 12 Tf 20 200 Td (This is page {page + 1}.) Tj ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    data, offsets = b"%PDF-1.4\n", []
    body = []
    position = len(data)
    for index, content in enumerate(objects, 1):
        offsets.append(position)
        body.append(f"{index} 0 obj\n{content}\nendobj\n".encode())
        position += len(body[-1])
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{position}\n%%EOF"
    return data + b"".join(body) + (end + trailer).encode()


@pytest.mark.slow
@pytest.mark.skipif(not NOTO.exists(), reason="needs the font Noto Serif CJK")
def test_chinese_pdf_is_read() -> None:
    pdf = new_pdf()
    pdf.add_font("noto", fname=NOTO)
    pdf.add_page()
    pdf.set_font("noto", size=12)
    pdf.multi_cell(0, 8, CHINESE + JAPANESE)
    text = "".join(read_document("a.pdf", bytes(pdf.output())).pages[0].text.split())
    assert text == CHINESE + JAPANESE


PDF = build.build_pdf(["Hello from PDF"])


def test_pdf_gives_numbered_pages() -> None:
    document = read_document("book.pdf", build.build_pdf(["First page", "", "Third page"]))
    assert [(page.number, page.text.strip()) for page in document.pages] == [
        (1, "First page"),
        (2, ""),
        (3, "Third page"),
    ]
    assert document.num_pages == 3


def test_pdf_leaves_out_text_beyond_the_visible_area() -> None:
    data = build.build_trimmed_pdf("Visible text", "printer job name")
    assert read_document("book.pdf", data).pages[0].text.strip() == "Visible text"


def test_pdf_with_bytes_before_its_header_is_read() -> None:
    assert "Hello from PDF" in read_document("mailed.pdf", b"X-Mail: 1\n\n" + PDF).pages[0].text


def test_pdf_with_empty_user_password_opens() -> None:
    data = build.build_pdf(["Printing is not allowed"], password="")
    assert "Printing is not allowed" in read_document("form.pdf", data).pages[0].text


def test_pdf_with_password_says_how_to_go_on() -> None:
    message = message_of("secret.pdf", build.build_pdf(["x"], password="pw"), EncryptedFileError)
    assert message == (
        "secret.pdf is protected by a password. Give the password, or save a copy without one."
    )


def test_pdf_of_images_asks_for_text_recognition() -> None:
    message = message_of("scan.pdf", build.build_image_pdf(3), NoTextError)
    assert message.startswith("scan.pdf holds no text on its 3 pages")
    assert "OCR" in message


def test_pdf_cut_off_is_corrupt() -> None:
    assert "broken.pdf is damaged" in message_of("broken.pdf", PDF[:100], CorruptFileError)


def test_pdfs_are_read_by_many_threads_at_once() -> None:
    files = [build.build_pdf([f"File {i} page {k}" for k in range(5)]) for i in range(8)]
    start = threading.Barrier(4)

    def read(numbers: range) -> list[str]:
        start.wait(timeout=30)
        return [read_document("x.pdf", files[i]).pages[4].text.strip() for i in numbers]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, [range(k, 8, 4) for k in range(4)]))
    assert found == [[f"File {i} page 4" for i in range(k, 8, 4)] for k in range(4)]

"""The picture of a PDF's page, checked by its pixels."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from core.documents.page_image import MARKER, MAX_PIXELS, OUTLINE, PageImage, render_page
from core.documents.readers.pdf import read_pdf
from core.errors import CorruptFileError
from tests.documents import build_drawn_pdf, new_pdf

pytestmark = pytest.mark.slow

LINES = (
    "Bread needs flour, water, salt and yeast.",
    "The lighthouse was built in 1897 and is in ser-",
    "vice. It is 37 metres high.",
    "Nobody lives there any more.",
)


def make_pdf(folder: Path, *, rotation: int = 0, size: tuple[float, float] = (595, 842)) -> Path:
    pdf = new_pdf(unit="pt", format=size)
    pdf.set_font("Helvetica", size=14)
    for page in range(2):
        pdf.add_page(same=False)
        for number, line in enumerate(LINES if page == 1 else LINES[:1]):
            pdf.text(72, 100 + 40 * number, line)
    path = folder / "book.pdf"
    pdf.output(str(path))
    if rotation:
        import pypdfium2

        document = pypdfium2.PdfDocument(path)
        document[1].set_rotation(rotation)
        document.save(folder / "rotated.pdf")
        document.close()
        path = folder / "rotated.pdf"
    return path


def picture(image: PageImage) -> Image.Image:
    return Image.open(io.BytesIO(image.png)).convert("RGB")


def is_marked(image: PageImage, x_pt: float, y_pt: float) -> bool:
    """Whether the paper at that place of the A4 page (points from the top left) has the marker's colour."""
    pixels = picture(image)
    scale = pixels.width / 595
    around = [
        pixels.getpixel((round(x_pt * scale) + dx, round(y_pt * scale) + dy))
        for dx in range(-4, 5)
        for dy in range(-4, 5)
    ]
    return MARKER in around


def bar_columns(image: PageImage) -> set[int]:
    """The columns of pixels in which a bar stands."""
    pixels = picture(image)
    return {i % pixels.width for i, pixel in enumerate(pixels.get_flattened_data()) if pixel == OUTLINE}


def darkest(pixels: Image.Image) -> int:
    return min(pixels.convert("L").tobytes())


def test_passage_is_marked_on_its_lines_and_nowhere_else(tmp_path: Path) -> None:
    image = render_page(make_pdf(tmp_path), 2, "The lighthouse was built in 1897 and is in service. It is 37")
    assert (image.number, image.num_pages) == (2, 2)
    assert len(image.boxes) == 2
    assert is_marked(image, 80, 137) and is_marked(image, 340, 137)
    assert is_marked(image, 80, 177)
    assert not is_marked(image, 80, 97), "the line above"
    assert not is_marked(image, 240, 177), "the rest of the last line"
    assert not is_marked(image, 80, 217), "the line below"


def make_pdf_in_two_styles(folder: Path) -> Path:
    """Two lines, each with words in italics in their middle and at their end."""
    pdf = new_pdf(unit="pt", format=(595, 842))
    pdf.add_page()
    for y in (100, 116):
        for x, style, text in ((72, "", "The film was"), (160, "I", "Steamboat Bill"), (260, "", "of 1928.")):
            pdf.set_font("Helvetica", style, size=14)
            pdf.text(x, y, text)
    path = folder / "styles.pdf"
    pdf.output(str(path))
    return path


def test_bar_stands_in_the_margin_only_where_letters_change_their_style(tmp_path: Path) -> None:
    path = make_pdf_in_two_styles(tmp_path)
    image = render_page(path, 1, read_pdf(path.name, path.read_bytes()).pages[0].text)
    columns = bar_columns(image)
    assert columns
    assert max(columns) < min(box[0] for box in image.boxes)


def test_bar_stands_beside_each_column_of_a_passage(tmp_path: Path) -> None:
    pdf = new_pdf(unit="pt", format=(595, 842))
    pdf.add_page()
    pdf.set_font("Helvetica", size=14)
    for x, y, text in ((72, 700, "The lighthouse was built"), (330, 100, "in the year 1897.")):
        pdf.text(x, y, text)
    path = tmp_path / "columns.pdf"
    pdf.output(str(path))
    image = render_page(path, 1, "The lighthouse was built in the year 1897.")
    columns = bar_columns(image)
    left, right = (box[0] for box in image.boxes)
    assert min(columns) < left and left < max(columns) < right


def test_mark_start_tells_where_on_the_page_the_mark_begins(tmp_path: Path) -> None:
    start = render_page(make_pdf(tmp_path), 2, LINES[3]).mark_start
    assert start is not None
    assert 200 / 842 < start < 220 / 842
    assert render_page(make_pdf(tmp_path), 2, "Nothing of this.").mark_start is None


def test_letters_stay_black_under_the_marker(tmp_path: Path) -> None:
    image = render_page(make_pdf(tmp_path), 2, LINES[3])
    (box,) = image.boxes
    assert darkest(picture(image).crop(box)) < 20


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_mark_turns_with_the_page(tmp_path: Path, rotation: int) -> None:
    image = render_page(make_pdf(tmp_path, rotation=rotation), 2, LINES[3])
    (box,) = image.boxes
    inside = picture(image).crop(box)
    assert MARKER in inside.get_flattened_data()
    assert darkest(inside) < 20
    is_upright = inside.height > inside.width
    assert is_upright == (rotation in (90, 270))


def test_what_our_reader_read_is_found_again(tmp_path: Path) -> None:
    path = make_pdf(tmp_path)
    text = read_pdf(path.name, path.read_bytes()).pages[1].text
    assert len(render_page(path, 2, text).boxes) == len(LINES)


TABLE = {
    "Part": (72, 700), "Lamp": (72, 680), "Chair": (72, 660), "Number": (200, 700), "71": (200, 680),
    "1": (200, 660), "Price": (300, 700), "1 450": (300, 680), "450": (300, 660), "Lamp 71": (72, 600),
}  # fmt: skip


@pytest.mark.parametrize(
    ("passage", "marked"),
    [
        ("Part | Number | Price\nChair | 1 | 450", {"Part", "Number", "Price", "Chair", "1", "450"}),
        # As the reader writes rows whose columns have names: these are not beside the values on the page.
        ("Chair: Number 1; Price 450", {"Chair", "1", "450"}),
        ("Part: Chair; Number: 1; Price: 450", {"Chair", "1", "450"}),
        ("Lamp | 71 | 1 450", {"Lamp", "71", "1 450"}),
    ],
)
def test_row_of_a_table_is_marked_cell_by_cell_on_its_line(
    tmp_path: Path, passage: str, marked: set[str]
) -> None:
    path = tmp_path / "table.pdf"
    # One column after another, so that no row is word for word in the page's text.
    path.write_bytes(build_drawn_pdf([(x, y, text) for text, (x, y) in TABLE.items()]))
    image = render_page(path, 1, passage)
    scale = picture(image).width / 612
    middles = {text: ((x + 2) * scale, (792 - y - 4) * scale) for text, (x, y) in TABLE.items()}
    found = {
        text
        for text, (x, y) in middles.items()
        for left, top, right, bottom in image.boxes
        if left <= x <= right and top <= y <= bottom
    }
    assert found == marked


def test_passage_that_is_there_in_part_is_marked_sentence_by_sentence(tmp_path: Path) -> None:
    image = render_page(make_pdf(tmp_path), 2, "This is not there. It is 37 metres high. Nor is this.")
    assert len(image.boxes) == 1
    assert is_marked(image, 130, 177)


@pytest.mark.parametrize("passage", ["", "Nothing of this.", "…"])
def test_page_without_the_passage_is_shown_unmarked(tmp_path: Path, passage: str) -> None:
    assert render_page(make_pdf(tmp_path), 1, passage).boxes == ()


def test_page_that_takes_too_long_to_draw_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "many.pdf"
    path.write_bytes(build_drawn_pdf([(72, 72 + number, "One line after another.") for number in range(600)]))
    with pytest.raises(CorruptFileError, match="takes too long to be drawn"):
        render_page(path, 1, draw_s=0.0)
    assert render_page(path, 1).num_pages == 1


def test_picture_of_a_long_page_has_a_limit(tmp_path: Path) -> None:
    image = render_page(make_pdf(tmp_path, size=(300, 14000)), 1)
    pixels = picture(image)
    assert pixels.width * pixels.height <= MAX_PIXELS * 1.01


@pytest.mark.parametrize("number", [3, 99])
def test_missing_page_is_a_sentence(tmp_path: Path, number: int) -> None:
    with pytest.raises(CorruptFileError, match="can't be shown"):
        render_page(make_pdf(tmp_path), number)


def test_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7 nonsense")
    with pytest.raises(CorruptFileError, match="can't be shown"):
        render_page(path, 1)

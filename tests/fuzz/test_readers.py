"""Files of every type with something wrong in them: a document, or one of our errors; never anything else.

The same targets run for hours under tests/fuzz/fuzz.py; here a fixed number of seeded changes.
"""

from __future__ import annotations

import random
from io import BytesIO
from zipfile import ZipFile, ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.file_identity import clean_file_name
from core.documents.readers.reader import read_document
from core.documents.sources.zip_archive import zip_files
from core.errors import CorruptFileError, DocumentError
from tests.documents import build_xlsx, build_zip, message_of, text_of
from tests.fuzz.files import READ_SUFFIXES, file_seeds, read_archive, read_file, zip_seeds
from tests.fuzz.mutate import mutated, mutated_zip, pack, unpacked

# Pillow warns of what is wrong with a picture, and goes on.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL.*")

# Of what is still a picture after it, the engine looks for text, where there is one.
CHANGES = {
    "pptx": 10,
    "docx": 20,
    "xlsx": 20,
    **dict.fromkeys(("png", "jpg", "tif", "bmp", "gif", "webp"), 10),
}
# With what takes longer with the square of its length, these run into the limit of pytest-timeout.
MANY = 400_000


def changed(suffix: str, number: int, rng: random.Random) -> bytes:
    seeds = file_seeds(suffix)
    seed = seeds[number % len(seeds)]
    if unpacked(seed):
        return mutated_zip(seed, len(seed) * 2, rng, lambda data, size: mutated(data, size, rng))
    return mutated(seed, len(seed) * 2 + 100, rng)


@pytest.mark.parametrize("suffix", READ_SUFFIXES)
def test_changed_file_is_read_or_refused(suffix: str) -> None:
    for number in range(CHANGES.get(suffix, 60)):
        read_file(suffix, changed(suffix, number, random.Random(f"{suffix} {number}")))


@pytest.mark.parametrize("suffix", READ_SUFFIXES)
def test_cut_file_is_read_or_refused(suffix: str) -> None:
    for data in file_seeds(suffix):
        for tenth in range(10):
            read_file(suffix, data[: len(data) * tenth // 10])


@pytest.mark.parametrize("suffix", READ_SUFFIXES)
@settings(max_examples=30, derandomize=True, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(suffix: str, data: bytes) -> None:
    read_file(suffix, data)


def test_changed_archive_is_unpacked_or_refused() -> None:
    for number, seed in enumerate(zip_seeds() * 20):
        rng = random.Random(number)
        read_archive(mutated(seed, 20_000, rng))


def test_archives_inside_each_other_are_not_opened() -> None:
    packed = b"x"
    for depth in range(50):
        packed = build_zip({f"{depth}.zip": packed})
    (inner,) = zip_files("outer.zip", packed)
    with pytest.raises(DocumentError, match="ZIP archive inside"):
        inner.read()


def test_archive_entry_without_a_name_is_a_file_like_others() -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(ZipInfo("x"), b"content")
    data = buffer.getvalue()
    # A name of one letter, now of none: in the entry's own header and in the directory.
    for mark, name_at in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
        start = data.index(mark)
        end = start + (30 if name_at == 26 else 46)
        data = data[: start + name_at] + b"\0\0" + data[start + name_at + 2 : end] + data[end + 1 :]
    end = data.index(b"PK\x05\x06")
    sizes = (
        (end - data.index(b"PK\x01\x02")).to_bytes(4, "little"),
        data.index(b"PK\x01\x02").to_bytes(4, "little"),
    )
    (file,) = zip_files("a.zip", data[: end + 12] + b"".join(sizes) + data[end + 20 :])
    assert file.read() == b"content"
    assert clean_file_name(file.name) == "unnamed"


def test_html_of_unclosed_declarations_is_read_in_linear_time() -> None:
    assert text_of("a.html", b"<p>text</p>" + b"<?xml " * MANY) == "text"


def test_wide_header_over_many_short_rows_is_read_in_linear_time() -> None:
    header = ",".join(f"name {number}" for number in range(MANY // 4))
    text = text_of("a.csv", f"{header}\n".encode() + b"x\n" * MANY)
    assert text.count("name 0: x") == MANY
    # Columns without a value are named once.
    assert text.count("name 1;") == 1


def test_row_longer_than_the_header_keeps_its_cells() -> None:
    assert text_of("a.csv", b"name,year\nAda,1843,extra\nBo\n") == "name: Ada; year: 1843; extra\nname: Bo"


@pytest.mark.parametrize("row", ["1048577", "999999999999"])
def test_sheet_that_claims_more_rows_than_excel_has_is_corrupt(row: str) -> None:
    parts = unpacked(build_xlsx({"A": [["Name", "Year"], ["Ada", 1843]]}))
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b'<row r="2">' in sheet
    data = pack(
        parts | {"xl/worksheets/sheet1.xml": sheet.replace(b'<row r="2">', f'<row r="{row}">'.encode())}
    )
    assert "more than 1,048,576 rows" in message_of("a.xlsx", data, CorruptFileError)


def test_empty_cells_of_a_far_away_column_do_not_add_up_without_end() -> None:
    rows = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 650))
    parts = unpacked(build_xlsx({"A": [["Name"]]}))
    sheet = parts["xl/worksheets/sheet1.xml"]
    start, end = sheet.index(b"<sheetData>") + len(b"<sheetData>"), sheet.index(b"</sheetData>")
    data = pack(parts | {"xl/worksheets/sheet1.xml": sheet[:start] + rows + sheet[end:]})
    with pytest.raises(DocumentError, match="10 million cells"):
        read_document("a.xlsx", data)

"""What holds for files of every type: names, and every bad file that people really upload."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.documents.chunking import Cutter, chunk_document
from core.documents.formats import SUPPORTED_SUFFIXES
from core.documents.readers.container import MAX_CONTAINER_BYTES
from core.documents.readers.reader import clean_file_name, document_id, read_document
from core.errors import (
    CorruptFileError,
    DocumentError,
    EncryptedFileError,
    FileTooLargeError,
    NoTextError,
    UnsupportedFileError,
)
from tests import documents as build
from tests.documents import message_of, text_of

pytestmark = pytest.mark.portable

DOCX = build.build_docx(["Hello from Word"])
PPTX = build.build_pptx(["Hello from PowerPoint"])
XLSX = build.build_xlsx({"Sheet": [["Hello from Excel"]]})
PDF = build.build_pdf(["Hello from PDF"])
ZIP = build.build_zip({"notes.txt": b"hello"})
OLD_OFFICE = build.OLE_MAGIC + bytes(600)
ENCRYPTED_OFFICE = OLD_OFFICE + "EncryptedPackage".encode("utf-16-le") + bytes(100)


# --- PDF


def test_pdf_gives_numbered_pages() -> None:
    document = read_document("book.pdf", build.build_pdf(["First page", "", "Third page"]))
    assert [(page.number, page.text.strip()) for page in document.pages] == [
        (1, "First page"),
        (2, ""),
        (3, "Third page"),
    ]
    assert document.num_pages == 3


def test_pdf_rejoins_words_hyphenated_at_line_end() -> None:
    data = build.build_hyphenated_pdf("It was a colla", "boration of many")
    assert "collaboration of many" in read_document("book.pdf", data).pages[0].text


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


# --- Office


def test_docx_keeps_paragraphs_and_tables_in_order() -> None:
    data = build.build_docx(["Before", [["City", "Size"], ["Ulm", 126]], "After"])
    assert text_of("report.docx", data) == "Before\n\nCity: Ulm; Size: 126\n\nAfter"


def test_docx_reads_content_controls_and_text_boxes_once() -> None:
    namespaces = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    box = "<w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>"
    body = (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Kept</w:t><w:tab/></w:r>"
        "<w:ins><w:r><w:t>inserted</w:t></w:r></w:ins><w:del><w:r><w:delText>deleted</w:delText></w:r>"
        "</w:del>"
        f"</w:p><w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    xml = f"<w:document {namespaces}><w:body>{body}</w:body></w:document>".encode()
    text = text_of("form.docx", build.replace_zip_part(DOCX, "word/document.xml", xml))
    assert text.split() == ["In", "a", "control", "Kept", "inserted", "In", "a", "box"]
    assert "Kept\tinserted" in text


def test_pptx_gives_slides_with_tables_and_notes() -> None:
    data = build.build_pptx(["Title", "Two\vlines"], table=[["City", "Size"], ["Ulm", 126]], notes="Speak up")
    document = read_document("talk.pptx", data)
    assert [(page.number, page.text) for page in document.pages] == [
        (1, "Title"),
        (2, "Two\nlines\n\nCity: Ulm; Size: 126\n\nNotes: Speak up"),
    ]


def test_xlsx_gives_sheets_with_named_cells() -> None:
    sheets: dict[str, build.Table] = {
        "Budget": [["Budget of 2026"], ["Team", 2025, 2026], ["Core", 1.5, 0.1 + 0.2], [], ["Docs", None, 4]],
        "Empty": [],
        "Numbers": [[1, 2], [3, 4]],
    }
    document = read_document("budget.xlsx", build.build_xlsx(sheets))
    assert [(page.number, page.text) for page in document.pages] == [
        (1, "Budget\n\nBudget of 2026\n\nTeam: Core; 2025: 1.5; 2026: 0.3\nTeam: Docs; 2026: 4"),
        (2, ""),
        (3, "Numbers\n\n1; 2\n3; 4"),
    ]


@pytest.mark.parametrize(("suffix", "data"), [("docm", DOCX), ("pptm", PPTX), ("xlsm", XLSX)])
def test_office_file_with_macros_is_read_as_one_without(suffix: str, data: bytes) -> None:
    assert read_document(f"a.{suffix}", data).pages == read_document(f"a.{suffix[:-1]}x", data).pages
    assert "is a PDF document" in message_of(f"a.{suffix}", PDF, UnsupportedFileError)


@pytest.mark.parametrize(("suffix", "data"), [("docx", DOCX), ("pptx", PPTX), ("xlsx", XLSX)])
def test_office_file_cut_off_is_corrupt(suffix: str, data: bytes) -> None:
    message = message_of(f"broken.{suffix}", data[: len(data) // 2], CorruptFileError)
    assert message.startswith(f"broken.{suffix} is damaged")


@pytest.mark.parametrize(
    ("suffix", "data", "part"),
    [
        ("docx", DOCX, "word/document.xml"),
        ("pptx", PPTX, "ppt/presentation.xml"),
        ("xlsx", XLSX, "xl/workbook.xml"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"<not closed"])
def test_office_file_with_broken_xml_is_corrupt(suffix: str, data: bytes, part: str, content: bytes) -> None:
    broken = build.replace_zip_part(data, part, content)
    assert f"broken.{suffix} is damaged" in message_of(f"broken.{suffix}", broken, CorruptFileError)


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx"])
def test_office_file_with_password_says_how_to_go_on(suffix: str) -> None:
    message = message_of(f"secret.{suffix}", ENCRYPTED_OFFICE, EncryptedFileError)
    assert message.endswith("is protected by a password. Give the password, or save a copy without one.")


@pytest.mark.parametrize(("suffix", "data"), [("docx", DOCX), ("pptx", PPTX), ("xlsx", XLSX)])
def test_office_file_with_its_password_is_read_as_without(suffix: str, data: bytes) -> None:
    protected = build.protect_office(data, "open sesame")
    opened = read_document(f"a.{suffix}", protected, password="open sesame")
    assert opened.pages == read_document(f"a.{suffix}", data).pages
    with pytest.raises(EncryptedFileError, match="The password does not open"):
        read_document(f"a.{suffix}", protected, password="wrong")


def test_protected_office_file_of_another_kind_than_its_name_says_is_refused() -> None:
    with pytest.raises(UnsupportedFileError, match=r"Rename it to end in \.xlsx"):
        read_document("a.docx", build.protect_office(XLSX, "pw"), password="pw")


def test_protected_office_file_that_is_damaged_is_a_sentence() -> None:
    whole = build.protect_office(DOCX, "pw")
    for data in (ENCRYPTED_OFFICE, whole[: len(whole) // 2]):
        with pytest.raises(CorruptFileError, match="its protection can't be undone"):
            read_document("a.docx", data, password="pw")


def test_office_container_with_zip_password_is_refused() -> None:
    message_of("secret.docx", build.set_zip_encrypted(DOCX), UnsupportedFileError)


def test_office_file_that_unpacks_too_large_is_refused_unread() -> None:
    bomb = build.claim_unpacked_size(DOCX, MAX_CONTAINER_BYTES + 1)
    assert "unpacks to more than 400 MB" in message_of("bomb.docx", bomb, FileTooLargeError)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.docx", build.build_docx([])),
        ("empty.pptx", build.build_pptx([""])),
        ("empty.xlsx", build.build_xlsx({"Sheet": []})),
        ("blank.txt", b" \n\t\n"),
        ("empty.json", b"{}"),
        ("empty.html", b"<html><script>alert(1)</script></html>"),
        ("empty.csv", b",,\n,,\n"),
    ],
)
def test_file_without_text_is_refused(name: str, data: bytes) -> None:
    assert message_of(name, data, NoTextError).startswith(f"{name} holds no text.")


# --- Names and content that disagree


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
def test_empty_file_of_any_type_is_refused(suffix: str) -> None:
    assert message_of(f"a.{suffix}", b"", CorruptFileError).startswith(f"a.{suffix} is empty (0 bytes).")


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
def test_each_type_has_a_reader(suffix: str) -> None:
    try:
        read_document(f"a.{suffix}", b"some text")
    except DocumentError as exc:
        assert str(exc).startswith(f"a.{suffix} ")


def test_file_over_the_limit_is_refused_and_at_the_limit_read() -> None:
    with pytest.raises(FileTooLargeError, match=r"a\.txt is 11 bytes, over the limit of 10 bytes\."):
        read_document("a.txt", b"hello world", max_bytes=10)
    assert read_document("a.txt", b"hello worl", max_bytes=10).size_bytes == 10


# --- Names and ids


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("../../x.pdf", "x.pdf"),
        (r"C:\Users\me\x.pdf", "x.pdf"),
        ("  spaced name .pdf ", "spaced name .pdf"),
        ("line\nbreak\x00.pdf", "linebreak.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("отчёт 📄 报告.pdf", "отчёт 📄 报告.pdf"),
        ("👩\u200d💻.md", "👩\u200d💻.md"),
        ("half\ud83d.md", "half.md"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("folder/", "unnamed"),
        ("\u202e\n", "unnamed"),
    ],
)
def test_file_name_is_cleaned(name: str, cleaned: str) -> None:
    assert clean_file_name(name) == cleaned
    assert clean_file_name(cleaned) == cleaned


def test_long_file_name_is_shortened_in_the_middle() -> None:
    name = clean_file_name("start-" + "x" * 300 + "-end.docx")
    assert len(name) == 120
    assert name.startswith("start-xxx")
    assert "…" in name
    assert name.endswith("xxx-end.docx")


def test_long_file_name_without_a_suffix_is_shortened() -> None:
    assert len(clean_file_name("a. " + "word " * 100)) == 120


def test_same_bytes_under_two_names_are_one_document() -> None:
    first, second = read_document("a.txt", b"hello"), read_document("dir/b.md", b"hello")
    assert first.id == second.id == document_id(b"hello") == "2cf24dba5fb0a30e26e83b2ac5b9e29e"
    assert (first.file, second.file, second.size_bytes) == ("a.txt", "b.md", 5)


def test_other_bytes_are_another_document() -> None:
    assert document_id(b"hello") != document_id(b"hello ")


def test_message_shows_the_cleaned_name() -> None:
    assert message_of("../dir/bad\n.pdf", b"", CorruptFileError).startswith("bad.pdf is empty")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docm", build.build_docx(["Hello"])),
        ("a.pptm", build.build_pptx(["Hello"])),
        ("a.xlsm", build.build_xlsx({"Sheet": [["Hello"]]})),
    ],
)
def test_office_file_that_may_hold_macros_is_read_as_one_without(name: str, data: bytes) -> None:
    assert "Hello" in read_document(name, data).pages[0].text
    assert "is protected by a password" in message_of(
        name, build.protect_office(data, "pw"), EncryptedFileError
    )


ARABIC = "الرصيف مصنوع من خشب البلوط القديم"
HEBREW = "המזח עשוי מעץ אלון עתיק"
CHINESE = "码头是用古老的橡木建造的。"
JAPANESE = "桟橋は古いオーク材でできています。"
EMOJI = "Ship 🚢 and family 👩‍👩‍👧 and flag 🇨🇭."


@pytest.mark.slow
@pytest.mark.parametrize("text", [ARABIC, HEBREW, CHINESE, JAPANESE, EMOJI])
def test_every_script_stays_as_it_is(text: str, cutter: Cutter) -> None:
    assert text_of("a.txt", text.encode()) == text
    assert text_of("a.txt", text.encode("utf-16")) == text
    assert text_of("a.docx", build.build_docx([text])) == text
    assert text_of("a.html", f'<p dir="rtl">{text}</p>'.encode()) == text
    (chunk,) = chunk_document(read_document("a.txt", text.encode()), cutter)
    assert chunk.text == text

"""Scans: what is said where there is no Tesseract, and what becomes of them where there is one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.documents.readers.pdf import UNMAPPED
from core.documents.readers.reader import read_document
from core.documents.sandbox.pool import DocumentReader
from core.embedding.model import Embedder
from core.errors import CorruptFileError, NoTextError
from tests.documents import build_drawn_pdf, build_image_pdf, build_picture, build_scan_pdf

pytestmark = pytest.mark.slow

Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Install:
    """Puts a shell script in Tesseract's place: a program of its name that is called in the same way."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def write(script: str, languages: str = "eng", confidences: Sequence[float] = ()) -> None:
        listing = "\n".join(["List of available languages:", *languages.split()])
        rows = ["\t".join([*"0123456789", str(confidence), "word"]) for confidence in confidences]
        (tmp_path / "languages").write_text(f"{listing}\n")
        (tmp_path / "found.tsv").write_text("\n".join(["its heading", *rows]))
        engine = tmp_path / "tesseract"
        engine.write_text(
            f'#!/bin/sh\n[ "$1" = --list-langs ] && exec cat "{tmp_path}/languages"\n'
            f'cp "{tmp_path}/found.tsv" "$2.tsv"\nexec > "$2.txt"\n{script}\n'
        )
        engine.chmod(0o755)

    return write


def test_scan_names_what_would_read_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoTextError, match="install Tesseract"):
        read_document("scan.pdf", build_image_pdf())


def test_engine_gets_a_picture_of_each_page(install: Install, embedder: Embedder) -> None:
    install('head -c 4 | tail -c 3; cat > /dev/null; printf " seen\\f"')
    reader = DocumentReader()
    cut = reader.read("scan.pdf", build_image_pdf(2), embedder.tokenization, ocr=True)
    reader.close()
    assert [chunk.text for chunk in cut.chunks] == ["PNG seen", "PNG seen"]


@pytest.mark.parametrize(
    ("installed", "told"),
    [
        ("deu eng osd", "-l eng+deu"),
        ("deu osd", "-l deu"),
        ("eng osd snum", "-l eng"),
        ("afr deu eng fra script/Latin spa", ""),
    ],
)
def test_engine_is_told_the_installed_languages_unless_they_are_a_bundle_of_many(
    install: Install, installed: str, told: str
) -> None:
    install('cat > /dev/null; [ "$3" = -l ] && echo "told $3 $4" || echo told', languages=installed)
    document = read_document("scan.pdf", build_image_pdf(), ocr=True)
    assert document.pages[0].text == f"told {told}".strip()


def test_word_that_goes_on_in_the_next_line_is_one_word(install: Install) -> None:
    lines = r"The reg-\nulation of Stratford-\nUpon, 1897-\n1901, Baden-\nÖsterreich, schö-\nöre"
    install(f"cat > /dev/null; printf '{lines}'")
    document = read_document("scan.pdf", build_image_pdf(), ocr=True)
    assert (
        document.pages[0].text
        == "The regulation of Stratford-\nUpon, 1897-\n1901, Baden-\nÖsterreich, schööre"
    )


def test_engine_that_fails_is_named(install: Install) -> None:
    install("cat > /dev/null; exit 1")
    with pytest.raises(CorruptFileError, match="Check that Tesseract works"):
        read_document("scan.pdf", build_image_pdf(5), ocr=True)


@pytest.mark.parametrize(
    ("confidences", "notes"),
    [
        ([96, 91, 88, 60, 72, 90, 90, 90, 90, 30], ()),
        (
            [96, 91, 30, 20],
            (
                "50% of the recognised text is guessed. Install Tesseract's data for the language of the "
                "text; eng, deu is what it used, or take a sharper picture.",
            ),
        ),
    ],
)
def test_text_that_is_guessed_is_called_so(
    install: Install, confidences: list[float], notes: tuple[str, ...]
) -> None:
    install("cat > /dev/null; echo word", languages="deu eng", confidences=confidences)
    assert read_document("scan.pdf", build_image_pdf(), ocr=True).notes == notes
    assert read_document("photo.png", build_picture("Pier"), ocr=True).notes == notes


@pytest.mark.parametrize(
    ("installed", "text", "is_told"),
    [
        ("eng", "Die Gemeinde fuhrt fur alle Haushalte eine jahrliche Gebuhr ein, und sie wird erhoht", True),
        (
            "deu eng",
            "Die Gemeinde fuhrt fur alle Haushalte eine jahrliche Gebuhr ein, und sie wird erhoht",
            False,
        ),
        ("deu", "The harbour is dredged in May, and those who have a boat there are told when.", False),
        ("eng", "B-17 20.4.2026 Ulm 940", False),
    ],
)
def test_text_in_a_language_without_data_is_told_with_what_to_install(
    install: Install, installed: str, text: str, is_told: bool
) -> None:
    install(f"cat > /dev/null; echo '{text}'", languages=installed)
    notes = read_document("scan.pdf", build_image_pdf(), ocr=True).notes
    assert [("data for German" in note, "tesseract-ocr-deu" in note) for note in notes] == [
        (True, True)
    ] * is_told


def test_page_whose_letters_mean_nothing_is_recognised_where_that_is_asked_for(install: Install) -> None:
    install("cat > /dev/null; echo What the page shows")
    data = build_drawn_pdf([(72, 700, "\x01\x02\x03\x04 \x05\x06"), (72, 680, "\x01\x02\x03 in")])
    read = read_document("a.pdf", data)
    (note,) = read.notes
    assert note == f"page 1 {UNMAPPED}"
    recognised = read_document("a.pdf", data, ocr=True)
    assert (recognised.pages[0].text, recognised.notes) == ("What the page shows", ())


def test_picture_of_which_nearly_all_is_guessed_is_refused(install: Install) -> None:
    install("cat > /dev/null; echo SSHHUMK", confidences=[20, 18, 30, 44, 91])
    with pytest.raises(NoTextError, match=r"80% of the text on it would be guessed.*eng is what it used"):
        read_document("photo.png", build_picture("Pier"))


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
def test_scan_of_many_pages_is_read_in_order_by_a_real_tesseract(embedder: Embedder) -> None:
    lines = [f"Pier {number} is made of oak." for number in range(2, 8)]
    seen: list[tuple[int, int]] = []
    reader = DocumentReader()
    cut = reader.read(
        "scan.pdf",
        build_scan_pdf(lines),
        embedder.tokenization,
        ocr=True,
        on_pages=lambda done, of: seen.append((done, of)),
    )
    reader.close()
    assert [chunk.text for chunk in cut.chunks] == lines
    assert seen == sorted(seen)

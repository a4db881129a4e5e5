"""Text recognition (OCR) for scanned PDFs, where Tesseract is installed. Nothing here is required."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from core.documents.languages import language_name, language_of
from core.documents.models import Page
from core.documents.readers.pdf import PDFIUM_LOCK
from core.errors import CorruptFileError, NoTextError, UnsupportedFileError

ENGINE = "tesseract"
HOW_TO_INSTALL = "install Tesseract (Debian: apt install tesseract-ocr, macOS: brew install tesseract)"
DPI = 200
PAGE_TIMEOUT_S = 120.0
# Each language takes its share of the time on every page, so what somebody has chosen to install is used,
# and a bundle of all hundred is not.
MAX_LANGUAGES = 4
DEFAULT_LANGUAGE = "eng"
# How sure Tesseract has to be of a word, 0 to 100. On clean pages in a language that it has, 1 to 10 % of the
# characters are below; on pictures in other scripts 20 % (Korean between English lines) to 94 % (Japanese).
LEAST_CONFIDENCE = 60.0
# A note says so where at least this share of the text is guessed; a picture with more than that is refused.
LEAST_GUESSED, MOST_GUESSED = 0.15, 0.75
# Tesseract's models that are no language: page orientation, digits, formulas.
_NO_LANGUAGES = {"osd", "snum", "equ"}
# What Tesseract calls languages in Latin letters. Its data for others recognise all of them but the letters
# that are the language's own. What it sees of other scripts is guessed, and said to be.
_DATA = {
    "af": "afr", "az": "aze", "bs": "bos", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "es": "spa",
    "et": "est", "eu": "eus", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg", "hr": "hrv", "hu": "hun",
    "is": "isl", "it": "ita", "lt": "lit", "lv": "lav", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por",
    "ro": "ron", "sk": "slk", "sl": "slv", "sq": "sqi", "sv": "swe", "tl": "fil", "tr": "tur", "uz": "uzb",
    "vi": "vie",
}  # fmt: skip
# The hyphen of a word that goes on in the next line; names and numbers keep theirs.
_LINE_END_HYPHEN = re.compile(r"(?<=[^\W\d_])-\n([^\W\d_])")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the engine sees on a picture.

    Attributes:
        num_chars: How many characters its words have.
        num_guessed: How many of them are in words that it is not sure of.
    """

    text: str
    num_chars: int = 0
    num_guessed: int = 0


@dataclass(frozen=True, slots=True)
class _Engine:
    """Where the program is, and its languages as "eng+deu"; "" for its default."""

    program: str
    languages: str


def engine_path() -> str | None:
    """Where the engine is; None when it is not installed."""
    return shutil.which(ENGINE)


def recognise_pages(
    file: str, data: bytes, pages: Sequence[Page], *, password: str = "", on_page: Callable[[int, int], None]
) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """The PDF's pages, those without text with what the engine sees on their picture, and what to say of it.

    Args:
        file: Its name, for messages.
        data: The PDF's bytes.
        pages: As the PDF's own text gives them, in order.
        password: Opens the PDF; "" where it needs none.
        on_page: Told how many pages are done, and of how many.

    Raises:
        UnsupportedFileError: Where there is no engine.
        CorruptFileError: When the engine fails.
    """
    engine = _engine(f"{file} is a scan")
    done: list[Page] = []
    seen: list[Recognised] = []
    with closing(_recognise_all(file, data, password, pages, engine)) as found:
        for page in pages:
            if _is_picture(page):
                seen.append(next(found))
                done.append(replace(page, text=seen[-1].text))
            else:
                done.append(page)
            on_page(len(done), len(pages))
    return tuple(done), _doubts(seen, engine.languages)


def recognised_texts(file: str, pictures: Iterable[bytes]) -> tuple[list[str], tuple[str, ...]]:
    """What the engine sees on each picture, and what to say of it.

    Raises:
        UnsupportedFileError: Where there is no engine.
        CorruptFileError: When it fails.
        NoTextError: When nearly all of the text is guessed.
    """
    engine = _engine(f"{file} is a picture")
    seen = [_recognise(file, engine, picture) for picture in pictures]
    if (share := _guessed_share(seen)) > MOST_GUESSED:
        raise NoTextError(
            f"{file} can't be read: {share:.0%} of the text on it would be guessed. "
            f"{_remedy(engine.languages)}"
        )
    return [each.text for each in seen], _doubts(seen, engine.languages)


def _engine(what: str) -> _Engine:
    """The engine with its languages; `what` begins the sentence that says that there is none.

    Raises:
        UnsupportedFileError: Where it is not installed.
    """
    program = engine_path()
    if program is None:
        raise UnsupportedFileError(f"{what}. To have its text recognised, {HOW_TO_INSTALL}.")
    return _Engine(program, _languages(program))


def _guessed_share(seen: Sequence[Recognised]) -> float:
    num_chars = sum(each.num_chars for each in seen)
    return sum(each.num_guessed for each in seen) / num_chars if num_chars else 0.0


def _doubts(seen: Sequence[Recognised], languages: str) -> tuple[str, ...]:
    share = _guessed_share(seen)
    if share >= LEAST_GUESSED:
        return (f"{share:.0%} of the recognised text is guessed. {_remedy(languages)}",)
    language = language_of(max((each.text for each in seen), key=len, default="")) if languages else None
    data = _DATA.get(language or "")
    if language is None or data is None or data in languages.split("+"):
        return ()
    name = language_name(language)
    return (
        f"recognised without Tesseract's data for {name}, so that letters of its own are wrong. Install "
        f"them (Debian: apt install tesseract-ocr-{data}, macOS: brew install tesseract-lang), delete the "
        "document and add it again",
    )


def _remedy(languages: str) -> str:
    known = f"; {languages.replace('+', ', ')} is what it used" if languages else ""
    return f"Install Tesseract's data for the language of the text{known}, or take a sharper picture."


def _is_picture(page: Page) -> bool:
    return not page.text.strip() and not page.is_damaged


def _recognise_all(
    file: str, data: bytes, password: str, pages: Sequence[Page], engine: _Engine
) -> Generator[Recognised, None, None]:
    """What is on each page without text, in order; as many are recognised at a time as there are cores."""
    import pypdfium2

    num_at_once = os.cpu_count() or 1
    waiting: deque[Future[Recognised]] = deque()
    with (
        ThreadPoolExecutor(num_at_once) as pool,
        PDFIUM_LOCK,
        closing(pypdfium2.PdfDocument(data, password=password or None)) as pdf,
    ):
        try:
            for index, page in enumerate(pages):
                if not _is_picture(page):
                    continue
                # One picture more than are being read: a thousand would not fit into memory.
                if len(waiting) > num_at_once:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(_recognise, file, engine, _picture(pdf, index)))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()


def _languages(engine: str) -> str:
    """The installed languages, as "eng+deu": all of up to MAX_LANGUAGES, else "" for Tesseract's default."""
    try:
        listed = subprocess.run(
            [engine, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PAGE_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    # The first line is a heading; names with a slash are models of scripts.
    names = {name for name in listed.stdout.split("\n")[1:] if name and "/" not in name} - _NO_LANGUAGES
    if not 1 <= len(names) <= MAX_LANGUAGES:
        return ""
    # The first one decides where they disagree.
    return "+".join(sorted(names, key=lambda name: (name != DEFAULT_LANGUAGE, name)))


def _picture(pdf: Any, index: int) -> bytes:
    with closing(pdf[index]) as page:
        image = page.render(scale=DPI / 72, grayscale=True).to_pil()
    buffer = BytesIO()
    image.save(buffer, "PNG", dpi=(DPI, DPI))
    return buffer.getvalue()


def _recognise(file: str, engine: _Engine, picture: bytes) -> Recognised:
    """What is on one picture, a PNG."""
    with tempfile.TemporaryDirectory(prefix="overlap-ocr-") as folder:
        found = Path(folder) / "found"
        options = ["-l", engine.languages] if engine.languages else []
        try:
            subprocess.run(
                [engine.program, "stdin", str(found), *options, "txt", "tsv"],
                input=picture,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Pages side by side are faster than several threads on one page.
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
                timeout=PAGE_TIMEOUT_S,
                check=True,
            )
            text = found.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")
            words = found.with_suffix(".tsv").read_text(encoding="utf-8", errors="replace")
        except (OSError, subprocess.SubprocessError) as exc:
            raise CorruptFileError(
                f"Text recognition failed on {file}. Check that Tesseract works, or upload a recognised copy."
            ) from exc
    text = text.replace("\f", "").strip()
    text = _LINE_END_HYPHEN.sub(lambda found: found[0] if found[1].isupper() else found[1], text)
    return Recognised(text, *_counts(words))


def _counts(words: str) -> tuple[int, int]:
    """How many characters the words in Tesseract's TSV have, and those among them of little confidence."""
    rows = [row.split("\t") for row in words.splitlines()[1:]]
    found = [(row[11], float(row[10])) for row in rows if len(row) == 12 and row[11].strip()]
    guessed = (word for word, confidence in found if confidence < LEAST_CONFIDENCE)
    return sum(len(word) for word, _ in found), sum(map(len, guessed))

"""Pictures of text."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageOps

from core.documents.readers.ocr import engine_path
from core.errors import (
    CorruptFileError,
    NoTextError,
)
from tests import documents as build
from tests.documents import message_of, text_of
from tests.fuzz.files import file_seeds

pytestmark = pytest.mark.portable


@pytest.mark.skipif(engine_path() is None, reason="Tesseract is not installed")
def test_picture_is_read_by_text_recognition() -> None:
    assert "pier is made of oak" in text_of("a.png", build.build_picture("The pier is made of oak"))
    blank = message_of("a.png", build.build_picture(""), NoTextError)
    assert blank.startswith("a.png is a picture on which no text was found.")


def test_picture_that_is_damaged_is_corrupt() -> None:
    if engine_path():
        assert "can't be opened as a picture" in message_of("a.png", build.PNG, CorruptFileError)


@pytest.mark.filterwarnings("ignore:::PIL.*")
def test_picture_that_is_cut_is_corrupt() -> None:
    whole = file_seeds("tif")[1]
    if engine_path():
        message = message_of("a.tif", whole[: len(whole) // 2], CorruptFileError)
        assert "can't be opened as a picture" in message


@pytest.mark.skipif(engine_path() is None, reason="Tesseract is not installed")
def test_dark_letters_on_a_transparent_ground_are_read() -> None:
    with Image.open(BytesIO(build.build_picture("The pier is made of oak"))) as picture:
        darkness = ImageOps.invert(picture.convert("L"))
    letters = Image.new("RGBA", darkness.size, "black")
    letters.putalpha(darkness)
    buffer = BytesIO()
    letters.save(buffer, "PNG")
    assert "pier is made of oak" in text_of("a.png", buffer.getvalue())

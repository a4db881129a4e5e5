"""Pictures of text, such as photographs of letters and screenshots."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.readers.ocr import recognised_texts
from core.errors import CorruptFileError, DocumentError, FileTooLargeError, NoTextError

# Several pages at 300 dots an inch; from more on the library warns.
MAX_PIXELS = 80_000_000
MAX_PICTURES = 200
SMALL_PX = 1200


def read_picture(file: str, data: bytes) -> ReadResult:
    """What the text recognition sees; a page per picture of a TIFF file.

    Raises:
        UnsupportedFileError: Where there is no engine.
        CorruptFileError: When it can't be opened as a picture, or the engine fails.
        FileTooLargeError: When it has more than `MAX_PIXELS` pixels, or more than `MAX_PICTURES` pictures.
        NoTextError: There is no text on it, or none that the engine is sure of.
    """
    texts, notes = recognised_texts(file, _pictures(file, data))
    if not any(text.strip() for text in texts):
        raise NoTextError(f"{file} is a picture on which no text was found. Upload a sharper or larger one.")
    if len(texts) == 1:
        return ReadResult((page_of(None, _blocks(texts[0])),), notes)
    return ReadResult(tuple(page_of(number, _blocks(text)) for number, text in enumerate(texts, 1)), notes)


def _blocks(text: str) -> list[Block]:
    return [Block(BlockKind.PARAGRAPH, part) for part in text.split("\n\n")]


def _pictures(file: str, data: bytes) -> Iterator[bytes]:
    """Each as PNG, upright.

    Raises:
        FileTooLargeError: When it has more than `MAX_PIXELS` pixels, or more than `MAX_PICTURES` pictures.
        CorruptFileError: When it can't be opened as a picture.
    """
    from PIL import Image, ImageSequence

    try:
        with Image.open(BytesIO(data)) as image:
            num_pixels = image.width * image.height
            if num_pixels > MAX_PIXELS or getattr(image, "n_frames", 1) > MAX_PICTURES:
                raise FileTooLargeError(
                    f"{file} is larger than {MAX_PIXELS // 10**6} megapixels or holds more than "
                    f"{MAX_PICTURES} pictures. Make it smaller or split it."
                )
            frames = ImageSequence.Iterator(image) if image.format == "TIFF" else [image]
            for frame in frames:
                yield _png(frame)
    except (DocumentError, MemoryError):
        raise
    # Broad on purpose. A damaged picture surfaces as whatever Pillow trips over: a cut TIFF is a TypeError.
    except Exception as exc:
        raise CorruptFileError(
            f"{file} is damaged and can't be opened as a picture. Save it again and upload that."
        ) from exc


def _png(frame: Any) -> bytes:
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(frame)
    if image.has_transparency_data:
        # As it is seen on paper: what lies under transparent parts may have the colour of the letters.
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L")
    if max(image.size) < SMALL_PX:
        # Letters of a screenshot are smaller than what the engine has learned.
        image = image.resize((image.width * 2, image.height * 2))
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()

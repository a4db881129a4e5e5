"""How often is the encoding of an old text guessed right? Paragraphs and questions of XQuAD, by encoding.

    python tests/performance/encodings.py --data ../shared/data/xquad

DIR has xquad.LANGUAGE.json, in the format of SQuAD 1.1. Each text is written in the encodings of its language
and read again; one that an encoding can't hold is left out, and so is one of ASCII alone. Right is a text
that comes back letter for letter. Exit code 1 when fewer than 99 % of the paragraphs do.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.documents.readers.encoding import decode_text
from core.errors import OverlapError
from tests.performance.report import print_settings

ENCODINGS = {
    "ar": ("cp1256", "iso8859-6"),
    "de": ("cp1252", "iso8859-15", "cp850"),
    "el": ("cp1253", "iso8859-7"),
    "es": ("cp1252", "iso8859-15", "cp850"),
    "ro": ("cp1250", "iso8859-2"),
    "ru": ("cp1251", "koi8-r", "iso8859-5", "cp866"),
    "th": ("cp874",),
    "tr": ("cp1254", "iso8859-9"),
    "vi": ("cp1258",),
    "zh": ("gb18030", "utf-16-le"),
}
LEAST_RIGHT = 0.99
MAX_TEXTS = 200


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of xquad.*.json")
    args = parser.parse_args()
    print_settings("chardet", most_texts_of_a_kind=MAX_TEXTS)
    totals = {"paragraphs": [0, 0], "questions": [0, 0]}
    for language, encodings in ENCODINGS.items():
        path = args.data / f"xquad.{language}.json"
        for encoding in encodings if path.exists() else ():
            for kind, texts in _texts(path).items():
                right = [_is_right(text, data) for text, data in _written(texts, encoding)]
                totals[kind][0] += sum(right)
                totals[kind][1] += len(right)
                if right:
                    print(f"{language} {encoding}: {sum(right)} of {len(right)} {kind}")
    for kind, (num_right, num_all) in totals.items():
        print(f"{kind}: {num_right} of {num_all}, {num_right / max(num_all, 1):.1%}")
    num_right, num_all = totals["paragraphs"]
    return 0 if num_right >= LEAST_RIGHT * num_all else 1


def _texts(path: Path) -> dict[str, list[str]]:
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    parts = [part for article in articles for part in article["paragraphs"]]
    questions = [each["question"] for part in parts for each in part["qas"]]
    return {"paragraphs": [part["context"] for part in parts][:MAX_TEXTS], "questions": questions[:MAX_TEXTS]}


def _written(texts: list[str], encoding: str) -> Iterator[tuple[str, bytes]]:
    for text in texts:
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if not text.isascii():
            yield text, data


def _is_right(text: str, data: bytes) -> bool:
    try:
        return decode_text("text.txt", data) == text
    except OverlapError:
        return False


if __name__ == "__main__":
    sys.exit(main())

"""Which language a text is in, and what is known of languages: their names and letters."""

from __future__ import annotations

import string
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

    from core.documents.models import Chunk

# The library knows some hundred. These are the ones that are written much: with all of them, short texts are
# taken for dialects and relatives of their language.
NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian",
    "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer",
    "kn": "Kannada", "ko": "Korean", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian",
    "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_NOT_LATIN = frozenset({
    "am", "ar", "be", "bg", "bn", "el", "fa", "gu", "he", "hi", "hy", "ja", "ka", "kk", "km", "kn", "ko",
    "lo", "mk", "ml", "mn", "mr", "ne", "pa", "ru", "si", "sr", "ta", "te", "th", "uk", "ur", "zh",
})  # fmt: skip
_SAME_LETTERS = [
    frozenset(group.split()) for group in ("be bg kk mk mn ru sr uk", "ar fa ur", "hi mr ne", "ja zh")
]
# A name that the library has for one of them.
_ALSO = {"nb": "no", "nn": "no"}
# How much more likely than the next one a language must be, as a natural logarithm: 3.0 is 20 times. In a
# longer text it is 0.1 for each character, which prose has and a table of names and numbers has not. Other
# letters than Latin ones tell by themselves, or leave a choice between near relatives.
LEAST_MARGIN, LEAST_MARGIN_PER_CHAR = 3.0, 0.1
# Words that hardly any language but English has. Below is how large a share of an English text they are at
# least: less of a long one, in which a quoted English title is a small part anyway. Telling English by them
# needs no library, which would take 0.8 s and 90 MB of every first answer.
ENGLISH = frozenset({
    "about", "and", "are", "because", "been", "being", "but", "by", "could", "did", "does", "from",
    "has", "have", "how", "if", "into", "is", "it", "its", "not", "of", "only", "should", "than", "that",
    "the", "their", "then", "there", "these", "they", "this", "those", "to", "were", "what", "when",
    "where", "which", "while", "who", "whose", "why", "with", "would", "you", "your",
})  # fmt: skip
LEAST_ENGLISH, LEAST_ENGLISH_SHARE = 2, 0.25
LONG_WORDS, LEAST_ENGLISH_SHARE_OF_LONG = 40, 0.15
# More of a text does not make it clearer.
MAX_CHARS = 600
FIRST_PASSAGES = 5


def language_of(text: str) -> str | None:
    """The language of `text`, as two letters (ISO 639-1); None where that is not clear.

    Names, numbers and a word or two are not clear. The first text that is not plainly English takes about
    a second.
    """
    text = " ".join(text[:MAX_CHARS].split())
    if not any(char.isalpha() for char in text):
        return None
    if _is_plainly_english(text):
        return "en"
    with _lock:
        ranked = _identifier().rank(text)
    (best, score), (_, next_score) = ranked[:2]
    least = max(LEAST_MARGIN, LEAST_MARGIN_PER_CHAR * len(text))
    is_clear = score - next_score >= least or not is_latin(best)
    return _ALSO.get(best, best) if is_clear else None


def _is_plainly_english(text: str) -> bool:
    words = text.casefold().replace("'", " ").replace("\u2019", " ").split()
    found = [word for word in (word.strip(_PUNCTUATION) for word in words) if word in ENGLISH]
    least = LEAST_ENGLISH_SHARE_OF_LONG if len(words) >= LONG_WORDS else LEAST_ENGLISH_SHARE
    return len(set(found)) >= LEAST_ENGLISH and len(found) >= least * len(words)


def language_of_document(chunks: Sequence[Chunk]) -> str | None:
    """The language of a document: of the longest of its first passages, since it may begin with names."""
    texts = [chunk.text for chunk in chunks[:FIRST_PASSAGES]]
    return language_of(max(texts, key=len)) if texts else None


def language_name(language: str) -> str:
    """Its English name."""
    return NAMES.get(language, language)


def language_names(languages: Iterable[str | None], last: str = "and") -> str:
    """Their names, as a list in a sentence; those that are unclear are left out.

    Args:
        languages: As two letters; None for an unclear one.
        last: The word before the last one.
    """
    names = sorted(language_name(each) for each in languages if each is not None)
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def is_latin(language: str) -> bool:
    """Whether it is written with Latin letters."""
    return language not in _NOT_LATIN


def share_letters(language: str, other: str) -> bool:
    """Whether they are one, or relatives that a few words do not tell apart: Russian and Bulgarian, say."""
    return language == other or any({language, other} <= letters for letters in _SAME_LETTERS)


_PUNCTUATION = string.punctuation + "\u2018\u2019\u201c\u201d\u2013\u2014\u2026"
_lock = threading.Lock()


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(sorted({*NAMES, *_ALSO} & set(identifier.labels)))
    return identifier

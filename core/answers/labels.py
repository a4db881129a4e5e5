"""Lines of a label and its value, such as "TOTAL: $46,248.78", that a question asks for by the label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.answers.named import Named, Told, name_spans, names_in, words_of
from core.documents.languages import language_of
from core.documents.sentences import cells_of
from core.documents.terms import Analyzer, same_as

if TYPE_CHECKING:
    from core.answers.models import Source

# Documents are about a question from this share of the most relevant one's relevance on.
ABOUT_SHARE = 0.9
_LABELLED = re.compile(r"\W{0,3}(?P<label>[^\W\d_][^:;|]{0,39}?)\s*:[\s|]*(?P<value>[^:;|]*\w[^;|]*)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGIT = re.compile(r"\d")
# A label may have them where the question does not.
_BESIDE = frozenset({
    "amount", "betrag", "dollar", "due", "eur", "gbp", "grand", "ht", "importe", "inr", "jpy", "montant",
    "ttc", "valor",
})  # fmt: skip


def documents_about(question: str, sources: Sequence[Source]) -> set[str]:
    """The documents of which a value can be told by its label alone: those that are about the question.

    Nearly every bill has a total: that of another one would be a wrong answer.
    """
    most = max((source.relevance for source in sources), default=0.0)
    named = Named(names_in(question, language_of(question)))
    about = {each.document_id for each in sources if each.relevance >= ABOUT_SHARE * most}
    have_names = {each for each in about if not _told_by(each, sources).lacks(named)}
    return have_names or about


def are_values_of(question: str, texts: Sequence[str]) -> list[bool]:
    """Which of `texts` have a label and its value, where the question asks for what the label says.

    "PEP: 572" tells nothing of PEP 572, nor does what somebody says behind a name tell of whom it is.
    """
    language = language_of(question)
    analyzer = Analyzer(language)
    asked, said = _words(question, analyzer), set(words_of(question))
    # In German all nouns have capital letters.
    spans = [] if language == "de" else name_spans(question)
    names = {word for start, end in spans for word in _words(question[start:end], analyzer)}

    def is_value(text: str) -> bool:
        label, value = _label_and_value(text)
        words = _words(label, analyzer) - _BESIDE
        is_asked = bool(words) and words <= asked and not words <= names
        return is_asked and not set(words_of(value)) <= said

    return [is_value(text) for text in texts]


def _told_by(document_id: str, sources: Sequence[Source]) -> Told:
    own = [each for each in sources if each.document_id == document_id]
    return Told([text for each in own for text in (each.text, each.file)], lambda _: False)


def _label_and_value(text: str) -> tuple[str, str]:
    """Both as they are written; "" for both where a line has none."""
    cells = [cell for cell in cells_of(text) if cell]
    if len(cells) == 2 and _DIGIT.search(cells[1]) and not _DIGIT.search(cells[0]):
        return cells[0], cells[1]
    found = _LABELLED.fullmatch(text)
    return (found["label"], found["value"]) if found else ("", "")


def _words(text: str, analyzer: Analyzer) -> set[str]:
    """Its words without those that say nothing; of words that mean the same, one."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return {min((word, *same_as(word))) for word in words if not analyzer.is_stop_word(word)}

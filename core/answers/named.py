"""What a question names, and whether a table tells of it: a row of something else is no answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from core.documents.dates import dates_in_digits, months_in_words
from core.documents.sentences import is_table_row

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from core.answers.relevance import Ranked
    from core.embedding.model import Embedder
    from core.store.lexical_index import WordMatches

# Languages in which names have a capital letter, other words hardly, and names keep their form.
_TOLD_BY_CAPITALS = frozenset({"ca", "da", "en", "es", "fr", "gl", "it", "nl", "no", "pt", "sv"})
# Words that a name may have or lack, and words with a capital letter that name nothing a row is about.
_COMMON = months_in_words() | frozenset({
    "airline", "airlines", "airport", "airways", "american", "and", "annex", "appendix", "are", "article",
    "as", "avenue", "bank", "bay", "board", "book", "british", "bureau", "cape", "captain", "center",
    "central", "centre", "chapter", "chief", "church", "city", "club", "coast", "college", "column",
    "commission", "committee", "company", "congress", "corp", "corporation", "council", "country", "county",
    "court", "das", "day", "democrat", "department", "der", "did", "die", "director", "district", "do",
    "doctor", "document", "does", "dr", "dutch", "earth", "east", "eastern", "el", "english", "eu",
    "european", "federal", "federation", "figure", "file", "find", "for", "fort", "foundation", "french",
    "fri", "friday", "general", "give", "government", "governor", "great", "greek", "group", "high", "hill",
    "house", "how", "i", "id", "il", "in", "inc", "institute", "international", "internet", "irish", "is",
    "island", "islands", "jr", "judge", "king", "kingdom", "la", "lady", "lake", "las", "le", "les", "list",
    "lo", "lord", "los", "lower", "ltd", "mayor", "minister", "ministry", "mister", "mon", "monday",
    "monument", "mount", "mountain", "mr", "mrs", "ms", "museum", "national", "new", "north", "northern",
    "of", "office", "official", "os", "page", "paragraph", "park", "part", "party", "please", "point",
    "port", "president", "prime", "prince", "princess", "prof", "professor", "province", "queen",
    "question", "region", "report", "representative", "republic", "republican", "river", "road", "row",
    "saint", "san", "sat", "saturday", "school", "secretary", "section", "senate", "senator", "sheet",
    "show", "slide", "south", "southern", "spanish", "sr", "st", "state", "states", "station", "street",
    "sun", "sunday", "swiss", "table", "team", "tell", "the", "thu", "thursday", "town", "tue", "tuesday",
    "turkish", "uae", "uk", "un", "una", "union", "united", "university", "upper", "us", "usa", "vice",
    "volume", "wed", "wednesday", "welsh", "west", "western", "what", "when", "where", "which", "who",
    "whose", "why", "world",
})  # fmt: skip
# Of these a name that stands beside them is no other name.
_BESIDE_NAMES = frozenset({
    "co", "company", "corp", "corporation", "dr", "governor", "group", "inc", "jr", "judge", "lady", "lord",
    "ltd", "minister", "mr", "mrs", "ms", "president", "prof", "professor", "secretary", "senator", "sr",
    "the",
})  # fmt: skip
# Before a word in capitals these say that it names something: "of BYU", but "the GDP", "in USD".
_BEFORE_NAMES = frozenset({
    "at", "by", "did", "do", "does", "for", "from", "had", "has", "have", "is", "of", "to", "was", "with",
})  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"[^\W_](?:[\w.&'’/-]*[^\W_])?")
_YEAR = re.compile(r"(?<![\w.,-])(1[5-9]\d\d|20\d\d)(?![\w,]|[.-]\w)|(?<=\d[/.-])(1[5-9]\d\d|20\d\d)\b")
_ANY_YEAR = re.compile(r"\b(?:1[5-9]\d\d|20\d\d)\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d\d\b")
_RANGE = re.compile(
    r"\b(?:since|after|before|until|till|between|from|through|bis|seit|vor|nach|zwischen|depuis|avant|après|entre|desde|"
    r"hasta|antes|después|depois|até|dal|prima|dopo|fino)\b",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s?$")
# What a sentence begins behind, and what does not end one.
_STARTS, _ABBREVIATION = re.compile(r"[.!?:;>\n]"), re.compile(r"[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|No|Gen|Sen")
# Between the words of a name.
_GAPS = (" ", ". ")
# What makes another word of the name of a country: Canada, Canadian, Canadians.
_BELONGING = re.compile(r"(?:ians?|eans?|ans?|ese|s)$")
_CELL = re.compile(r"[;|:\n]")
LEAST_PREFIX, MOST_ADDED = 4, 2
# Shorter words differ by a letter and are two words.
LEAST_MISSPELT = 6
# Words that have a capital letter in a heading only.
_IN_TITLES = frozenset({"Are", "Did", "Do", "Does", "For", "In", "Is", "Of", "To", "Was", "Were", "With"})
# In a heading all words of so many letters have a capital one; so many there have to be, to tell.
LEAST_TITLE = 4

# What takes the place of more relevant rows is more relevant than by chance.
LEAST_RELEVANCE = 0.5

# Names as a question has them: words that follow each other.
Name = tuple[str, ...]


def names_in(question: str, language: str | None) -> list[Name]:
    """The names in a question, told by their capital letters; none where those tell nothing.

    Args:
        question: As it was typed.
        language: Of the question; None where it is unknown.
    """
    if language is not None and language not in _TOLD_BY_CAPITALS:
        return []
    tokens = _TOKEN.findall(question)
    long = [token for token in tokens if len(token) >= LEAST_TITLE]
    is_title = len(long) >= LEAST_TITLE and all(map(_is_capital, long))
    if is_title or question.isupper() or not _IN_TITLES.isdisjoint(tokens[1:]):
        return []
    spans = (question[start:end] for start, end in name_spans(question))
    return [tuple(_POSSESSIVE.sub("", token) for token in _TOKEN.findall(span)) for span in spans]


def name_spans(text: str) -> list[tuple[int, int]]:
    """Where words with a capital letter stand, those that follow each other as one; the first word aside."""
    found: list[tuple[int, int]] = []
    for before, token in pairwise(_TOKEN.finditer(text)):
        gap = text[before.end() : token.start()]
        is_start = _STARTS.search(gap) is not None and not _ABBREVIATION.fullmatch(before[0])
        is_next = bool(found) and found[-1][1] == before.end() and gap in _GAPS
        is_initial = is_next and len(token[0]) == 1 and _is_capital(token[0])
        if is_start or not (is_initial or _is_name(token[0], before[0].casefold())):
            continue
        start = found.pop()[0] if is_next else token.start()
        found.append((start, token.end()))
    return found


def _is_capital(token: str) -> bool:
    return token[0].isupper()


def _is_name(token: str, before: str) -> bool:
    if len(token) < 2 or not any(map(str.isupper, token)) or not token[0].isalpha():
        return False
    return not token.isupper() or len(token) > LEAST_MISSPELT or before in _BEFORE_NAMES


def years_in(text: str) -> set[str]:
    """The years that a question asks about."""
    return {first or second for first, second in _YEAR.findall(text)}


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names.

    Attributes:
        dates: Each in all the ways that tables write it.
    """

    names: Sequence[Name] = ()
    years: frozenset[str] = frozenset()
    dates: Sequence[frozenset[str]] = ()

    @classmethod
    def by(cls, question: str, language: str | None) -> Named:
        """By a question in `language`; None where that is unknown."""
        names = names_in(question, language)
        if _RANGE.search(question):
            # Of "before 1950" the year need not be there.
            return cls(names)
        return cls(names, frozenset(years_in(question)), dates_in_digits(question))


@dataclass(frozen=True)
class Told:
    """What was found of one document.

    Attributes:
        texts: Passages of it, and what it is called.
        has_word: Whether the whole document has a word.
    """

    texts: Sequence[str]
    has_word: Callable[[str], bool]

    def lacks(self, named: Named) -> bool:
        """Whether one of the names, or a year or a date among others, is nowhere in it."""
        return (
            any(map(self._lacks_name, named.names))
            or any(map(self._lacks_year, named.years))
            or any(map(self._lacks_date, named.dates))
        )

    @cached_property
    def _lines(self) -> list[tuple[str, set[str]]]:
        """Each row of a table, and what else a passage says, which may be wrapped to lines anywhere."""
        found: dict[str, set[str]] = {}
        for text in self.texts:
            rows = [line for line in text.splitlines() if _is_row(line)]
            others = " ".join(line for line in text.splitlines() if not _is_row(line))
            found.update({line: set(words_of(line)) for line in (*rows, others)})
        return list(found.items())

    @cached_property
    def _words(self) -> set[str]:
        return {word for _, words in self._lines for word in words}

    @cached_property
    def _run_together(self) -> str:
        return "".join(word for line, _ in self._lines for word in words_of(line))

    def _lacks_name(self, name: Name) -> bool:
        parts = (part for token in name for part in _WORD.findall(token) if _is_capital(part))
        wanted = [word for part in parts for word in words_of(part)]
        wanted = [word for word in wanted if len(word) > 1 and word not in _COMMON]
        if not wanted:
            return False
        if len(wanted) == 1:
            return not self._has(wanted[0])
        if any(all(_is_among(word, words) for word in wanted) for _, words in self._lines):
            return False
        return not any(_stands_alone(wanted[-1], line) for line, words in self._lines if wanted[-1] in words)

    def _has(self, word: str) -> bool:
        if self.has_word(word) or _is_among(word, self._words):
            return True
        return len(word) >= LEAST_MISSPELT and word in self._run_together

    def _lacks_year(self, year: str) -> bool:
        if self.has_word(year):
            return False
        text = "\n".join(self.texts)
        # What tells of no year may tell of any.
        is_told = (
            re.search(rf"\d[/.-]{year[2:]}(?![\d/.-])|(?:['’]|\bFY ?){year[2:]}\b|{year}", text) is not None
        )
        return not is_told and _ANY_YEAR.search(text) is not None

    def _lacks_date(self, forms: frozenset[str]) -> bool:
        if any(map(self.has_word, forms)):
            return False
        # The same of dates, and it may write them in another way.
        text = "\n".join(self.texts)
        return bool(dates_in_digits(text)) and not any(form in text for form in forms)


def with_all_names(question: str, language: str | None, texts: Iterable[str]) -> set[str]:
    """Those of `texts` that have all names of a question in `language`; none where it names nothing."""
    named = Named(names_in(question, language))
    if not named.names:
        return set()
    return {text for text in texts if not Told([text], lambda _: False).lacks(named)}


def is_tabular(text: str) -> bool:
    """Whether most of a passage are rows of a table."""
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(len(line) for line in lines if _is_row(line)) * 2 > sum(map(len, lines))


def _is_row(line: str) -> bool:
    cells = line.split("; ")
    is_named = len(cells) > 1 and all(": " in cell for cell in cells)
    # Of a PDF: "Rome: Cases 12; Deaths 3".
    is_bare = len(cells) > 2 and 2 * sum(any(map(str.isdigit, cell)) for cell in cells) >= len(cells)
    return is_table_row(line) or is_named or is_bare


def words_of(text: str) -> list[str]:
    """The words of a text without accents and in lower case."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))


def _is_among(word: str, words: set[str]) -> bool:
    """Whether a word, an initial for it, a relative of it or a slip of the pen is among `words`."""
    if word in words:
        return True
    stem = _BELONGING.sub("", word)
    stems = {each for each in (word, stem) if len(each) >= LEAST_PREFIX}
    for other in words:
        if any(other.startswith(each) and len(other) - len(each) <= MOST_ADDED for each in stems):
            return True
        if len(word) >= LEAST_MISSPELT and _is_misspelt(word, other):
            return True
    return False


def _is_misspelt(word: str, other: str) -> bool:
    """Whether one letter is missing, too much or another one, or some have changed places."""
    if abs(len(word) - len(other)) > 1 or word[0] != other[0]:
        return False
    if sorted(word) == sorted(other):
        return True
    start = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if start is None:
        return True
    one, two = word[start:], other[start:]
    return two[1:] in (one, one[1:]) or two == one[1:]


def _is_other_name(token: str) -> bool:
    """Whether it makes a name another one, as Hill does and Inc. does not."""
    return _is_capital(token) and token.casefold() not in _BESIDE_NAMES


def _stands_alone(word: str, line: str) -> bool:
    """Whether no other name stands beside it in its cell, as Hill does in Jordan Hill; initials may."""
    for cell in _CELL.split(line):
        tokens = [token for token in _TOKEN.findall(cell) if len(token) > 1]
        for at, token in enumerate(tokens):
            beside = tokens[max(0, at - 1) : at] + tokens[at + 1 : at + 2]
            if word in words_of(token) and not any(map(_is_other_name, beside)):
                return True
    return False


def about_what_is_named(
    question: str,
    language: str | None,
    ranked: Sequence[Ranked],
    words: WordMatches,
    embedder: Embedder,
) -> list[Ranked]:
    """`ranked` without rows of something else; none where the documents do not have what is named.

    That is: no document has a name of the question, or the most relevant passage has rows of a table, its
    document lacks a name, a year or a date of the question, and so does every other passage. In another
    language a name may be another word: nothing is said of what a model of many languages found there.

    Args:
        question: As it was typed.
        language: Of the question; None where it is unknown.
        ranked: Passages with their relevance, the most relevant first.
        words: What the question's words found.
        embedder: The model that they were found with.
    """
    named = Named.by(question, language)
    if not ranked or named == Named():
        return list(ranked)
    everywhere = Told(
        [text for hit, _ in ranked for text in _told_by(hit)], lambda word: words.has_word(word, None)
    )
    is_by_words = language is not None and embedder.reads(language) is False
    # What tells no language is mostly names and numbers.
    own = {language, None} if is_by_words or language in ("en", None) else {language}
    own |= {"en"} if language is None else set()
    is_across = not is_by_words and any(embedder.reads(other) is not False for other in words.languages - own)
    if not is_across and everywhere.lacks(Named(named.names)):
        return []
    first = ranked[0][0]
    is_row = is_tabular(first.node.get_content()) and words.language_of(first.node.node_id) in own
    if not is_row or not _lacks(first, named, ranked, words):
        return list(ranked)
    others = [each for each in ranked if not _lacks(each[0], named, ranked, words)]
    return others if others and others[0][1] >= LEAST_RELEVANCE else []


def _lacks(hit: NodeWithScore, named: Named, ranked: Sequence[Ranked], words: WordMatches) -> bool:
    """Whether a passage can't be about what is named: a row's table lacks it, or a text itself."""
    if not is_tabular(hit.node.get_content()):
        return Told(_told_by(hit), lambda _: False).lacks(named)
    document_id = hit.node.ref_doc_id or ""
    own = [text for each, _ in ranked if each.node.ref_doc_id == document_id for text in _told_by(each)]
    return Told(own, lambda word: words.has_word(word, document_id)).lacks(named)


def _told_by(hit: NodeWithScore) -> list[str]:
    """A passage, and what its file and its page are called."""
    metadata = hit.node.metadata
    return [hit.node.get_content(), str(metadata.get("file", "")), str(metadata.get("label") or "")]

"""Answers without a language model: the sentences of the passages that match the question best."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from core.answers.citations import WORD_JOINER, as_quotation, code_block
from core.answers.kinds import has_kind
from core.answers.labels import are_values_of, documents_about
from core.answers.mail_headers import tells_who_wrote
from core.answers.markdown_parts import without_marks
from core.answers.models import Source
from core.answers.named import with_all_names
from core.answers.relevance import MEANING_WEIGHT, trust_in
from core.answers.rows import row_below, row_text, rows_above
from core.documents.dates import dates_in_digits
from core.documents.languages import language_of
from core.documents.models import OLDER
from core.documents.sentences import Statement, cells_of, is_table_row, statements
from core.documents.terms import is_name, without_version_mark

if TYPE_CHECKING:
    import numpy as np

    from core.embedding.model import Embedder

NUM_PARTS = 3
# Others than the best are shown from this share of its worth on: below, a passage is there because there was
# none better. Chosen by tests/performance/languages.py, which shows parts and answers.
CUT_BELOW_BEST = 0.7
# They need so much of what the best one has by itself, its passage aside: of another document more.
SAME_DOCUMENT_SHARE, OTHER_DOCUMENT_SHARE = 0.4, 0.8
# So many sentences before and after the best one belong to it, up to so many characters in all.
NEIGHBOURS, MAX_PART_CHARS = 2, 700
# Shorter ones are headings, page numbers and crumbs of tables: the shorter, the less they count. A Chinese or
# Japanese character counts as two.
WHOLE_CHARS = 40
# How much its passage's relevance counts beside its own; chosen by tests/performance/languages.py.
SOURCE_WEIGHT = 1.4
# Only the best by words are compared in meaning: that takes most of the time.
MAX_COMPARED = 16
PARAGRAPH, LINE = "\n\n", "  \n"
MARKDOWN_SUFFIXES = {".md", ".markdown"}
_STAR = re.compile(r"\*(?=\*)")
# Fewer letters and digits begin many sentences.
LEAST_REPEATED = 20
# What a sentence is worth more that has all of the names in the question which only one thing has.
NAME_WORTH = 1.0
# Of a line such as "TOTAL: $46,248.78", where the total was asked for.
LABEL_WORTH = 2.0
# That has a value of the kind that was asked for; chosen by tests/performance/languages.py.
KIND_WORTH = 0.15
# Of a row with values that has all of the names in the question.
ROW_WORTH = 0.3
# What has digits in it: a part's number, a section, a year.
_NAME = re.compile(r"(?:\w[\w./-]*)?\d(?:[\w./-]*\w)?")
# The address of a web page, or what is left of one that was broken: words with dashes, paths. A date is none.
_ADDRESS = re.compile(
    r"https?://|^\(?www\.|^[\w(][\w.-]*\.\w+/|^(?:\w+-){3,}\w+|^(?=[\d/-]*[^\W\d_])(?:[\w-]+/){2,}"
)
_RULE = re.compile(r"^(?:-{6,}|={6,}|_{6,})\s*(?=[^\W_])")
_ALNUM = re.compile(r"[^\W_]+")
_HAS_WORD = re.compile(r"[^\W\d_]{2}")
_WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ENDS = (".", "!", "?", "。", "！", "？")


# What each source says, by its number.
Told = Mapping[int, Sequence[Statement]]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One that may answer.

    Attributes:
        index: Its place among those of its source.
    """

    source: Source
    index: int
    text: str
    is_prose: bool = True

    def is_near(self, other: _Sentence, told: Told) -> bool:
        """Whether it is shown together with another one."""
        if self.source.number != other.source.number:
            return False
        ours = told[self.source.number]
        first, last = _window(other.index, ours)
        if first <= self.index <= last or self.index in _rows_above(other, ours):
            return True
        # A heading is told with what stands below it.
        first, last = _window(self.index, ours)
        return ours[self.index].is_heading and first <= other.index <= last

    def repeats(self, other: _Sentence) -> bool:
        """Whether it says the same as another one, or one is the other's beginning: a row that was cut."""
        ours, theirs = _bare(self.text), _bare(other.text)
        return min(len(ours), len(theirs)) >= LEAST_REPEATED and (
            ours.startswith(theirs) or theirs.startswith(ours)
        )


async def extract(question: str, sources: Sequence[Source], embedder: Embedder) -> AsyncGenerator[str, None]:
    """The best-matching sentences, each in bold between its neighbours, as a paragraph that names its source.

    The best comes first; those of older versions come last, and say so.
    """
    told = {source.number: statements(source.text) for source in sources}
    best = await _best_sentences(question, sources, told, embedder)
    if sources and not best:
        # None has a sentence: a line of dashes, say.
        yield f"{sources[0].text.strip()} [{sources[0].number}]"
    said: set[str] = set()
    for sentence in sorted(best, key=lambda each: each.source.is_older):
        source, texts = sentence.source, told[sentence.source.number]
        first, last = _window(sentence.index, texts, said)
        said.update(each.text for each in texts[first : last + 1])
        older = f" ({OLDER})" if source.is_older else ""
        shown = _part(sentence, texts, first, last)
        yield f"{_above(sentence, texts)}{shown}[{source.number}]{older}{PARAGRAPH}"


def _part(sentence: _Sentence, told: Sequence[Statement], first: int, last: int) -> str:
    """The sentence between its neighbours. Two stars in a row are ours alone, and so is a block of code."""
    shown = ""
    for index in range(first, last + 1):
        if (language := told[index].code) is not None:
            shown += f"{PARAGRAPH if shown else ''}{code_block(told[index].text, language)}{PARAGRAPH}"
            continue
        text = _quoted(sentence.source, told, index)
        space = "" if not shown or shown.endswith(PARAGRAPH) else LINE if cells_of(told[index].text) else " "
        shown += space + (f"**{text}**" if index == sentence.index and first != last else text)
    return shown if shown.endswith(PARAGRAPH) else f"{shown} "


def _above(sentence: _Sentence, told: Sequence[Statement]) -> str:
    """What may say what the cells of a row are, a line each."""
    above = _rows_above(sentence, told)
    return "".join(f"{_quoted(sentence.source, told, index)}{LINE}" for index in above)


def _rows_above(sentence: _Sentence, told: Sequence[Statement]) -> list[int]:
    return rows_above(sentence.index, told, is_markdown=_is_markdown(sentence.source))


def _is_markdown(source: Source) -> bool:
    return PurePath(source.file).suffix.lower() in MARKDOWN_SUFFIXES


def _quoted(source: Source, told: Sequence[Statement], index: int) -> str:
    is_markdown = _is_markdown(source)
    # A line drawn above a row, which stands in it where both were set close together, is none of its words.
    text = _RULE.sub("", row_text(index, told, is_markdown=is_markdown))
    text = as_quotation(without_marks(text) if is_markdown else text)
    # Spaces around, because stars between letters and full stops are stars in scripts without spaces.
    return _STAR.sub(rf"*{WORD_JOINER}", text)


def _window(index: int, told: Sequence[Statement], said: Collection[str] = ()) -> tuple[int, int]:
    """The first and the last of what is shown together with the statement `index` of `told`.

    A row or an item stands alone. What is in `said` is shown already, and so not shown again beside it.
    """
    first = last = index
    if told[index].is_heading:
        return index, _end_below(index, told, said)
    below = row_below(index, told)
    if below is not None:
        return index, below
    if not told[index].is_prose:
        return (index - 1 if _is_announced(index, told, said) else index), index
    room = MAX_PART_CHARS - len(told[index].text)
    for distance in range(1, NEIGHBOURS + 1):
        for at in (index - distance, index + distance):
            is_next = at in {first - 1, last + 1} and 0 <= at < len(told) and told[at].is_prose
            if is_next and told[at].text not in said and len(told[at].text) <= room:
                room -= len(told[at].text)
                first, last = min(first, at), max(last, at)
    if _announces_code(last, told) and told[last + 1].text not in said:
        last += 1
    return first, last


def _end_below(index: int, told: Sequence[Statement], said: Collection[str]) -> int:
    """The last of what stands below a heading, as far as there is room and it was not said already."""
    room = MAX_PART_CHARS
    for at in range(index + 1, len(told)):
        room -= len(told[at].text)
        if told[at].is_heading or told[at].code is not None or told[at].text in said or room < 0:
            return at - 1
    return len(told) - 1


def _is_announced(index: int, told: Sequence[Statement], said: Collection[str]) -> bool:
    """Whether it is code below a sentence or a heading."""
    if told[index].code is None or index == 0:
        return False
    above = told[index - 1]
    return (above.is_prose or above.is_heading) and above.text not in said


def _announces_code(index: int, told: Sequence[Statement]) -> bool:
    """Whether a sentence or a heading is not whole without the code below it."""
    is_above = index + 1 < len(told) and told[index + 1].code is not None
    return is_above and not told[index].text.endswith(_ENDS)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What may answer, and how well.

    Attributes:
        own: What each is worth by itself, its passage and all that is asked for aside.
        worth: What it is worth in all.
        have_kind: Which have a value of the kind that is asked for; None where no such kind is.
        are_rows: Which are rows of what the question names.
    """

    sentences: Sequence[_Sentence]
    own: np.ndarray
    worth: np.ndarray
    have_kind: Sequence[bool] | None
    are_rows: Sequence[bool]

    def is_padding(self, index: int, best: int) -> bool:
        """Whether one has nothing to do with what `best` answers."""
        if self.have_kind is not None and self.have_kind[best] and not self.have_kind[index]:
            return True
        if self.are_rows[best] and not self.are_rows[index] and not self.sentences[index].is_prose:
            return True
        ours, theirs = (self.sentences[each].source.document_id for each in (index, best))
        share = SAME_DOCUMENT_SHARE if ours == theirs else OTHER_DOCUMENT_SHARE
        return bool(self.own[index] < share * self.own[best])


async def _best_sentences(
    question: str, sources: Sequence[Source], told: Told, embedder: Embedder
) -> list[_Sentence]:
    """The best first, at most `NUM_PARTS` that are worth it, none of which is told with another one."""
    asked = _names(question) | _dates(question, sources)
    exact = {name for name in asked if is_name(name)}
    candidates = _candidates(sources, told, exact)
    if not candidates:
        first = [source for source in sources if told[source.number]][:1]
        return [_Sentence(source, 0, told[source.number][0].text) for source in first]
    weighed = await _weighed(question, candidates, sources, exact, embedder)
    order = [int(index) for index in weighed.worth.argsort(kind="stable")[::-1]]
    best = order[0]
    chosen = [candidates[best]]
    for index in order[1:]:
        if len(chosen) == NUM_PARTS or weighed.worth[index] < CUT_BELOW_BEST * weighed.worth[best]:
            break
        sentence = candidates[index]
        if weighed.is_padding(index, best) or _is_of_another(sentence, candidates[best], asked, told):
            continue
        if not any(sentence.is_near(other, told) or sentence.repeats(other) for other in chosen):
            chosen.append(sentence)
    return chosen


async def _weighed(
    question: str,
    candidates: Sequence[_Sentence],
    sources: Sequence[Source],
    exact: set[str],
    embedder: Embedder,
) -> _Weighed:
    """How well each of `candidates` answers; exact: names with digits that the question has."""
    texts = [each.text for each in candidates]
    own = await _own_worth(question, candidates, embedder)
    worth = own + [SOURCE_WEIGHT * each.source.relevance for each in candidates]
    if exact:
        worth += NAME_WORTH * _share_of_names(exact, candidates)
    worth += [NAME_WORTH * tells_who_wrote(question, text) for text in texts]
    have_kind = has_kind(question, texts)
    if have_kind is not None:
        # A number among sentences that all have numbers tells little.
        rare = 1 - sum(have_kind) / len(have_kind)
        worth += [KIND_WORTH * rare * has for has in have_kind]
    are_rows = _are_rows_of(question, texts)
    worth += [ROW_WORTH * each for each in are_rows]
    may_be_asked = have_kind or [True] * len(texts)
    are_values = are_values_of(question, texts)
    about = documents_about(question, sources) if any(are_values) else set()
    worth += [
        LABEL_WORTH * (may_be and is_value and each.source.document_id in about)
        for may_be, is_value, each in zip(may_be_asked, are_values, candidates, strict=True)
    ]
    return _Weighed(candidates, own, worth, have_kind, are_rows)


def _are_rows_of(question: str, texts: Sequence[str]) -> list[bool]:
    """Which are rows of what the question names, with values that it does not have."""
    asked = _names(question)
    rows = (text for text in texts if is_table_row(text) and _names(text) - asked)
    found = with_all_names(question, language_of(question), rows)
    return [text in found for text in texts]


def _is_of_another(sentence: _Sentence, best: _Sentence, asked: set[str], told: Told) -> bool:
    """Whether it is the row or the item of something else than what was asked for by name."""
    is_named = bool(asked & _names_of(best, told))
    return is_named and not sentence.is_prose and not asked & _names_of(sentence, told)


def _names_of(sentence: _Sentence, told: Told) -> set[str]:
    """Those in it, and in what stands above it as names of its cells: the year of a table, say."""
    above = _rows_above(sentence, told[sentence.source.number])
    texts = [told[sentence.source.number][index].text for index in above]
    return {name for text in (sentence.text, *texts) for name in _names(text)}


def _bare(text: str) -> str:
    """Its letters and digits, as they are compared."""
    return "".join(_ALNUM.findall(text)).casefold()


def _names(text: str) -> set[str]:
    return {without_version_mark(name) for name in _NAME.findall(text.casefold())}


def _dates(question: str, sources: Sequence[Source]) -> set[str]:
    """Dates that the question has in words, as the sources write them in digits."""
    written = {form for date in dates_in_digits(question) for form in date}
    return written & {name for source in sources for name in _names(source.text)} if written else set()


def _share_of_names(asked: set[str], candidates: Sequence[_Sentence]) -> np.ndarray:
    """How many of the names each sentence has, 0 to 1."""
    import numpy as np

    return np.asarray([len(asked & _names(each.text)) / len(asked) for each in candidates])


def _candidates(sources: Sequence[Source], told: Told, asked: set[str]) -> list[_Sentence]:
    """Every sentence once: from the first source that has it, of a newer version.

    Those without words, and addresses, only where they have a name that was asked for.
    """
    found: dict[str, _Sentence] = {}
    for source in sorted(sources, key=lambda source: (source.is_older, source.number)):
        for index, each in enumerate(told[source.number]):
            if (_HAS_WORD.search(each.text) and not _is_address(each.text)) or asked & _names(each.text):
                found.setdefault(each.text, _Sentence(source, index, each.text, each.is_prose))
    return sorted(found.values(), key=lambda each: (-each.source.number, -each.index))


def _is_address(text: str) -> bool:
    """Whether most of it is the address of a web page, or the rest of one."""
    return 2 * sum(len(word) for word in text.split() if _ADDRESS.search(word)) > len(text)


async def _own_worth(question: str, candidates: Sequence[_Sentence], embedder: Embedder) -> np.ndarray:
    """How well each sentence answers by itself: by words, and by meaning where the model can tell."""
    import numpy as np

    lengths = np.asarray([_length(each.text) for each in candidates])
    of_source = np.asarray([SOURCE_WEIGHT * each.source.relevance for each in candidates])
    own = _by_words(question, candidates)
    trust = trust_in(embedder, language_of(candidates[-1].source.text))
    if trust == 1.0:
        compared = np.argsort(-(own * lengths + of_source), kind="stable")[:MAX_COMPARED]
        mean, deviation = embedder.unrelated_similarity
        vectors = await embedder.aembed([candidates[int(index)].text for index in compared])
        similarities = vectors @ np.asarray(await embedder.aembed_query(question))
        own[compared] += MEANING_WEIGHT * (similarities - mean) / deviation
    return np.asarray(own * np.minimum(1.0, lengths / WHOLE_CHARS))


def _by_words(question: str, candidates: Sequence[_Sentence]) -> np.ndarray:
    from core.store.lexical_index import IndexedChunk, LexicalIndex

    texts = {each.source.number: each.source.text for each in candidates}
    languages = {number: language_of(text) for number, text in texts.items()}
    index = LexicalIndex()
    index.add(
        IndexedChunk(
            str(number), str(each.source.number), each.index, each.text, languages[each.source.number]
        )
        for number, each in enumerate(candidates)
    )
    return index.scores(question, language_of(question)).astype("float64")


def _length(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))

"""Where sentences end, for chunk borders and extractive answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from core.documents.dates import MONTHS_PATTERN

# After a full stop (with closing quotes or brackets) and white space, or at an empty line; in
# scripts written without spaces right after the full stop.
_BREAK = re.compile(r"(?<=[.!?…؟۔।॥])[\"'”’»)\]]*\s+|[。！？]+[」』”’]*\s*|\n\s*\n\s*")
# A full stop behind these, or behind a single letter, seldom ends a sentence.
_ABBREVIATION = re.compile(
    r"(?:\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|al|cf|Fig|No|Inc|Ltd|Co|e\.g|i\.e|z\.B|bzw|bzgl|evtl|"
    r"ggf|BGBl|Bek|inkl|zzgl|exkl|vgl|sog|gem))\.$"
)
# Nor behind these before a number: "§ 2 Nr. 1", "vol. 3".
_BEFORE_NUMBER = re.compile(
    r"\b(?:Nr|Nrn|Abs|Art|Kap|Bd|Ziff|Abb|Tab|Pos|Anm|Rn|vol|sec|fig|núm|págs?|pp|ca|Tel|max|min)\.$",
    re.IGNORECASE,
)
_ABBREVIATION_CHARS = 8
# Nor behind a unit: "5 Min. zu einem Teig".
_UNIT = re.compile(r"\d\s?[A-Za-zÀ-ÿ]{1,4}\.$")
# Nor behind the day of a date: "am 8. Juli".
_DAY = re.compile(r"(?<![\w.,])\d{1,2}\.$")
_MONTH = re.compile(rf"(?:{MONTHS_PATTERN})\b", re.IGNORECASE)
# Lines that are no prose: rows of tables and headings, which are a line each; items of lists, and a name with
# its value, which may be wrapped.
_ONE_LINE = re.compile(r"[ ]*(?:#{1,6}\s|.*(?:\||\t))")
_ITEM = re.compile(r"[ ]*(?:[-*+•‣–]\s|\d{1,3}[.)]\s|>)")
_NAMED = re.compile(r"[^.!?:。！？।؟]{1,60}[:：](?:\s|$)")
# A line ends like this where it was not broken because it was full.
_ENDED = re.compile(r"^\s*$|[.!?:;…。！？।؟][\"'”’»)\]]*\s*$")
FULL_LINE_CHARS = 40
_SEVERAL = re.compile(r"[.!?][\"'”’»)\]]*\s+[A-ZÀ-Þ]")
# A line that is no longer than this share of the next one was not broken because it was full.
HEADING_SHARE = 0.6
# A line of three ticks or more, or of waves, before and after code; the one before may say what code it is.
_FENCE = re.compile(r"\s*(?P<marks>`{3,}|~{3,})\s*(?P<info>(?P<language>[\w+#-]*)[^`]*?)\s*")
# A line of a record.
_ENTRY = re.compile(r"\s*(?P<name>[^.!?:;|。！？।؟]{1,60})[:：]\s+\S")
_PARAGRAPHS = re.compile(r"\n\s*\n")
# What a mail begins with, its own or one that it answers: the sender first. Also in German, French, Spanish
# (Portuguese) and Italian programs' words.
_SENDER = frozenset(("from", "von", "de", "da"))
_OTHER_HEADERS = frozenset({
    "to", "sent", "date", "subject", "an", "gesendet", "datum", "betreff", "à", "envoyé", "objet", "para",
    "enviado", "asunto", "assunto", "a", "inviato", "oggetto",
})  # fmt: skip
# A row of one sign below a line makes it a heading, in Markdown and reStructuredText.
_UNDERLINE = re.compile(r"\s*(?P<sign>[-=~^*+#])(?P=sign){2,}\s*")
# A row of a table as it is read: names with their values; the first column may have no name.
_ROW = re.compile(r"[^;:]{1,60}(?:: [^;]{1,80})?; [^;:]{1,120}: [^;]*;")
# So is a line of so many cells of which so many have a name, no longer than this, whatever stands in them.
LEAST_CELLS, NAMED_SHARE, MAX_NAME_CHARS = 3, 2 / 3, 120
# A row whose columns have no names: some of its cells are empty, or half of them are numbers.
_EMPTY_CELL = re.compile(r"^; |; ;")
MAX_CELL_CHARS = 60
# A row up to this length is told whole; of a longer one each piece says whose it is.
WHOLE_ROW_CHARS = 900
# A sentence in Thai, or a long one in Chinese, is cut where it pauses: it would be a whole paragraph.
LONG_CHARS = 300
_CELL_END = re.compile(r";\s+")
_PAUSES = re.compile(r"[，、；;,،]\s*"), re.compile(r"\s+")


def sentence_breaks(text: str) -> list[int]:
    """Character positions at which a sentence may start, ascending, without 0 and len(text)."""
    return list(_breaks(text))


def _breaks(text: str) -> Iterator[int]:
    for match in _BREAK.finditer(text):
        is_end = "\n\n" in match.group().replace(" ", "") or not _goes_on_at(text, match.start(), match.end())
        if is_end and 0 < match.end() < len(text):
            yield match.end()


def _goes_on_at(text: str, end: int, start: int) -> bool:
    """Whether the full stop before `end` ends no sentence, by what stands before it and from `start` on."""
    before = text[max(0, end - _ABBREVIATION_CHARS) : end]
    if _ABBREVIATION.search(before):
        return True
    following = text[start : start + 1]
    if (following.isdigit() and _BEFORE_NUMBER.search(before)) or (
        following.islower() and _UNIT.search(before)
    ):
        return True
    return _DAY.search(before) is not None and _MONTH.match(text, start) is not None


def split_sentences(text: str) -> list[str]:
    """The sentences of `text`, stripped, with white space folded; empty ones are left out."""
    borders = [0, *sentence_breaks(text), len(text)]
    parts = (" ".join(text[start:end].split()) for start, end in pairwise(borders))
    return [part for part in parts if part]


@dataclass(frozen=True, slots=True)
class Statement:
    """What can stand as an answer.

    Attributes:
        is_prose: A sentence among others, not a row, an item, a heading or code.
        is_heading: Something stands below it that it is about.
        code: The language of code, "" where that is not told; None for what is no code.
    """

    text: str
    is_prose: bool
    code: str | None = None
    is_heading: bool = False


def statements(text: str) -> list[Statement]:
    """The sentences of prose with white space folded, each row, item and heading, and each block of code."""
    found = []
    for part, code in _parts(text):
        if code is not None:
            found.append(Statement(part, is_prose=False, code=code))
            continue
        for piece, is_record in _records_apart(part):
            if is_record:
                found.append(Statement(piece, is_prose=False))
            else:
                found += _plain_statements(piece)
    return found


def _plain_statements(text: str) -> Iterator[Statement]:
    """Sentences of prose, and each row, item and heading."""
    for block, kind in _blocks(text):
        is_prose = kind is _Kind.PROSE
        borders = [0, *sentence_breaks(block), len(block)] if is_prose else [0, len(block)]
        pieces = (" ".join(block[start:end].split()) for start, end in pairwise(borders))
        is_heading = kind is _Kind.HEADING
        for each in pieces:
            yield from (Statement(piece, is_prose, is_heading=is_heading) for piece in _pieces(each) if piece)


def _records_apart(text: str) -> Iterator[tuple[str, bool]]:
    """`text` in pieces, and which of them are records: of several lines, told as one row.

    A record is a paragraph of names with values whose names come again in another one, or what a mail begins
    with. Its lines say nothing by themselves: "leader: Emmanuel Macron" is of the country two lines above.
    """
    paragraphs = _PARAGRAPHS.split(text)
    names = [_names_of(paragraph) for paragraph in paragraphs]
    firsts = Counter(each[0] for each in names if each)
    of_records = {name for each in names if each and firsts[each[0]] > 1 for name in each}
    plain: list[str] = []
    for paragraph, own in zip(paragraphs, names, strict=True):
        # One that is cut at a passage's border has the end of the names only.
        if not own or not (of_records.issuperset(own) or _is_of_mail(own)):
            plain.append(paragraph)
            continue
        if plain:
            yield "\n\n".join(plain), False
            plain = []
        yield "; ".join(" ".join(line.split()) for line in paragraph.splitlines()), True
    if plain:
        yield "\n\n".join(plain), False


def _names_of(paragraph: str) -> tuple[str, ...]:
    """What a paragraph of names with values calls them; () for any other."""
    lines = paragraph.splitlines()
    found = [match["name"].strip().casefold() for line in lines if (match := _ENTRY.match(line))]
    is_record = 1 < len(found) == len(lines) and len(paragraph) <= WHOLE_ROW_CHARS
    return tuple(found) if is_record else ()


def _is_of_mail(names: Sequence[str]) -> bool:
    return names[0] in _SENDER and any(name in _OTHER_HEADERS for name in names[1:])


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Text, and what stands between fences, with its language."""
    lines = text.splitlines()
    marks = [
        None if _is_underline(line, before) else _FENCE.fullmatch(line)
        for before, line in pairwise(["", *lines])
    ]
    fences = [match for match in marks if match]
    # An odd fence is left over where the text ends within code, or begins there. It begins there where the
    # first fence does not say what code it is and others do.
    begins_within = len(fences) % 2 == 1 and not fences[0]["info"] and any(each["info"] for each in fences)
    opened, code = (fences[0]["marks"], "") if begins_within else ("", None)
    part: list[str] = []
    for line, fence in zip(lines, marks, strict=True):
        # Within code other marks, and those that say something, are code too.
        if fence is None or (opened and (fence["info"] or not fence["marks"].startswith(opened))):
            part.append(line)
            continue
        if any(each.strip() for each in part):
            yield "\n".join(part).strip("\n"), code
        opened, code = ("", None) if opened else (fence["marks"], fence["language"])
        part = []
    if any(each.strip() for each in part):
        yield "\n".join(part).strip("\n"), code


class _Kind(Enum):
    """PROSE: its lines may be wrapped anywhere. OWN: stands for itself, with the lines it is wrapped to."""

    PROSE = auto()
    OWN = auto()
    HEADING = auto()


def _blocks(text: str) -> Iterator[tuple[str, _Kind]]:
    block: list[str] = []
    kind = _Kind.PROSE
    for line in text.splitlines():
        if _UNDERLINE.fullmatch(line):
            # What stands above it is its heading, what stands above that is not.
            *before, heading = block or [""]
            yield "\n".join(before), kind
            yield heading, _Kind.HEADING if _is_underline(line, heading) else kind
            block, kind = [], _Kind.PROSE
            continue
        is_prose = kind is _Kind.PROSE
        is_own = (
            _is_named(line, block, is_prose=is_prose)
            or bool(_ONE_LINE.match(line) or _ITEM.match(line))
            or _is_bare_row(line)
            or _has_named_cells(line)
        )
        is_headed = is_prose and len(block) == 1 and _is_heading(block[0], line)
        if is_own or is_headed or not (is_prose or _goes_on(block[-1], line)):
            yield "\n".join(block), _Kind.HEADING if is_headed else kind
            block, kind = [], _Kind.OWN if is_own else _Kind.PROSE
        if line.lstrip().startswith("#") and _ONE_LINE.match(line):
            kind = _Kind.HEADING
        block.append(line)
    yield "\n".join(block), kind


def cells_of(line: str) -> list[str]:
    """The cells of a row of a table whose columns are not named in it; none of what is no such row."""
    if "|" in line:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        return cells if any(cells) else []
    return [cell.strip(" ;") for cell in line.split("; ")] if _is_bare_row(line) else []


def is_table_row(line: str) -> bool:
    """Whether it is a row of a table, with or without the names of its columns."""
    return bool(cells_of(line)) or is_named_row(line)


def is_named_row(line: str) -> bool:
    """Whether it is a row of a table as "name: value; name: value"."""
    return _ROW.match(line) is not None or _has_named_cells(line)


def _has_named_cells(line: str) -> bool:
    """Whether its cells are names with values, however long the values are."""
    cells = line.split("; ")
    num_named = sum(0 < cell.find(": ") <= MAX_NAME_CHARS for cell in cells)
    return len(cells) >= LEAST_CELLS and num_named >= NAMED_SHARE * len(cells)


def _is_bare_row(line: str) -> bool:
    if "; " not in line or ": " in line:
        return False
    if _EMPTY_CELL.search(line):
        return True
    cells = line.split("; ")
    num_numbers = sum(any(char.isdigit() for char in cell) or cell in "-–—" for cell in cells)
    return len(cells) > 2 and num_numbers * 2 >= len(cells) and max(map(len, cells)) <= MAX_CELL_CHARS


def _is_underline(line: str, above: str) -> bool:
    row = _UNDERLINE.fullmatch(line)
    if row is None or not above.strip() or _UNDERLINE.fullmatch(above):
        return False
    if _ONE_LINE.match(above) or _ITEM.match(above):
        return False
    is_fence = row["sign"] == "~" and len(line.strip()) == 3
    return row["sign"] in "-=" or (len(line.strip()) >= len(above.strip()) and not is_fence)


def _is_named(line: str, before: list[str], *, is_prose: bool) -> bool:
    """Whether a line is a name with its value, and not the rest of a sentence that has a colon."""
    if not _NAMED.match(line):
        return False
    is_full = bool(before) and len(before[-1]) >= FULL_LINE_CHARS
    # What has a colon and several sentences is no entry of a list of names and values.
    is_full = is_full and (is_prose or bool(_SEVERAL.search(before[-1])))
    return not (is_full and _goes_on(before[-1], line))


def _is_heading(line: str, following: str) -> bool:
    """Whether a line stands over the following one: it ends early, and not with a sentence."""
    is_short = len(line) <= HEADING_SHARE * len(following)
    return is_short and not _ENDED.search(line) and following.lstrip()[:1].isupper()


def _goes_on(line: str, following: str) -> bool:
    """Whether what a line says ends on the following one."""
    is_open = not _ONE_LINE.match(line) and not _ENDED.search(line)
    return is_open and (following.lstrip()[:1].islower() or line.rstrip().endswith(","))


def _pieces(sentence: str) -> Iterator[str]:
    is_row = is_named_row(sentence)
    if is_row and len(sentence) <= WHOLE_ROW_CHARS:
        yield sentence
        return
    # Whose row it is.
    first = sentence.partition("; ")[0]
    again, said = f"{first}; … " if is_row and len(first) <= LONG_CHARS else "", ""
    pauses = (_CELL_END, *_PAUSES) if is_row else _PAUSES
    while len(sentence) > LONG_CHARS:
        ends = (
            [match.end() for match in pause.finditer(sentence, LONG_CHARS // 3, LONG_CHARS)]
            for pause in pauses
        )
        end = next((each[-1] for each in ends if each), LONG_CHARS)
        yield said + sentence[:end].rstrip()
        sentence = sentence[end:]
        said = again
    yield said + sentence

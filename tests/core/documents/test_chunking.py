from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from core.documents.blocks import Block, BlockKind, page_of
from core.documents.chunking import Cutter, _fitting, chunk_document
from core.documents.models import Chunk, Document, Page
from core.documents.tokenization import Tokenization
from core.embedding.model import Embedder
from tests.chunk_ids import in_short


def _document(*texts: str, numbered: bool = True) -> Document:
    pages = tuple(Page(number=i if numbered else None, text=text) for i, text in enumerate(texts, start=1))
    return Document(id="d" * 32, file="file.txt", size_bytes=1, pages=pages)


WORDS = ["async", "calls", "overlap", "their", "waiting", "while", "one", "alone", "takes", "just", "longer"]


def _prose(num_sentences: int) -> str:
    chooser = random.Random(3)
    return " ".join(
        " ".join(chooser.choices(WORDS, k=chooser.randint(4, 30))).capitalize() + "."
        for _ in range(num_sentences)
    )


TEXTS = {
    "prose": _prose(120),
    "one long sentence": "word " * 2000,
    "no spaces": "x" * 30_000,
    "chinese": "异步不会让一次调用更快。" * 300,
    "emoji": "🙂🚀 " * 700,
    "numbers": ", ".join(f"{i}.{i * 7}" for i in range(1500)),
    "blank lines": "\n\n".join(["Short line"] * 400),
    "arabic": "التداخل لا يجعل النداء أسرع. " * 200,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_character_is_in_a_chunk_that_the_model_reads_whole(
    text: str, cutter: Cutter, embedder: Embedder
) -> None:
    chunks = list(chunk_document(_document(text), cutter))
    covered = [False] * len(text)
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert len(cutter.tokenizer.encode(chunk.text).ids) <= embedder.max_tokens
        covered[chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
    pairs = zip(text, covered, strict=True)
    missed = [char for char, is_covered in pairs if not is_covered and not char.isspace()]
    assert missed == []


def test_chunks_end_at_sentence_ends_and_overlap(cutter: Cutter) -> None:
    chunks = list(chunk_document(_document(TEXTS["prose"]), cutter))
    assert len(chunks) > 3
    assert all(chunk.text.endswith(".") and chunk.text[0].isupper() for chunk in chunks)
    overlaps = [before.end - after.start for before, after in pairwise(chunks)]
    assert any(overlap > 0 for overlap in overlaps)


def test_chunks_of_a_page_are_of_like_length(cutter: Cutter) -> None:
    lengths = [chunk.num_tokens for chunk in chunk_document(_document(TEXTS["prose"]), cutter)]
    assert min(lengths) > max(lengths) / 3


def test_chunks_keep_their_page_and_count_positions_through_the_document(cutter: Cutter) -> None:
    chunks = list(chunk_document(_document("First page.", "", "Third page."), cutter))
    assert [(chunk.page, chunk.position, chunk.text) for chunk in chunks] == [
        (1, 0, "First page."),
        (3, 1, "Third page."),
    ]


def test_chunk_is_short_however_much_the_model_reads(embedder: Embedder) -> None:
    long_reader = Cutter.of(replace(embedder.tokenization, max_tokens=8192))
    lengths = [chunk.num_tokens for chunk in chunk_document(_document(TEXTS["prose"]), long_reader)]
    assert len(lengths) > 1
    assert max(lengths) <= 512 < sum(lengths)


def test_chunk_ids_derive_from_content(cutter: Cutter) -> None:
    def ids(num_sentences: int) -> list[str]:
        return [chunk.id for chunk in chunk_document(_document(_prose(num_sentences)), cutter)]

    first, again, other = ids(40), ids(40), ids(41)
    assert first == again
    assert len(set(first)) == len(first)
    assert first != other


# As they were when first written down: a file that is in a knowledge base must find its chunks there.
KNOWN = {
    "prose": (12, "23fa0a69acc8a15a"),
    "one long sentence": (9, "5152a1a8b2ab7660"),
    "no spaces": (2, "e9099aa162f65fa9"),
    "chinese": (17, "6dec5df17c8dfe2b"),
    "emoji": (3, "a01c940d553ad1dd"),
    "numbers": (40, "ee976730d25e94ce"),
    "blank lines": (4, "6def6a8dfa96456b"),
    "arabic": (23, "9422352183b0a8ab"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_chunk_ids_are_those_of_knowledge_bases_that_exist(name: str, cutter: Cutter) -> None:
    assert in_short(chunk_document(_document(TEXTS[name]), cutter)) == KNOWN[name]


def test_repeated_text_gives_chunks_of_different_ids(cutter: Cutter) -> None:
    chunks = list(chunk_document(_document("Same page.", "Same page."), cutter))
    assert chunks[0].text_hash == chunks[1].text_hash
    assert chunks[0].id != chunks[1].id


def test_span_over_the_budget_is_halved_until_it_fits_and_nothing_is_lost(cutter: Cutter) -> None:
    text = TEXTS["prose"]
    page = _document(text).pages[0]
    fitting = list(_fitting([(page, (0, len(text)))], replace(cutter, budget=20)))
    assert len(fitting) > 2
    assert max(num_tokens for _, _, num_tokens in fitting) <= 20
    pieces = [text[start:end] for _, (start, end), _ in fitting]
    assert "".join("".join(pieces).split()) == "".join(text.split())


# With a model that counts words, the borders can be reckoned by hand: it reads 18 tokens, of which two
# are its own, so a chunk has up to 16 words and shares up to two with the one before.


def word_cutter(max_tokens: int = 18, text_prompt: str = "") -> Cutter:
    """For a model whose tokens are words and punctuation marks. text_prompt: its words before each text."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("[CLS]", 1), ("[SEP]", 2)]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return Cutter.of(
        Tokenization(tokenizer_json=tokenizer.to_str(), max_tokens=max_tokens, text_prompt=text_prompt)
    )


def _words(first: int, end: int) -> list[str]:
    return [f"w{i}" for i in range(first, end)]


def _sentences(*lengths: int) -> str:
    """Sentences of so many words, which are numbered through; an empty line ends each."""
    numbers = iter(range(sum(lengths)))
    return "\n\n".join(" ".join(f"w{next(numbers)}" for _ in range(length)) for length in lengths)


def _borders(text: str, **model: Any) -> list[tuple[int, int]]:
    """Number of the first word of each chunk, and one more than that of the last."""
    found = []
    for chunk in chunk_document(_document(text), word_cutter(**model)):
        words = chunk.text.split()
        first, last = int(words[0][1:]), int(words[-1][1:])
        assert words == _words(first, last + 1)
        assert chunk.num_tokens == len(words)
        found.append((first, last + 1))
    return found


@pytest.mark.parametrize(
    ("num_words", "borders"),
    [
        (1, [(0, 1)]),
        (16, [(0, 16)]),
        (17, [(0, 16), (14, 17)]),
        (30, [(0, 16), (14, 30)]),
        (31, [(0, 16), (14, 30), (28, 31)]),
    ],
)
def test_text_without_sentences_is_cut_where_the_model_ends_and_shares_an_eighth(
    num_words: int, borders: list[tuple[int, int]]
) -> None:
    assert _borders(_sentences(num_words)) == borders


@pytest.mark.parametrize(
    ("lengths", "borders"),
    [
        # What fits into one chunk is one, however many sentences it has.
        ([1] * 16, [(0, 16)]),
        # Of 17 words no crumb is left: half of them, and two that are shared.
        ([1] * 17, [(0, 11), (9, 17)]),
        ([1] * 28, [(0, 16), (14, 28)]),
        # Three chunks: a third, ten, and two that are shared; then half of the 20 that are left, and two.
        ([1] * 30, [(0, 12), (10, 22), (20, 30)]),
        # A sentence of two words is just an eighth; one of three is more, and no part of it is shared.
        ([2] * 15, [(0, 12), (10, 22), (20, 30)]),
        ([3] * 10, [(0, 12), (12, 24), (24, 30)]),
        # The end nearest to the share is taken, of two that are as near the earlier.
        ([9, 3, 8], [(0, 12), (12, 20)]),
        ([10, 4, 6], [(0, 10), (10, 20)]),
        # From half of the share up to what the model reads an end is taken, and no other.
        ([6, 14], [(0, 6), (6, 20)]),
        ([5, 15], [(0, 16), (14, 20)]),
        ([16, 4], [(0, 16), (16, 20)]),
        ([17, 3], [(0, 16), (14, 20)]),
    ],
)
def test_chunks_are_equal_shares_that_end_with_the_sentence_nearest_to_it(
    lengths: list[int], borders: list[tuple[int, int]]
) -> None:
    assert _borders(_sentences(*lengths)) == borders


@pytest.mark.parametrize(
    ("lengths", "borders"),
    [
        # The sentence before is one word: that one, though an eighth is two.
        ([11, 1, 9, 9], [(0, 12), (11, 21), (21, 30)]),
        # It is longer than an eighth: nothing.
        ([15, 15], [(0, 15), (15, 30)]),
        # The second chunk does not end with a sentence: two words.
        ([13, 2, 1, 14], [(0, 13), (13, 29), (27, 30)]),
    ],
)
def test_what_is_shared_is_whole_sentences_or_words_of_a_sentence_that_goes_on(
    lengths: list[int], borders: list[tuple[int, int]]
) -> None:
    assert _borders(_sentences(*lengths)) == borders


@pytest.mark.parametrize(("num_before", "last"), [(16, "w15"), (15, "w14"), (7, "w6"), (6, "u-u-u-u-u-")])
def test_word_is_cut_only_where_less_than_half_a_chunk_would_be_left(num_before: int, last: str) -> None:
    """Its parts and hyphens are 15 tokens. Of 31 in all the share is 13, and half of that 6."""
    text = " ".join([*_words(0, num_before), "u-u-u-u-u-u-u-u", *_words(num_before, 16)])
    chunks = list(chunk_document(_document(text), word_cutter()))
    assert chunks[0].text.split()[-1] == last


def test_prompt_of_the_model_is_counted_too() -> None:
    assert _borders(_sentences(16), text_prompt="one two") == [(0, 14), (13, 16)]
    assert _borders(_sentences(14), text_prompt="one two") == [(0, 14)]


def test_chunk_of_a_model_that_reads_much_has_512_tokens() -> None:
    assert _borders(_sentences(511), max_tokens=513) == [(0, 510), (447, 511)]
    assert _borders(_sentences(511), max_tokens=512) == [(0, 510), (447, 511)]
    assert _borders(_sentences(510), max_tokens=511) == [(0, 509), (446, 510)]


def test_chunk_tells_where_it_is_and_its_id_is_that_of_earlier_versions() -> None:
    """Another id would make every document that is there a new one."""
    page = Page(number=7, text="  One two.\n")
    (chunk,) = chunk_document(Document(id="d" * 32, file="a.txt", size_bytes=1, pages=(page,)), word_cutter())
    assert (chunk.document_id, chunk.file, chunk.page, chunk.position) == ("d" * 32, "a.txt", 7, 0)
    assert (chunk.start, chunk.end, chunk.text, chunk.num_tokens) == (2, 10, "One two.", 3)
    text_hash = hashlib.sha256(b"One two.").hexdigest()[:32]
    assert chunk.text_hash == text_hash
    assert chunk.id == hashlib.sha256(f"{'d' * 32}|0|{text_hash}".encode()).hexdigest()[:32]


def test_many_pages_stay_in_their_order() -> None:
    chunks = chunk_document(_document(*[f"w{i}" for i in range(600)]), word_cutter())
    assert [(chunk.page, chunk.position, chunk.text) for chunk in chunks] == [
        (i + 1, i, f"w{i}") for i in range(600)
    ]


def test_page_without_text_has_no_chunks() -> None:
    assert list(chunk_document(_document("", " \n ", "\t"), word_cutter())) == []


def test_halves_of_a_span_that_is_over_are_stripped_and_in_their_order() -> None:
    page = _document("w0 w1 w2 w3   w4 w5 w6 w7").pages[0]
    fitting = _fitting([(page, (0, len(page.text)))], replace(word_cutter(), budget=4))
    assert [(page.text[start:end], num) for _, (start, end), num in fitting] == [
        ("w0 w1 w2 w3", 4),
        ("w4 w5 w6 w7", 4),
    ]


def test_character_that_is_over_by_itself_is_kept_whole() -> None:
    page = _document("ab").pages[0]
    fitting = _fitting([(page, (0, 2))], replace(word_cutter(), budget=0))
    assert [span for _, span, _ in fitting] == [(0, 1), (1, 2)]


def test_sentence_without_a_blank_behind_it_keeps_its_full_stop() -> None:
    # Two tokens each, one of them the full stop.
    text = "".join(f"字{i}。" for i in range(15))
    chunks = list(chunk_document(_document(text), word_cutter()))
    assert [chunk.text for chunk in chunks] == [
        "".join(f"字{i}。" for i in range(first, end)) for first, end in ((0, 6), (5, 11), (10, 15))
    ]


# --- By blocks


def _of_blocks(*blocks: Block) -> list[Chunk]:
    page = page_of(1, blocks, label="sheet A")
    document = Document(id="d" * 32, file="a.xlsx", size_bytes=1, pages=(page,))
    chunks = list(chunk_document(document, word_cutter()))
    for chunk in chunks:
        assert chunk.text.endswith(page.text[chunk.start : chunk.end])
        assert chunk.label == "sheet A"
        assert chunk.num_tokens == len(chunk.text.split()) <= 16
    return chunks


def test_table_is_cut_between_rows_and_each_chunk_names_the_columns() -> None:
    rows = [f"a{n} b{n} c{n} d{n}" for n in range(8)]
    chunks = _of_blocks(Block(BlockKind.TABLE, "\n".join(rows), header="h1 h2"))
    assert [chunk.text.split("\n") for chunk in chunks] == [
        ["h1 h2", *rows[:3]],
        ["h1 h2", *rows[3:6]],
        ["h1 h2", *rows[6:]],
    ]


def _labels(label: str, *blocks: Block) -> list[str]:
    pages = (page_of(1, blocks, label=label), page_of(2, blocks, label=label))
    document = Document(id="d" * 32, file="a.xlsx", size_bytes=1, pages=pages)
    chunks = list(chunk_document(document, word_cutter()))
    assert [chunk.page for chunk in chunks] == [1] * (len(chunks) // 2) + [2] * (len(chunks) // 2)
    labels = [chunk.label for chunk in chunks]
    assert labels[: len(labels) // 2] == labels[len(labels) // 2 :]
    return labels[: len(labels) // 2]


def test_chunk_of_a_sheet_names_its_rows_and_not_that_of_the_repeated_header() -> None:
    rows = [f"a{n} b{n} c{n} d{n}" for n in range(8)]
    table = Block(BlockKind.TABLE, "\n".join(rows), header="h1 h2", rows=((0, 11), (1, 12), (4, 20)))
    note = Block(BlockKind.NOTE, " ".join(_words(0, 16)))
    heading = Block(BlockKind.HEADING, "Rent")
    assert _labels("sheet Rent", heading, table, note) == [
        "sheet Rent, rows 11–14",
        "sheet Rent, rows 20–22",
        "sheet Rent, rows 23–24",
        "sheet Rent",
    ]
    assert _labels("", Block(BlockKind.TABLE, "a b c", rows=((0, 7),)), note) == ["row 7", ""]


def test_each_chunk_of_a_long_row_names_it() -> None:
    table = Block(BlockKind.TABLE, "a b\n" + " ".join(_words(0, 40)) + "\nc d", rows=((0, 1),))
    first, *long, last = _labels("sheet Rent", table)
    assert (first, set(long[:-1]), last) == (
        "sheet Rent, row 1",
        {"sheet Rent, row 2"},
        "sheet Rent, rows 2–3",
    )


def test_row_is_not_cut_however_little_stands_before_it() -> None:
    long, short = " ".join(f"x{n}" for n in range(14)), "a b c"
    chunks = _of_blocks(Block(BlockKind.TABLE, f"{short}\n{long}\n{short}"))
    assert [chunk.text for chunk in chunks] == [short, long, short]


def test_row_longer_than_a_chunk_is_cut_and_loses_nothing() -> None:
    row = _words(0, 40)
    chunks = _of_blocks(Block(BlockKind.TABLE, "a b\n" + " ".join(row) + "\nc d"))
    assert chunks[0].text == "a b"
    assert next(word for chunk in chunks for word in chunk.text.split() if word in row) == "w0"
    assert {word for chunk in chunks for word in chunk.text.split()} == {"a", "b", "c", "d", *row}


def _parts_of_row(row: str) -> list[str]:
    page = page_of(1, [Block(BlockKind.TABLE, f"a b\n{row}")])
    document = Document(id="d" * 32, file="a.xlsx", size_bytes=1, pages=(page,))
    first, *parts = chunk_document(document, word_cutter())
    assert first.text == "a b"
    assert len(parts) > 2
    return [part.text for part in parts]


@pytest.mark.parametrize(
    ("keys", "joint"),
    [(["Name: Ann"], "; "), (["7", "Name: Ann"], "; "), (["Ann"], " | "), (["Ann"], "; ")],
)
def test_row_longer_than_a_chunk_is_cut_between_its_cells_and_each_part_says_whose_it_is(
    keys: list[str], joint: str
) -> None:
    name = "" if keys == ["Ann"] else "Answer: "
    cells = [f"{name}{n} yes" for n in range(12)]
    key = joint.join([*keys, ""])
    parts = _parts_of_row(joint.join([*keys, *cells]))
    assert all(part.startswith(key) for part in parts)
    found = [cell for part in parts for cell in part.removeprefix(key).strip(" ;|").split(joint)]
    assert found == cells


def test_first_cell_that_is_long_is_not_repeated() -> None:
    long = "n" * 200
    parts = _parts_of_row("; ".join([long, *(f"Answer: {n} yes" for n in range(12))]))
    assert sum(long in part for part in parts) == 1


def test_semicolon_within_a_value_does_not_end_its_cell() -> None:
    parts = _parts_of_row("; ".join(["Name: Ann", *(f"Answer: {n} yes; no" for n in range(12))]))
    assert all(part.strip(" ;").endswith("; no") for part in parts)


def test_header_too_long_to_leave_room_for_rows_is_not_repeated() -> None:
    header, rows = " ".join(f"h{n}" for n in range(9)), [f"a{n} b{n} c{n} d{n}" for n in range(8)]
    chunks = _of_blocks(Block(BlockKind.TABLE, "\n".join(rows), header=header))
    assert sum("h0" in chunk.text for chunk in chunks) == 1


def test_heading_stays_with_what_follows() -> None:
    chunks = _of_blocks(
        Block(BlockKind.PARAGRAPH, " ".join(_words(0, 12))),
        Block(BlockKind.HEADING, "Chapter two", level=1),
        Block(BlockKind.HEADING, "On ships", level=2),
        Block(BlockKind.PARAGRAPH, " ".join(f"v{n}" for n in range(10))),
    )
    assert [chunk.text.split()[0] for chunk in chunks] == ["w0", "Chapter"]


def test_list_is_cut_between_items() -> None:
    items = [Block(BlockKind.LIST_ITEM, f"i{n} a{n} b{n} c{n}") for n in range(1, 10)]
    assert all(chunk.text.split("\n")[-1].count(" ") == 3 for chunk in _of_blocks(*items))

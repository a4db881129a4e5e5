"""Answers that are made of the passages' own sentences."""

from __future__ import annotations

import pytest

from core.answers.citations import WORD_JOINER, plainly_cited_numbers
from core.answers.extractive import extract
from core.answers.models import Source
from core.embedding.model import Embedder

SENTENCE = "A *coroutine* hands control back to the **event loop** at `await`."


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        ("loop.md", "A coroutine hands control back to the event loop at await. [1]"),
        ("loop.txt", f"{SENTENCE} [1]"),
    ],
)
async def test_answer_shows_markdown_read_and_other_texts_as_they_are(
    embedder: Embedder, file: str, answer: str
) -> None:
    source = Source(number=1, file=file, page=None, score=0.8, text=SENTENCE, chunk_id="c", document_id="d")
    parts = [part async for part in extract("Who gets control back?", [source], embedder)]
    # Stars of the text itself are kept apart by what nobody sees.
    assert "".join(parts).strip().replace(WORD_JOINER, "") == answer


def _source(number: int, text: str, *, relevance: float = 0.6, file: str = "a.txt") -> Source:
    return Source(
        number=number, file=file, page=None, score=0.5, text=text, chunk_id=str(number), document_id="d",
        relevance=relevance,
    )  # fmt: skip


async def _parts(embedder: Embedder, question: str, *texts: str) -> list[str]:
    sources = [
        _source(number, text, relevance=0.7 - number / 20) for number, text in enumerate(texts, start=1)
    ]
    return [part.strip() async for part in extract(question, sources, embedder)]


HARBOUR = (
    "The harbour is old. It was dug in the year 1712. The lighthouse beside it is 37 metres high. "
    "It was built of granite. Visitors may climb it in summer. Tickets are sold at the gate."
)


async def test_best_sentence_is_bold_between_its_neighbours(embedder: Embedder) -> None:
    first, *_ = await _parts(embedder, "How high is the lighthouse?", HARBOUR)
    assert first == (
        "The harbour is old. It was dug in the year 1712. **The lighthouse beside it is 37 metres high.** "
        "It was built of granite. Visitors may climb it in summer. [1]"
    )


BREAD = "The dough rests for an hour. Then it is baked in a hot oven."


async def test_passage_that_has_nothing_to_do_with_the_question_is_not_shown(embedder: Embedder) -> None:
    parts = await _parts(embedder, "How high is the lighthouse?", HARBOUR, BREAD)
    assert [part[-3:] for part in parts] == ["[1]"]


async def test_rows_of_other_parts_are_not_shown_with_that_of_the_part_that_was_asked_for(
    embedder: Embedder,
) -> None:
    rows = "Part: QX-4471; Price: 35 EUR\nPart: QX-4472; Price: 40 EUR\nPart: RB-4471; Price: 8 EUR"
    assert await _parts(embedder, "What does part QX-4471 cost?", rows) == [
        "Part: QX-4471; Price: 35 EUR [1]"
    ]
    both = await _parts(embedder, "Is QX-4471 cheaper than QX-4472?", rows)
    assert len(both) == 2
    assert len(await _parts(embedder, "What do the parts cost?", rows)) == 3


async def test_date_in_words_is_a_name_where_a_row_has_it_in_digits(embedder: Embedder) -> None:
    rows = "\n".join(f"date: 2015-5-{day}; max: 95; rain in May 2015: 0.{day}" for day in range(20, 31))
    answer = await _parts(embedder, "How much rain on May 26, 2015?", rows)
    assert answer == ["date: 2015-5-26; max: 95; rain in May 2015: 0.26 [1]"]


async def test_second_passage_that_answers_as_well_is_shown(embedder: Embedder) -> None:
    other = "Another lighthouse is 24 metres high. It stands in the south."
    parts = await _parts(embedder, "How high is the lighthouse?", HARBOUR, other)
    assert [part[-3:] for part in parts] == ["[1]", "[2]"]


async def test_passage_is_shown_however_little_it_has(embedder: Embedder) -> None:
    sources = [_source(1, BREAD, relevance=0.0)]
    assert [part async for part in extract("Who signed the treaty of 1648?", sources, embedder)]


async def test_no_sentence_is_shown_twice(embedder: Embedder) -> None:
    parts = await _parts(embedder, "How high is the lighthouse?", HARBOUR, HARBOUR + " It shines.")
    assert sum(part.count("37 metres") for part in parts) == 1


async def test_neighbours_that_were_told_already_are_not_told_again(embedder: Embedder) -> None:
    text = (
        "The lighthouse is 37 metres high. Its lamp is seen from afar. It was built of granite. "
        "The old lighthouse was 24 metres high."
    )
    parts = await _parts(embedder, "How many metres high is the lighthouse?", text, HARBOUR)
    assert len(parts) == 3
    for sentence in ("Its lamp is seen from afar.", "It was built of granite."):
        assert "".join(parts).count(sentence) == 1


SAVING = """You can save an index. To persist it, call:

```python
index.persist(folder="data")
print(sys.argv[2])
```

The weather is fine.

## Loading from disk

```
load(x)  # it loads ``what`` was *saved* [7]
```
"""
BLOCK = """```python
index.persist(folder="data")
print(sys.argv[2])
```"""


async def test_code_that_a_sentence_announces_is_shown_below_it_word_for_word(embedder: Embedder) -> None:
    sources = [_source(1, SAVING, file="a.md")]
    first, *_ = [part async for part in extract("How can I save an index?", sources, embedder)]
    assert first == f"**You can save an index.** To persist it, call:\n\n{BLOCK}\n\n[1]\n\n"


async def test_code_answers_below_its_heading(embedder: Embedder) -> None:
    sources = [_source(1, SAVING, file="a.md")]
    first, *_ = [part async for part in extract("What does load(x) do from disk?", sources, embedder)]
    code = "load(x)  # it loads ``what`` was *saved* [7]"
    assert first == f"Loading from disk\n\n```\n{code}\n```\n\n[1]\n\n"
    assert plainly_cited_numbers(first, 7) == (1,)


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (
            "What does part QX-7741 cost?",
            "All prices are in euros with tax.\nPart | Price\nQX-7740 | 12 euros\nQX-7741 | 15 euros\n"
            "The next part is not sold any more.",
            "QX-7741: 15 euros [1]",
        ),
        (
            "How many people live in Bergen?",
            "| City | People | Area |\n|---|---|---|\n| Oslo | 700,000 | 454 |\n| Bergen | 290,000 | 465 |",
            "Bergen – People: 290,000, Area: 465 [1]",
        ),
        (
            "When does the kiosk open?",
            "Museum: opens at nine\nKiosk: opens at seven\nTower: closed",
            "Kiosk: opens at seven [1]",
        ),
        (
            "Who pays the fee?",
            "- The guests pay for parking.\n- The club pays the fee.",
            "- The club pays the fee. [1]",
        ),
    ],
)
async def test_row_or_item_answers_by_itself(
    embedder: Embedder, question: str, text: str, answer: str
) -> None:
    assert (await _parts(embedder, question, text))[0] == answer


HISTORY = """2.32.4 (2025-06-10)
-------------------

- Fixed a leak of credentials.
- Added support for pypy.

2.32.3 (2024-05-29)
-------------------

- Fixed a changed version of urllib.
"""


async def test_heading_that_was_asked_for_by_name_answers_with_what_stands_below_it(
    embedder: Embedder,
) -> None:
    first, *others = await _parts(embedder, "What changed in version v2.32.4?", HISTORY)
    assert first.startswith(
        "**2.32.4 (2025-06-10)** - Fixed a leak of credentials. - Added support for pypy."
    )
    assert "2.32.3" not in first and not any("2.32.3" in part for part in others)


async def test_heading_is_not_told_again_with_what_was_told_already(embedder: Embedder) -> None:
    text = (
        "Maximum Line Length\n===================\n\nLimit all lines to a maximum of 79 characters.\n\n"
        "Source File Encoding\n====================\n\nCode should always use UTF-8.\n"
    )
    for question in ("What is the maximum line length?", "Maximum line length"):
        parts = await _parts(embedder, question, text)
        assert " ".join(parts).count("79 characters") == 1


async def test_name_with_digits_counts_for_more_than_all_other_words(embedder: Embedder) -> None:
    text = (
        "All releases of curl are listed here by when they were released.\n\n"
        "- 8.14.1: June 4 2025\n- 8.14.0: May 28 2025\n- 8.13.0: April 2 2025\n"
    )
    first, *_ = await _parts(embedder, "When was curl 8.14.0 released?", text)
    assert first == "- 8.14.0: May 28 2025 [1]"


async def test_address_is_no_answer(embedder: Embedder) -> None:
    text = (
        "1v11.com/teams/norwich-city/tab/leagueTables/2001/).\n\n"
        "The club is older than its stadium. Norwich City was founded in the Criterion Cafe."
    )
    parts = await _parts(embedder, "When was Norwich City founded?", text)
    assert "**Norwich City was founded in the Criterion Cafe.**" in parts[0]
    assert len(parts) == 1


async def test_line_of_digits_is_no_answer(embedder: Embedder) -> None:
    text = "12 1712 37 44 1712 90 17 22 1712 11 12\n\nThe harbour was dug in 1712 by the town itself."
    parts = await _parts(embedder, "Was it 1712?", text)
    assert "The harbour was dug" in parts[0] and not any(part.startswith("**12") for part in parts)


@pytest.mark.parametrize(
    ("question", "text", "sentence"),
    [
        ("灯塔有多高？", "港口很古老。灯塔高三十七米。它由花岗岩建成。", "**灯塔高三十七米。**"),
        (
            "मीनार कितनी ऊँची है?",
            "बंदरगाह पुराना है। मीनार सैंतीस मीटर ऊँची है। वह पत्थर की है।",
            "**मीनार सैंतीस मीटर ऊँची है।**",
        ),
        (
            "كم ارتفاع المنارة؟",
            "الميناء قديم. ارتفاع المنارة سبعة وثلاثون مترا. هل هي مفتوحة؟ نعم.",
            "**ارتفاع المنارة سبعة وثلاثون مترا.**",
        ),
    ],
)  # fmt: skip
async def test_sentences_end_as_their_language_ends_them(
    embedder: Embedder, question: str, text: str, sentence: str
) -> None:
    assert sentence in (await _parts(embedder, question, text))[0]


async def test_stars_of_a_document_make_nothing_bold(embedder: Embedder) -> None:
    text = "Call it with **kwargs and **options as usual. The call returns a number of rows. Rows are kept."
    (part,) = await _parts(embedder, "What does the call return?", text)
    assert part.count("**") == 2
    assert "**The call returns a number of rows.**" in part


ORDER = """GLOBAL TECH SOLUTIONS, INC. PURCHASE ORDER

The purchase order is valid when it is signed by the purchasing manager of the company.

Subtotal: $36,812.50
VAT (21%): | $8,001.91

TOTAL: $46,248.78"""


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is the total of the purchase order?", "TOTAL: $46,248.78"),
        ("What is the subtotal of the purchase order?", "Subtotal: $36,812.50"),
        ("What is the VAT on the purchase order?", "VAT (21%): $8,001.91"),
        ("When is the purchase order valid?", "The purchase order is valid when it is signed"),
    ],
)
async def test_value_that_is_asked_for_by_its_label_comes_first(
    embedder: Embedder, question: str, first: str
) -> None:
    source = Source(number=1, file="o.txt", page=None, score=0.4, text=ORDER, chunk_id="c", document_id="d")
    part = await anext(extract(question, [source], embedder))
    assert first in part.replace("**", "").replace(" |", "")


def _of(number: int, document: str, text: str, relevance: float) -> Source:
    return Source(
        number=number, file=f"{document}.txt", page=None, score=0.5, text=text, chunk_id=str(number),
        document_id=document, relevance=relevance,
    )  # fmt: skip


async def test_total_of_another_bill_is_not_told(embedder: Embedder) -> None:
    ours = "Kraxi Systems, Inc.\n\nThe invoice of Kraxi Systems is paid within 30 days."
    sources = [_of(1, "kraxi", ours, 0.74), _of(2, "report", "Subtotal: $19,951.53\nTotal: $18,705.73", 0.59)]
    parts = [part async for part in extract("What is the total of the Kraxi invoice?", sources, embedder)]
    assert [part.strip()[-3:] for part in parts] == ["[1]"]


async def test_sentence_of_another_document_is_told_only_where_it_answers_too(embedder: Embedder) -> None:
    sources = [
        _of(1, "harbour", HARBOUR, 0.75),
        _of(2, "bread", BREAD, 0.72),
        _of(3, "south", "The lighthouse in the south is 24 metres high.", 0.7),
    ]
    parts = [part.strip() async for part in extract("How high is the lighthouse?", sources, embedder)]
    assert sorted(part[-3:] for part in parts) == ["[1]", "[3]"]


@pytest.mark.parametrize(("document", "told"), [("harbour", ["[1]", "[2]"]), ("south", ["[1]"])])
async def test_sentence_that_answers_less_is_told_of_the_same_document_only(
    embedder: Embedder, document: str, told: list[str]
) -> None:
    sources = [
        _of(1, "harbour", "The lighthouse of the harbour is kept by Anna Berg.", 0.75),
        _of(2, document, "The lighthouse in the south stands on a rock and is painted red and white.", 0.75),
    ]
    parts = [part async for part in extract("Who keeps the lighthouse of the harbour?", sources, embedder)]
    assert [part.strip()[-3:] for part in parts] == told


@pytest.mark.parametrize(
    ("question", "texts", "answer"),
    [
        (
            "Wie lange müssen die Bienenstich-Muffins backen?",
            ["Rezept für Bienenstich-Muffins", "Die Backzeit der Muffins: etwa 15 Minuten"],
            "etwa 15 Minuten",
        ),
        (
            "How large is White Desert Park?",
            [
                "White Desert Park of Egypt, in the White Desert",
                "The park covers an area of 300 km2 in the west.",
            ],
            "300 km2",
        ),
    ],
)
async def test_value_of_the_kind_that_is_asked_for_comes_before_the_words_of_the_question(
    embedder: Embedder, question: str, texts: list[str], answer: str
) -> None:
    source = _source(1, "\n\n".join(texts))
    parts = [part async for part in extract(question, [source], embedder)]
    assert len(parts) == 1
    assert answer in parts[0]


async def test_row_of_what_the_question_names_is_told_and_rows_of_others_are_not(embedder: Embedder) -> None:
    rows = "Amazon Glacier | $2.22\nAmazon Elastic Compute Cloud | $1.87\nAmazon Simple Storage | $0.01"
    assert await _parts(embedder, "How much was charged for Amazon Glacier?", rows) == [
        "Amazon Glacier: $2.22 [1]"
    ]


async def test_label_that_the_question_has_tells_nothing_where_another_kind_of_value_is_asked_for(
    embedder: Embedder,
) -> None:
    text = "Total: paid by Anna Berg\n\nThe sum is due on 8 July 2024."
    assert await _parts(embedder, "When is the total due?", text) == ["The sum is due on 8 July 2024. [1]"]


async def test_row_of_what_the_question_names_comes_before_other_words_of_the_question(
    embedder: Embedder,
) -> None:
    text = "The report says what was charged.\n\nAmazon Glacier | $2.22\nAmazon Simple Storage | $0.01"
    parts = await _parts(embedder, "What did the report say about Amazon Glacier?", text)
    assert parts[0] == "Amazon Glacier: $2.22 [1]"


SALES = "In millions of CHF; January–June {}\nNespresso; Sales (a): {}; Trading profit: {}; Costs: (1)"


async def test_row_of_another_year_is_not_told_where_the_year_stands_above_it(embedder: Embedder) -> None:
    ours, theirs = SALES.format(2023, "3,128", "672"), SALES.format(2022, "3,190", "757")
    (part,) = await _parts(embedder, "What were the sales of Nespresso in 2023?", ours, theirs)
    assert "3,128" in part
    both = await _parts(embedder, "What were the sales of Nespresso?", ours, theirs)
    assert len(both) == 2


async def test_row_that_a_passage_has_cut_is_not_told_beside_the_whole_one(embedder: Embedder) -> None:
    row = "11/16/2024 | Accommodation | Hilton Tokyo - 5 nights | 225,000 | JPY"
    (part,) = await _parts(embedder, "How much did the Hilton Tokyo cost?", f"{row} | 1,530.00", row)
    assert part.endswith("1,530.00 [1]")


async def test_sentence_with_less_of_the_question_is_not_told_for_its_passage_alone(
    embedder: Embedder,
) -> None:
    coin = "Der Entwurf der Münze stammt von einem Künstler aus Stuttgart, wie schon in früheren Jahren."
    plate = "Gezeigt wird ein zerbrochener Teller, der das Wesen des Porzellans verkörpert."
    sources = [_of(1, "coin", coin, 0.8), _of(2, "coin", plate, 0.8)]
    parts = [part async for part in extract("Wer hat die Münze gestaltet?", sources, embedder)]
    assert [part.strip()[-3:] for part in parts] == ["[1]"]


async def test_row_that_begins_with_a_date_is_no_address(embedder: Embedder) -> None:
    rows = f"{'-' * 60}11/16/2024 | Hilton Tokyo | 1,530.00\nLocations: Tokyo, Japan, Singapore, Sydney"
    (part,) = await _parts(embedder, "How much did the Hilton Tokyo cost?", rows)
    # Nor are the dashes drawn above it a part of it.
    assert part == "11/16/2024 · Hilton Tokyo · 1,530.00 [1]"


async def test_passage_without_a_sentence_is_told_as_it_is(embedder: Embedder) -> None:
    source = Source(number=1, file="a.txt", page=None, score=0.1, text="=====", chunk_id="c", document_id="d")
    assert [part async for part in extract("What is it?", [source], embedder)] == ["===== [1]"]

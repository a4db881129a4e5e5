from __future__ import annotations

import pytest

from core.documents.sentences import sentence_breaks, split_sentences, statements

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It was Eldred v. Ashcroft. It ended.", ["It was Eldred v. Ashcroft.", "It ended."]),
        ("Dr. J. Smith paid 3.50 euros. Then he left.", ["Dr. J. Smith paid 3.50 euros.", "Then he left."]),
        ("He said “no.” She went.", ["He said “no.”", "She went."]),
        (
            "Sie gilt vom 1. April bis zum 31.\nMai 1999. Danach nicht.",
            ["Sie gilt vom 1. April bis zum 31. Mai 1999.", "Danach nicht."],
        ),
        ("Siehe § 2 Nr. 1 und Abs. 3 Satz 2. Das gilt.", ["Siehe § 2 Nr. 1 und Abs. 3 Satz 2.", "Das gilt."]),
        (
            "Alles 5 Min. kochen und evtl. rühren. Er sagte Nr. Sie kam.",
            ["Alles 5 Min. kochen und evtl. rühren.", "Er sagte Nr.", "Sie kam."],
        ),
        ("It took 12. 4 were left in 1999. May I go?", ["It took 12.", "4 were left in 1999.", "May I go?"]),
        ("A heading\n\nA text", ["A heading", "A text"]),
        ("一つ目。二つ目！三つ目", ["一つ目。", "二つ目！", "三つ目"]),
        ("", []),
    ],
)
def test_split_sentences_at_their_ends(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


def test_sentence_breaks_are_positions_inside_the_text() -> None:
    text = "One. Two.\n\nThree. "
    breaks = sentence_breaks(text)
    assert [text[position] for position in breaks] == ["T", "T"]


def told(text: str) -> list[tuple[str, str]]:
    return [("prose" if each.is_prose else "own", each.text) for each in statements(text)]


def test_sentence_with_a_colon_is_whole_where_its_line_is_broken_before_it() -> None:
    assert told(
        "The first runs of a benchmark are thrown away because they measure other things as\n"
        "well: opening connections, filling caches. They are marked."
    ) == [
        ("prose", "The first runs of a benchmark are thrown away because they measure other things as well: "
                  "opening connections, filling caches."),
        ("prose", "They are marked."),
    ]  # fmt: skip


def test_names_with_values_stay_apart_in_capitals_or_not() -> None:
    assert told("Set these values\nhost: localhost\nport: 19530\nMuseum: opens at nine") == [
        ("prose", "Set these values"),
        ("own", "host: localhost"),
        ("own", "port: 19530"),
        ("own", "Museum: opens at nine"),
    ]


def test_sentence_behind_a_colon_is_whole_over_its_lines() -> None:
    assert told(
        "People often ask: Why is pandoc written in Haskell? There could\n"
        "have been good answers to this question: Haskell is a\n"
        "very good language. But in fact,\n"
        "I had chosen it before."
    ) == [
        ("own", "People often ask: Why is pandoc written in Haskell? There could have been good answers to "
                "this question: Haskell is a very good language. But in fact, I had chosen it before."),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["-" * 19, "=====", "~" * 19, "^" * 20])
def test_line_that_is_underlined_is_the_heading_of_what_follows(line: str) -> None:
    found = statements(f"Some text before.\n\n2.32.4 (2025-06-10)\n{line}\n- A fix.\n\nMore text.")
    assert [(each.text, each.is_heading, each.code) for each in found] == [
        ("Some text before.", False, None),
        ("2.32.4 (2025-06-10)", True, None),
        ("- A fix.", False, None),
        ("More text.", False, None),
    ]


def test_row_with_many_names_is_told_whole_and_of_a_longer_one_each_piece_says_whose_it_is() -> None:
    def row(num: int) -> str:
        return "State: Texas; " + "; ".join(f"Share of all drivers in group {n}: {n}.5" for n in range(num))

    assert told(row(12)) == [("own", row(12))]
    pieces = [text for _, text in told(row(60))]
    assert len(pieces) > 3 and all(piece.startswith("State: Texas; ") for piece in pieces)
    assert all(f"group {n}: {n}.5" in " ".join(pieces) for n in range(60))


def test_item_is_whole_with_the_lines_that_it_is_wrapped_to() -> None:
    assert told("- The club pays the fee of\n  all members.\n- Guests pay.\nThe rest is free.") == [
        ("own", "- The club pays the fee of all members."),
        ("own", "- Guests pay."),
        ("prose", "The rest is free."),
    ]
    assert told("Tower: closed until the last\nstorm is over\n| a | b |\nand more") == [
        ("own", "Tower: closed until the last storm is over"),
        ("own", "| a | b |"),
        ("prose", "and more"),
    ]


def test_heading_is_no_part_of_the_sentence_below_it() -> None:
    assert told("Coordinated omission\nSuppose that a load test sends one request every second.") == [
        ("own", "Coordinated omission"),
        ("prose", "Suppose that a load test sends one request every second."),
    ]
    # Lines of one length are one paragraph, whatever they begin with.
    assert told("Im Jahr 1887 baute die\nStadt den ersten Hafen.") == [
        ("prose", "Im Jahr 1887 baute die Stadt den ersten Hafen.")
    ]


CODE = "index.persist(\n    folder='data'\n)"


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_code_is_a_block_of_its_own_as_it_stands(fence: str) -> None:
    found = statements(f"Save it:\n\n{fence}python\n{CODE}\n{fence}\nThen load it.")
    assert [(each.text, each.is_prose, each.code) for each in found] == [
        ("Save it:", False, None),
        (CODE, False, "python"),
        ("Then load it.", True, None),
    ]


@pytest.mark.parametrize("info", ["", "python", 'python title="a.py"', "{r, echo=FALSE}"])
def test_code_ends_where_its_fence_ends_whatever_is_said_of_it(info: str) -> None:
    found = statements(f"Save it.\n```{info}\n{CODE}\n```\nThen load it.")
    assert [each.text for each in found if each.code is not None] == [CODE]


def test_other_fences_within_code_are_code() -> None:
    inner = "```python\nx\n```"
    found = statements(f"Write:\n~~~\n{inner}\n~~~\nDone.")
    assert [each.text for each in found] == ["Write:", inner, "Done."]


def test_code_is_known_where_a_passage_begins_or_ends_within_it() -> None:
    rest = statements(f"{CODE}\n```\nThen load it.\n```python\nindex.load()\n```\nDone.")
    assert [(each.text, each.code) for each in rest] == [
        (CODE, ""), ("Then load it.", None), ("index.load()", "python"), ("Done.", None)
    ]  # fmt: skip
    assert [(each.text, each.code) for each in statements(f"Save it.\n```\n{CODE}")] == [
        ("Save it.", None), (CODE, "")
    ]  # fmt: skip


def test_long_sentence_is_cut_at_its_commas_before_its_spaces() -> None:
    clause = "the committee of the harbour met on Tuesday and elected a chairman for the whole of the year"
    first, *_ = statements(f"When {clause}, and {clause}, then {clause}, nobody was there.")
    assert first.text.endswith(",")


RECORDS = (
    "leader: Joe Biden\nsport: Baseball\n\nname: Canada\ncapital: Ottawa\nleader: Justin Trudeau\n\n"
    "Countries are listed by size.\n\nname: France\ncapital: Paris\nleader: Emmanuel Macron\nsport: Soccer"
)


def test_lines_of_a_record_are_told_together() -> None:
    told = [(each.text, each.is_prose) for each in statements(RECORDS)]
    assert told == [
        ("leader: Joe Biden; sport: Baseball", False),
        ("name: Canada; capital: Ottawa; leader: Justin Trudeau", False),
        ("Countries are listed by size.", True),
        ("name: France; capital: Paris; leader: Emmanuel Macron; sport: Soccer", False),
    ]


def test_names_with_values_that_do_not_come_again_stand_by_themselves() -> None:
    told = [each.text for each in statements("Museum: opens at nine\nKiosk: opens at seven\n\nTower: closed")]
    assert told == ["Museum: opens at nine", "Kiosk: opens at seven", "Tower: closed"]


@pytest.mark.parametrize("num_answers", [6, 60])
def test_row_is_not_cut_at_a_full_stop_in_a_column_s_name_or_in_a_long_value(num_answers: int) -> None:
    name = "AMONG 3,227 ADULTS INTERVIEWED AUG. 18-21, 2017"
    asked = "In general, do you think things in this country are heading in the right or the wrong direction?"
    values = "; ".join(f"Answer in group {number}: {number}%" for number in range(num_answers))
    found = told(f"Sheet1\n\n{name}: {asked}; {name} (2): Wrong. Very wrong; {values}")
    assert found[0] == ("prose", "Sheet1")
    kinds, rows = zip(*found[1:], strict=True)
    assert set(kinds) == {"own"} and all(row.startswith(f"{name}: {asked}; ") for row in rows)
    assert (len(rows) == 1) == (num_answers == 6)
    # Every value is together with its name.
    assert all(any(f"Answer in group {n}: {n}%" in row for row in rows) for n in range(num_answers))


def test_prose_with_semicolons_and_colons_is_no_row() -> None:
    text = "There is one rule. He came; she said: no; they left, and it was over. Then came the rain."
    assert [kind for kind, _ in told(text)] == ["prose"] * 3

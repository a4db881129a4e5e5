"""Passages by the words that they share with a question."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.lexical_index import IndexedChunk, LexicalIndex

pytestmark = [pytest.mark.portable, pytest.mark.slow]


def index_of(*texts: str, language: str | None = "en") -> LexicalIndex:
    index = LexicalIndex()
    index.add(IndexedChunk(str(n), f"d{n}", 0, text, language) for n, text in enumerate(texts))
    return index


@pytest.mark.parametrize(
    ("language", "question", "passage"),
    [
        ("en", "Which queries were batched?", "A batch of QUERY vectors."),
        ("de", "Was kosten die Häuser?", "Das Haus kostet viel."),
        ("ru", "В каком году построили крепости?", "Крепость построена в этом году."),
        ("zh", "东京的天气怎么样", "东京的天气很晴朗"),
        ("ja", "東京の天気", "東京の天気は晴れです"),
        ("ko", "서울특별시 날씨", "서울특별시의 날씨"),
        ("th", "อากาศในกรุงเทพ", "อากาศในกรุงเทพร้อนมาก"),
        ("hi", "किताबों की कीमत", "किताब की कीमत सौ रुपये है।"),
        ("ar", "متى تأسست المدارس", "تأسست المدرسة قبل عام"),
        ("el", "Πότε χτίστηκαν τα σπίτια;", "Το σπίτι χτίστηκε παλιά."),
        ("sw", "Bei ya vitabu", "Kitabu kina bei yake"),
    ],
)
def test_words_are_found_in_another_form_in_any_language(language: str, question: str, passage: str) -> None:
    other = "The bread rises for an hour."
    found = index_of(other, passage, language=language).search(question, 2)
    assert found.best == ("1",)
    assert found.evidence[language] > 0.1


@pytest.mark.parametrize(
    ("question", "total"),
    [
        ("What is the grand total in dollars?", "Total | $18,705.73"),
        ("Wie hoch ist der Gesamtbetrag?", "Total EUR | 34,73"),
        ("total in euros", "Summe: 34,73 €"),
    ],
)
def test_total_is_found_in_other_words_and_money_by_its_sign(question: str, total: str) -> None:
    index = index_of("Grand Metropolitan | 12.7", "The dough rests.", total, "12 | 34", language=None)
    assert index.search(question, 1).best == ("2",)


def test_number_or_name_with_digits_counts_as_a_whole() -> None:
    parts = [f"The part QX-77{n} is a screw of brass, see section 4.{n}." for n in range(30, 50)]
    index = index_of(*parts)
    assert index.search("What is QX-7741?", 1).best == ("11",)
    assert index.search("What does section 4.37 say?", 1).best == ("7",)
    assert index_of("The QX-7 and the 41-A.", "The QX-41 and the 7-A.").search("QX-41", 1).best == ("1",)


@pytest.mark.parametrize("form", ["2015-5-{}", "2015-05-{}", "{}.05.2015", "5/{}/2015"])
def test_date_in_words_finds_the_row_that_has_it_in_digits(form: str) -> None:
    rows = [f"date: {form.format(day)}; precipitation: 0.{day}; record: 2.26" for day in range(20, 31)]
    index = index_of(*rows, "It may be that 26 of 2015 people came.")
    assert index.search("How much precipitation on May 26, 2015?", 1).best == ("6",)
    assert index.search("How much precipitation on the 27th of May 2015?", 1).best == ("7",)


def test_date_that_no_passage_has_in_digits_counts_for_nothing_more() -> None:
    index = index_of("The harbour opened on May 26, 2015.", "Bread needs flour.")
    in_no_date = index.scores("What opened on 26, 2015 May?", "en")
    assert index.scores("What opened on May 26, 2015?", "en").tolist() == in_no_date.tolist()


def test_number_or_name_with_digits_counts_for_more_than_a_word_as_rare() -> None:
    index = index_of("In 1887 a storm came.", "Somebody painted the boats.")
    found = index.search("Who painted in 1887?", 2)
    assert found.best == ("0", "1")
    assert found.scores[0] > 1.2 * found.scores[1]
    # And one that no passage has counts as much against them.
    absent = index.search("Who painted in 1944?", 2)
    assert absent.evidence["en"] < index.search("Who painted in winter?", 2).evidence["en"]


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("What does CVE-2021-44228 fix?", True),
        ("When was 9.5.0 released?", True),
        ("When was v8.14.0 released?", False),
        ("Does 8.14.0 fix CVE-2021-44228?", False),
        # Written in more than one way: these may stand there otherwise.
        ("What happened on 28.05.2025?", False),
        ("Who had Covid-19?", False),
        ("What costs 2.50?", False),
        ("Who has 1.234.567 members?", False),
        ("Who wins the 15.000-euro prize?", False),
        ("How far is 20000m?", False),
    ],
)
def test_names_that_no_passage_has_are_known(question: str, lacks: bool) -> None:
    index = index_of("curl 8.14.0 was released on May 28 2025.", "It fixes CVE-2025-5025.")
    assert index.search(question, 5).lacks_names is lacks


@pytest.mark.parametrize(
    ("question", "has"),
    [
        ("Wie hoch ist der Betrag der Rechnung 30064443?", True),
        ("What is in INV-30064443?", True),
        ("When was curl 8.14.0 released?", True),
        ("Who owes 30064444 euros?", False),
        ("How many people live there: 45000?", False),
    ],
)
def test_names_and_long_numbers_that_a_passage_has_are_known(question: str, has: bool) -> None:
    index = index_of("Rechnungsnr. 30064443 vom 7. Mai", "curl 8.14.0 was released.", "45000 people.")
    assert index.search(question, 5).has_names is has
    assert not index.search(question, 5, document_ids=["d2"]).has_names


def test_names_of_other_documents_and_of_deleted_ones_are_not_there() -> None:
    index = index_of("Released as 8.14.0.", "Another text.")
    assert index.search("What is 8.14.0?", 5, document_ids=["d1"]).lacks_names
    index.remove_document("d0")
    assert index.search("What is 8.14.0?", 5).lacks_names


def test_all_words_are_a_score_near_1_and_none_is_0() -> None:
    found = index_of("A lighthouse.", "Bread is baked.").search("lighthouse", 2)
    assert found.best == ("0",)
    assert found.score("0") > 0.6
    assert found.score("1") == found.score("unknown") == 0


def test_rare_word_counts_more_than_one_that_most_passages_have() -> None:
    passages = ["Milvus stores vectors.", "Milvus flushes.", "Milvus searches.", "The tick of a clock."]
    assert index_of(*passages).search("Milvus tick", 1).best == ("3",)


def test_question_without_words_of_its_own_finds_nothing_by_words() -> None:
    assert index_of("It is what it is.").search("What is it?", 5).best == ()
    assert LexicalIndex().search("What is it?", 5).best == ()


def test_only_the_chosen_documents_are_searched() -> None:
    index = index_of("A lighthouse.", "A lighthouse too.")
    assert index.search("lighthouse", 5, document_ids=["d1"]).best == ("1",)


def test_deleted_document_is_found_no_more_and_can_come_again() -> None:
    index = index_of("A lighthouse.", "Bread.")
    index.remove_document("d0")
    assert index.search("lighthouse", 5).best == ()
    assert index.documents == {"d1": 1}
    index.add([IndexedChunk("0", "d0", 0, "A lighthouse.", "en")])
    assert index.search("lighthouse", 5).best == ("0",)


def test_passages_added_bit_by_bit_are_found_like_those_added_at_once() -> None:
    texts = [f"Passage {n} is about topic{n % 7} and thing{n}." for n in range(40)]
    at_once, bit_by_bit = index_of(*texts), LexicalIndex()
    for n, text in enumerate(texts):
        bit_by_bit.add([IndexedChunk(str(n), f"d{n}", 0, text, "en")])
        bit_by_bit.search("anything", 1)
    question = "What is thing23 about?"
    assert bit_by_bit.search(question, 1).best == at_once.search(question, 1).best == ("23",)


def test_chance_is_what_sentences_of_other_documents_have_in_common_with_a_passage() -> None:
    few = index_of("Some words about bread.", "Some words about ships.")
    assert few.search("bread", 1).unrelated is None
    topics = ["bread", "ships", "music", "stars", "trees", "roads"]
    texts = [f"Everybody knows that {topic} number {n} is old." for n in range(8) for topic in topics]
    alike = index_of(*texts).search("bread", 1).unrelated
    words = [f"w{n}a w{n}b w{n}c w{n}d w{n}e w{n}f" for n in range(48)]
    different = index_of(*words).search("bread", 1).unrelated
    assert alike is not None and different is not None
    assert alike > 0.3 > 0.1 > different


def test_neighbours_are_evidence_too() -> None:
    texts = {"a": ["The castle.", "It was built in 1250."], "b": ["Nothing.", "Built in 1250."]}
    index = LexicalIndex()
    for name, own in texts.items():
        index.add(IndexedChunk(f"{name}{n}", name, n, text, "en") for n, text in enumerate(own))
    whole = index.search("When was the castle built?", 4)
    alone = index.search("When was the castle built?", 4, document_ids=["b"])
    assert whole.evidence["en"] > max(whole.score(each) for each in whole.best)
    assert whole.evidence["en"] > alone.evidence["en"]


def in_two_languages(german: str, english: Sequence[str]) -> LexicalIndex:
    index = LexicalIndex()
    index.add([IndexedChunk("de", "d", 0, german, "de")])
    index.add(IndexedChunk(f"en{n}", f"e{n}", 0, text, "en") for n, text in enumerate(english))
    return index


def test_stop_words_of_the_question_are_not_missed_beside_documents_of_another_language() -> None:
    passage, question = "Das Schloss ließ König Ludwig bauen.", "Von wem wurde das Schloss gebaut?"
    alone = index_of(passage, language="de").search(question, 1, language="de")
    both = in_two_languages(passage, ["Bread rises."]).search(question, 1, language="de")
    assert both.best == ("de",)
    assert both.evidence["de"] == pytest.approx(alone.evidence["de"], rel=0.1)
    # Where it is unknown which language that is, they are nobody's.
    unknown = in_two_languages(passage, ["Bread rises."]).search(question, 1)
    assert unknown.evidence["de"] == pytest.approx(alone.evidence["de"], rel=0.1)


def test_word_is_as_common_beside_passages_of_another_language_as_without_them() -> None:
    german = [f"Das Brot der Sorte {name} liegt im Regal." for name in ("Anna", "Berta", "Clara")] * 10
    english = [f"The boat number {n} sails." for n in range(300)]
    question = "Wo liegt das Brot der Sorte Berta?"

    def scores(others: Sequence[str]) -> list[float]:
        index = LexicalIndex()
        index.add(IndexedChunk(f"g{n}", f"g{n}", 0, text, "de") for n, text in enumerate(german))
        index.add(IndexedChunk(f"e{n}", f"e{n}", 0, text, "en") for n, text in enumerate(others))
        found = index.search(question, 1, language="de")
        return [found.score("g0"), found.score("g1")]

    assert scores(english) == pytest.approx(scores([]), rel=0.1)


def test_evidence_is_told_by_the_language_of_the_passages() -> None:
    found = in_two_languages("Das Schloss in Füssen.", ["The castle in Füssen was built by Ludwig."]).search(
        "Who built the castle in Füssen?", 2, language="en"
    )
    assert set(found.evidence) == {"de", "en"}
    assert found.evidence["en"] > 2 * found.evidence["de"] > 0


@given(st.text(max_size=60), st.lists(st.text(max_size=80), max_size=5))
def test_scores_are_between_0_and_1_whatever_the_text(question: str, passages: list[str]) -> None:
    found = index_of(*passages, language=None).search(question, 5)
    assert all(0 < found.score(each) <= 1.00001 for each in found.best)


def test_passage_at_the_place_of_another_takes_its_place() -> None:
    index = index_of("A lighthouse.", "A quay.")
    index.add([IndexedChunk("new", "d0", 0, "A pier.", "en")])
    assert index.search("lighthouse", 9).best == ()
    assert (index.search("pier", 9).best, len(index)) == (("new",), 2)


def test_single_passages_are_taken_out_and_can_come_again() -> None:
    index = index_of("A lighthouse.", "A quay.")
    index.remove_chunks(["0", "unknown"])
    assert (index.search("lighthouse", 9).best, len(index)) == ((), 1)
    index.add([IndexedChunk("0", "d0", 0, "A lighthouse.", "en")])
    assert index.search("lighthouse", 9).best == ("0",)


def test_word_is_told_of_one_document_or_of_all_that_are_searched() -> None:
    index = LexicalIndex()
    texts = {"a": "Lighthouses", "b": "Bread"}
    index.add(IndexedChunk(name, name, 0, text, "en") for name, text in texts.items())
    everywhere, in_a = index.search("?", 2), index.search("?", 2, document_ids=["a"])
    assert everywhere.has_word("Lighthouses", "a") and not everywhere.has_word("Lighthouses", "b")
    assert not everywhere.has_word("Lighthouse", "a")
    assert everywhere.has_word("bread", None) and not in_a.has_word("bread", None)
    assert not everywhere.has_word("Netflix", None)

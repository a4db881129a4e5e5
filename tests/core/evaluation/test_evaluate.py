"""Questions with known answers, and what is counted about them."""

from __future__ import annotations

import json
import threading
from functools import partial

import pytest

from core.answers.retrieval import Retrieval
from core.documents.languages import language_of
from core.documents.sources.incoming import IncomingFile
from core.documents.sources.paths import files_of
from core.embedding.model import Embedder
from core.errors import EvaluationError
from core.evaluation.evaluate import Rate, evaluate, wilson
from core.evaluation.questions import KINDS, parse_questions, sample_questions
from core.evaluation.samples import questions_file, sample_files
from core.ingest.pipeline import Ingest
from core.store import KnowledgeStore

LINE = (
    '{"question": "What is a time tick?", "file": "consistency-levels.md", "contains": "a TIME\\n tick says"}'
)
OTHER = '{"question": "How do I bake a sourdough bread?", "file": null, "contains": null}'


def test_bundled_set_has_sixty_questions_of_every_kind() -> None:
    questions = parse_questions(questions_file().read_text(encoding="utf-8"))
    assert len(questions) >= 60
    assert {each.kind for each in questions} == set(KINDS)
    assert {each.file for each in questions} == {None, *(path.name for path in sample_files())}


def test_bundled_questions_in_other_languages_are_about_the_same_passages() -> None:
    names = [path.name for path in sample_files()]
    known = {(each.file, each.contains) for each in sample_questions(names)}
    others = sample_questions(names, are_in_english=False)
    assert {(each.file, each.contains) for each in others} <= known
    by_language = [others[start : start + 16] for start in range(0, 48, 16)]
    assert [{language_of(each.text) for each in group} - {None} for group in by_language] == [
        {"de"},
        {"es"},
        {"zh"},
    ]
    assert all([each.is_answerable for each in group] == [True] * 12 + [False] * 4 for group in by_language)


async def test_figures_are_told_by_the_language_of_the_questions(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    text = b"Der Leuchtturm am Hafen ist 37 Meter hoch. The lighthouse was built in 1897."
    await Ingest(
        [IncomingFile(name="a.txt", size_bytes=len(text), read=lambda: text)], store=store, embedder=embedder
    ).run()
    lines = [
        {"question": "Wie hoch ist der Leuchtturm am Hafen?", "file": "a.txt", "contains": "37 Meter"},
        {"question": "Wann wurde der Leuchtturm am Hafen gestrichen?", "file": "a.txt", "contains": "rot"},
        {"question": "When was the lighthouse built?", "file": "a.txt", "contains": "built in 1897"},
    ]
    questions = parse_questions("\n".join(json.dumps(line) for line in lines))

    result = await evaluate(questions, store=store, embedder=embedder, retrieval=Retrieval())

    assert result.languages == ("de", "en")
    assert result.of_language("de").hit_rate(1) == Rate(hits=1, total=2)
    assert result.of_language("en").hit_rate(1) == Rate(hits=1, total=1)
    told = result.to_dict()["languages"]
    assert {language: figures["questions"] for language, figures in told.items()} == {"de": 2, "en": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no questions"),
        (f"{LINE}\nnot json", "Line 2 is not valid JSON"),
        ("[1]", "Question 1 is not a JSON object"),
        ('{"file": "a.md", "contains": "b"}', 'Line 1 has no "question"'),
        ('{"question": "q", "file": "a.md"}', 'no "contains"'),
        ('{"question": "q", "file": "a.md", "contains": 7}', "neither a text nor a list"),
        ('{"question": "q", "file": "a.md", "contains": "b", "kind": "odd"}', '"kind" in line 1'),
    ],
)
def test_question_file_with_a_bad_line_is_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(EvaluationError, match=says):
        parse_questions(text)


def test_csv_has_the_same_questions_as_json_lines() -> None:
    table = 'question,file,contains\n"What, then?",a.md,some words\nAnd else?,,\n'
    first, second = parse_questions(table, is_csv=True)
    assert (first.text, first.file, first.contains) == ("What, then?", "a.md", ("some words",))
    assert not second.is_answerable


def test_csv_without_a_column_is_refused_by_its_name() -> None:
    with pytest.raises(EvaluationError, match='column "contains"'):
        parse_questions("question,file\na,b\n", is_csv=True)


def test_wilson_interval_stays_inside_zero_and_one() -> None:
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-3)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-3)
    assert wilson(10, 10)[1] <= 1
    assert Rate(hits=0, total=0).interval is None


async def _ingested(store: KnowledgeStore, embedder: Embedder) -> None:
    paths = [path for path in sample_files() if path.name == "consistency-levels.md"]
    await Ingest(files_of(paths), store=store, embedder=embedder).run()


async def test_outcomes_tell_found_from_rejected(store: KnowledgeStore, embedder: Embedder) -> None:
    await _ingested(store, embedder)
    seen: list[tuple[int, int]] = []
    result = await evaluate(
        parse_questions(f"{LINE}\n{OTHER}"),
        store=store,
        embedder=embedder,
        retrieval=Retrieval(),
        on_progress=lambda done, total: seen.append((done, total)),
    )
    found, rejected = result.outcomes
    assert found.rank is not None and found.verdict == f"found at rank {found.rank}"
    assert rejected.verdict == "rightly rejected"
    assert result.hit_rate(5).value == 1.0
    assert result.rejection.value == 1.0
    assert seen[-1] == (2, 2)
    assert result.to_dict()["kinds"]["easy"]["questions"] == 1


async def test_stopped_measure_keeps_what_was_done(store: KnowledgeStore, embedder: Embedder) -> None:
    stop = threading.Event()
    stop.set()
    result = await evaluate(
        parse_questions(LINE), store=store, embedder=embedder, retrieval=Retrieval(), stop=stop
    )
    assert result.outcomes == ()
    assert result.hit_rate(1).value is None


def test_sample_questions_are_asked_only_where_all_samples_are() -> None:
    names = [path.name for path in sample_files()]
    assert len(sample_questions(names)) == 81
    with pytest.raises(EvaluationError, match=f"such as {names[0]}"):
        sample_questions(names[1:])


async def test_passage_that_is_shown_for_several_files_counts_as_found_in_each(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    text = b"The ferry to the island is called Ada."
    contents = {"first.txt": text, "second.txt": text + b"\n"}
    files = [
        IncomingFile(name=name, size_bytes=len(data), read=partial(contents.__getitem__, name))
        for name, data in contents.items()
    ]
    await Ingest(files, store=store, embedder=embedder).run()
    lines = [
        json.dumps({"question": "What is the ferry called?", "file": name, "contains": "called Ada"})
        for name in contents
    ]
    questions = parse_questions("\n".join(lines))
    result = await evaluate(questions, store=store, embedder=embedder, retrieval=Retrieval())
    assert [(outcome.rank, outcome.num_passages) for outcome in result.outcomes] == [(1, 1), (1, 1)]

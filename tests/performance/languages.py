"""How well are questions answered in each language? Search, rejections, other languages, extractive answers.

    python tests/performance/languages.py --data ../shared/data/xquad
    python tests/performance/languages.py --data DIR --languages en,ru --questions 100 --model NAME

DIR has xquad.LANGUAGE.json, in the format of SQuAD 1.1, with the same questions in every language. Every
second article is put in a knowledge base of its language, its paragraphs one after another in one text
file; with `--together` all languages share one knowledge base. Questions about these articles are
answerable, those about the others are not. A hit is a passage that has the answer and comes from the right
paragraph, white space aside.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.answers.engine import Finished, stream_answer
from core.answers.refusals import nothing_found
from core.answers.relevance import Verdict
from core.answers.retrieval import Retrieval, retrieve
from core.config.settings import Settings
from core.documents.languages import NAMES
from core.knowledge_base import KnowledgeBase
from tests.performance.report import print_settings

LANGUAGES = ("en", "ru", "zh", "de", "ar", "hi", "es")
NUM_QUESTIONS = 300
# Answers are made for every so many questions: one takes longer than a search.
ANSWERED_EVERY = 3
NOTHING = {nothing_found(language) for language in NAMES}
EVERYTHING = Retrieval(min_relevance=0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. file, paragraph: where its answer is; answers: how it may be worded there."""

    text: str
    file: str
    paragraph: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Articles:
    """One language's articles, half of which are put in, and the questions about both halves."""

    texts: dict[str, str]
    answerable: list[Asked]
    unanswerable: list[Asked]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of xquad.*.json")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="of documents, with commas")
    parser.add_argument("--across", default="ru,de,zh", help="of questions about the English documents")
    parser.add_argument("--questions", type=int, default=NUM_QUESTIONS, help="the most of each sort")
    parser.add_argument("--other-half", action="store_true", help="put the other articles in")
    parser.add_argument("--together", action="store_true", help="all languages in one knowledge base")
    parser.add_argument("--search-only", action="store_true", help="leave the answers out")
    parser.add_argument("--model", help="instead of the bundled embedding model")
    args = parser.parse_args()
    print_settings("llama-index-core", "milvus-lite", model=args.model or "bundled")
    asyncio.run(measure(args))
    return 0


async def measure(args: argparse.Namespace) -> None:
    names = [name for name in args.languages.split(",") if name]
    by_language = {name: articles_of(args.data, name, args) for name in names}
    for together in [names] if args.together else [[name] for name in names]:
        with tempfile.TemporaryDirectory() as folder:
            env = {"OVERLAP_DATA_DIR": folder} | ({"EMBED_MODEL": args.model} if args.model else {})
            async with await KnowledgeBase.open(settings=Settings.from_env(env)) as kb:
                for name in together:
                    await kb.ingest(*_written(by_language[name], Path(folder)))
                await _print_figures(kb, together, by_language, args)


async def _print_figures(
    kb: KnowledgeBase, together: Sequence[str], by_language: dict[str, Articles], args: argparse.Namespace
) -> None:
    for name in together:
        figures = await kb_figures(kb, by_language[name], search_only=args.search_only)
        print(f"\n{name}: {figures}", flush=True)
    if list(together) == ["en"]:
        for other in filter(None, args.across.split(",")):
            asked = articles_of(args.data, other, args)
            print(f"{other} over en: {await across_figures(kb, asked, by_language['en'])}", flush=True)


def articles_of(folder: Path, language: str, args: argparse.Namespace) -> Articles:
    data = json.loads((folder / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
    articles = Articles({}, [], [])
    for number, article in enumerate(data):
        is_in = (number % 2 == 0) != args.other_half
        file = f"{article['title'].replace('/', '_')}.{language}.txt"
        if is_in:
            articles.texts[file] = "\n\n".join(each["context"] for each in article["paragraphs"])
        asked = [
            Asked(qa["question"], file, part["context"], tuple(answer["text"] for answer in qa["answers"]))
            for part in article["paragraphs"]
            for qa in part["qas"]
        ]
        (articles.answerable if is_in else articles.unanswerable).extend(asked)
    return Articles(
        articles.texts,
        _spread(articles.answerable, args.questions),
        _spread(articles.unanswerable, args.questions),
    )


def _spread(questions: list[Asked], most: int) -> list[Asked]:
    """At most so many, from all over the list."""
    if len(questions) <= most:
        return questions
    return [questions[round(index * len(questions) / most)] for index in range(most)]


def _written(articles: Articles, folder: Path) -> list[Path]:
    paths = []
    for file, text in articles.texts.items():
        path = folder / "articles" / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


async def kb_figures(kb: KnowledgeBase, articles: Articles, *, search_only: bool) -> str:
    ranks, times = [], []
    for asked in articles.answerable:
        since_s = time.perf_counter()
        hits = await _search(kb, asked.text, EVERYTHING)
        times.append(time.perf_counter() - since_s)
        ranks.append(rank_of(hits, asked))
    wrongly = [await _verdict(kb, asked.text) for asked in articles.answerable]
    rightly = [await _verdict(kb, asked.text) for asked in articles.unanswerable]
    answers = "" if search_only else f"; {await extractive_figures(kb, articles)}"
    return (
        f"{kb.store.count()} chunks, {len(ranks)} + {len(rightly)} questions; {_hit_rates(ranks)}; "
        f"unanswerable rejected {_rejected(rightly)}, answerable {_rejected(wrongly)}; "
        f"{1000 * sum(times) / len(times):.0f} ms a search{answers}"
    )


def _hit_rates(ranks: Sequence[int | None]) -> str:
    first, any_of_five = (rank == 1 for rank in ranks), (rank is not None for rank in ranks)
    return f"hit@1 {_percent(first)}  hit@5 {_percent(any_of_five)}"


async def _search(kb: KnowledgeBase, question: str, how: Retrieval) -> Sequence[Any]:
    found = await retrieve(question, store=kb.store, embedder=kb.embedder, settings=how)
    return found.hits


async def _verdict(kb: KnowledgeBase, question: str) -> Verdict:
    return (await retrieve(question, store=kb.store, embedder=kb.embedder, settings=Retrieval())).verdict


def _rejected(verdicts: Sequence[Verdict]) -> str:
    """The share that was; and of those that can't be told because of other languages, where there are any."""
    rejected = _percent(each == "not_found" for each in verdicts)
    is_unclear = [each == "unclear" for each in verdicts]
    return f"{rejected} (can't tell: {_percent(is_unclear)})" if any(is_unclear) else rejected


def rank_of(hits: Sequence[Any], gold: Asked) -> int | None:
    """The place of the first of the first five passages with the answer of `gold`, from its paragraph."""
    paragraph = folded(gold.paragraph)
    for rank, hit in enumerate(hits[:5], start=1):
        text = folded(hit.node.get_content())
        is_there = hit.node.metadata["file"] == gold.file and (
            text in paragraph or _overlaps(text, paragraph)
        )
        if is_there and any(folded(answer) in text for answer in gold.answers):
            return rank
    return None


def _overlaps(text: str, paragraph: str) -> bool:
    """Whether a passage that goes over the paragraph's border has a part of it."""
    return any(text[start : start + 40] in paragraph for start in range(0, max(1, len(text) - 39), 20))


def folded(text: str) -> str:
    return "".join(text.split()).casefold()


async def extractive_figures(kb: KnowledgeBase, articles: Articles) -> str:
    in_answer, in_first, times, nums_parts = [], [], [], []
    for asked in articles.answerable[::ANSWERED_EVERY]:
        since_s = time.perf_counter()
        text = await _answer(kb, asked.text, EVERYTHING)
        times.append(time.perf_counter() - since_s)
        first, *others = text.strip().split("\n\n")
        nums_parts.append(1 + len(others))
        in_answer.append(any(folded(answer) in plain(text) for answer in asked.answers))
        in_first.append(any(folded(answer) in plain(first) for answer in asked.answers))
    slowest = sorted(times)[int(0.95 * len(times))]
    return (
        f"extractive: answer has it {_percent(in_answer)}, its first part {_percent(in_first)}, "
        f"{sum(nums_parts) / len(nums_parts):.1f} parts, {sum(times) / len(times):.2f} s, p95 {slowest:.2f} s"
    )


def plain(markdown: str) -> str:
    return folded(markdown.replace("\\", "").replace("**", ""))


async def _answer(kb: KnowledgeBase, question: str, how: Retrieval) -> str:
    events = stream_answer(question, store=kb.store, embedder=kb.embedder, llm=None, retrieval=how)
    async for event in events:
        if isinstance(event, Finished):
            return event.answer.text
    raise AssertionError("an answer stream always ends in Finished")


async def across_figures(kb: KnowledgeBase, asked: Articles, english: Articles) -> str:
    """Questions in another language than the documents, of which their text has the answer."""
    pairs = list(zip(asked.answerable, english.answerable, strict=True))
    ranks = [rank_of(await _search(kb, one.text, EVERYTHING), gold) for one, gold in pairs]
    said = [await _answer(kb, one.text, Retrieval()) for one, _ in pairs[::ANSWERED_EVERY]]
    return f"{_hit_rates(ranks)}; false 'nothing' {_percent(text in NOTHING for text in said)}"


def _percent(flags: Any) -> str:
    values = list(flags)
    return f"{100 * sum(values) / len(values):.0f} %" if values else "-"


if __name__ == "__main__":
    sys.exit(main())

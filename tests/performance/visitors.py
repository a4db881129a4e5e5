"""Many visitors at once, over real websockets: they ask, upload and watch, for minutes.

    python tests/performance/visitors.py [--visitors 50] [--minutes 5] [--bench]

The app runs as it does for everybody, on the embedded default, with a stand-in for the language model that
answers at once. Six of ten visitors ask every 10 to 30 s, two upload a small text every 30 to 90 s,
two watch the documents page, which refreshes itself during an ingest, and come back to it every 10 to 30 s.

Measured first is one visitor alone, then all. Goals: no error; p95 from question to first source under
3 x (p95 of one visitor) / (1 - u), u being the share of all cores that the app took, which is what a queue
in front of busy cores costs at least; memory after the first minute grows by less than 5 %. With --bench
preset `quick` of the benchmark runs alone before and beside the visitors; its search time may change by 5 %.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
from streamlit.proto.WidgetStates_pb2 import WidgetState

from core.charts.samples import nearest_rank
from core.questions import parse_questions
from core.samples import questions_file, sample_files
from tests.browser.app import running_app
from tests.openai_server import OpenAIServer
from tests.performance.report import check_at_most, print_settings
from tests.performance.streamlit_visitor import StreamlitVisitor

MAX_TOP_K = 20
MOST_TIMES, MOST_GROWTH, MOST_BENCH_CHANGE = 3.0, 0.05, 0.05
ALONE_QUESTIONS, WARM_UP_QUESTIONS = 20, 3
ANSWER_TIMEOUT_S = 60.0
SETTLED_AFTER_S = 60.0


@dataclass
class Seen:
    """What the visitors saw. first_source_s: of each question, in s; memory_mb: the app's, every second."""

    first_source_s: list[float] = field(default_factory=list)
    num_uploads: int = 0
    num_looks: int = 0
    errors: list[str] = field(default_factory=list)
    memory_mb: list[tuple[float, float]] = field(default_factory=list)


class Guest(StreamlitVisitor):
    """A visitor who knows how many questions they asked."""

    num_asked = 0


Role = Callable[[Guest, Seen, random.Random], Awaitable[None]]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--bench", action="store_true", help="run a benchmark alone and beside them")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, OpenAIServer() as model:
        data = Path(folder)
        # What the stand-in makes of every follow-up question.
        model.completion = "What is a time tick?"
        environ = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "stand-in", "LLM_MODEL": "stand-in"}
        samples = [str(path) for path in sample_files()]
        _command("ingest", *samples, data_dir=data)
        bench_alone_s = _bench_s(data / "bench") if args.bench else None
        with running_app(data, **environ) as address:
            print_settings("streamlit", "milvus-lite", visitors=args.visitors, minutes=args.minutes)
            return asyncio.run(measure(address, args.visitors, args.minutes * 60, bench_alone_s, data))


async def measure(
    address: str, num_visitors: int, duration_s: float, bench_alone_s: float | None, data: Path
) -> int:
    app = _app_process()
    alone = Seen()
    async with Guest(address) as visitor:
        await visitor.open("")
        for number in range(WARM_UP_QUESTIONS + ALONE_QUESTIONS):
            first_s = await ask(visitor, _question(random.Random(number)))
            if number >= WARM_UP_QUESTIONS:
                alone.first_source_s.append(first_s)
    crowd, cpu_before_s, started = Seen(), _cpu_s(app), time.perf_counter()
    watch = asyncio.create_task(_watch_memory(app, crowd, started))
    bench = (
        None if bench_alone_s is None else asyncio.create_task(asyncio.to_thread(_bench_s, data / "bench"))
    )
    roles: list[Role] = [
        asking,
        asking,
        asking,
        uploading,
        asking,
        watching,
        asking,
        asking,
        uploading,
        watching,
    ]
    await asyncio.gather(
        *[_visit(address, roles[i % len(roles)], crowd, duration_s, seed=i) for i in range(num_visitors)]
    )
    elapsed_s = time.perf_counter() - started
    busy = (_cpu_s(app) - cpu_before_s) / elapsed_s / (os.cpu_count() or 1)
    watch.cancel()
    bench_beside_s = None if bench is None else await bench
    return _report(alone, crowd, busy, elapsed_s, bench_alone_s, bench_beside_s)


async def ask(visitor: Guest, question: str) -> float:
    """Seconds from sending a question until its first source is on the page; waits for the whole answer."""
    box = await visitor.find("chat_input")
    state = WidgetState(id=box.id)
    state.chat_input_value.data = question
    # What stands there while the model is at work, and what each source of the finished answer has. The
    # answers before this one are sent again too.
    reading = [f"Reading {number} passage" for number in range(1, MAX_TOP_K + 1)]
    of_source = f"open-{visitor.num_asked}-"
    shown, finished = visitor.seen(*reading, of_source), visitor.seen(of_source)
    visitor.num_asked += 1
    started = time.perf_counter()
    await visitor.rerun(state, timeout_s=ANSWER_TIMEOUT_S)
    await asyncio.wait_for(finished, ANSWER_TIMEOUT_S)
    return await shown - started


async def asking(visitor: Guest, seen: Seen, rng: random.Random) -> None:
    """Ask, and read the answer."""
    if not visitor.widgets:
        await visitor.open("")
    seen.first_source_s.append(await ask(visitor, _question(rng)))
    await asyncio.sleep(rng.uniform(10, 30))


async def uploading(visitor: Guest, seen: Seen, rng: random.Random) -> None:
    """Add a small text of one's own; who comes while another one's goes in waits for that."""
    await visitor.open("documents")
    text = " ".join(f"Line {n} of a note with the number {rng.getrandbits(40)}." for n in range(40))
    value = await visitor.upload("PDF, Word", f"note-{rng.getrandbits(30)}.txt", text.encode())
    await visitor.rerun(value)
    button = await visitor.find("button", "Add 1 document")
    while button.disabled:
        await asyncio.sleep(1)
        await visitor.rerun(value)
        button = await visitor.find("button", "Add 1 document")
    await visitor.rerun(value, WidgetState(id=button.id, trigger_value=True))
    seen.num_uploads += 1
    await asyncio.sleep(rng.uniform(30, 90))


async def watching(visitor: Guest, seen: Seen, rng: random.Random) -> None:
    """Look at the documents for a while."""
    await visitor.open("documents")
    seen.num_looks += 1
    await asyncio.sleep(rng.uniform(10, 30))


async def _visit(address: str, role: Role, seen: Seen, duration_s: float, *, seed: int) -> None:
    rng = random.Random(seed)
    until = time.perf_counter() + duration_s
    await asyncio.sleep(rng.uniform(0, min(20, duration_s / 4)))
    async with Guest(address) as visitor:
        while time.perf_counter() < until:
            try:
                await role(visitor, seen, rng)
            except Exception as exc:
                seen.errors.append(f"{role.__name__}: {type(exc).__name__}: {str(exc)[:120]}")
                await asyncio.sleep(5)
        seen.errors += visitor.exceptions


def _question(rng: random.Random) -> str:
    """An answerable one of the bundled set: one that is refused shows no source."""
    questions = parse_questions(questions_file().read_text(encoding="utf-8"))
    return rng.choice([each.text for each in questions if each.kind == "easy"])


def _app_process() -> psutil.Process:
    """The app: the one child of this process that runs Streamlit."""
    children = psutil.Process().children()
    return next(child for child in children if "streamlit" in " ".join(child.cmdline()))


def _tree(app: psutil.Process) -> list[psutil.Process]:
    return [app, *app.children(recursive=True)]


def _cpu_s(app: psutil.Process) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in _tree(app))


async def _watch_memory(app: psutil.Process, seen: Seen, started: float) -> None:
    while True:
        total = sum(process.memory_info().rss for process in _tree(app))
        seen.memory_mb.append((time.perf_counter() - started, total / 1e6))
        await asyncio.sleep(1)


def _command(*args: str, data_dir: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "core", *args],
        env={**os.environ, "OVERLAP_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _bench_s(data_dir: Path) -> float:
    """The median time of the sync searches of preset `quick`, in s."""
    record = json.loads(_command("bench", "--preset", "quick", "--json", data_dir=data_dir))
    times = [
        trial["elapsed_s"]
        for trial in record["trials"]
        if (trial["operation"], trial["lane"]) == ("search", "sync") and not trial.get("is_warmup")
    ]
    return statistics.median(times)


def _report(
    alone: Seen,
    crowd: Seen,
    busy: float,
    elapsed_s: float,
    bench_alone_s: float | None,
    beside_s: float | None,
) -> int:
    one_s, all_s = (nearest_rank(sorted(each.first_source_s), 0.95) or 0.0 for each in (alone, crowd))
    print(f"one visitor: {len(alone.first_source_s)} questions, p95 {one_s:.3f} s to the first source")
    print(
        f"all: {len(crowd.first_source_s)} questions in {elapsed_s:.0f} s, p50 "
        f"{statistics.median(crowd.first_source_s):.3f} s, p95 {all_s:.3f} s; {crowd.num_uploads} uploads, "
        f"{crowd.num_looks} looks; the app took {busy:.0%} of all cores"
    )
    settled = [mb for at_s, mb in crowd.memory_mb if at_s >= SETTLED_AFTER_S] or [
        mb for _, mb in crowd.memory_mb
    ]
    tenth = max(1, len(settled) // 10)
    begin_mb, end_mb = statistics.median(settled[:tenth]), statistics.median(settled[-tenth:])
    print(f"memory after the first minute: {begin_mb:.0f} MB, at the end {end_mb:.0f} MB")
    for error in sorted(set(crowd.errors)):
        print(f"error, {crowd.errors.count(error)} times: {error}")
    bound_s = MOST_TIMES * one_s / max(0.01, 1 - busy)
    met = [
        check_at_most("errors", len(crowd.errors), 0),
        check_at_most(f"p95 to the first source, s (3 x {one_s:.3f} / (1 - {busy:.2f}))", all_s, bound_s),
        check_at_most("growth of memory", end_mb / begin_mb - 1, MOST_GROWTH),
    ]
    if bench_alone_s is not None and beside_s is not None:
        print(f"quick, sync search: {bench_alone_s:.3f} s alone, {beside_s:.3f} s beside the visitors")
        met.append(
            check_at_most("change of the benchmark", abs(beside_s / bench_alone_s - 1), MOST_BENCH_CHANGE)
        )
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())

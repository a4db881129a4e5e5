"""Many visitors at once, over real websockets: they ask, upload and watch, for minutes.

    python tests/performance/visitors.py [--visitors 50] [--minutes 5] [--bench RUNS]

The app runs as it does for everybody, on the embedded default, with a stand-in for the language model that
answers at once. Six of ten visitors ask every 10 to 30 s, two upload a small text every 30 to 90 s,
two watch the documents page, which refreshes itself during an ingest, and come back to it every 10 to 30 s.

Measured first is one visitor alone, then all. Goals: no error; p95 from question to first source under
3 x (p95 of one visitor) / (1 - u), u being the share of all cores that was taken (by the app, by these
visitors, by the host of a virtual machine), which is what a queue in front of busy cores costs at least. The
same is said of the questions that the host did not disturb, with its share left out of u;
memory after the first minute grows by less than 5 %. With --bench a benchmark runs afterwards, with
the app at work for the visitors and held still in turns; no figure of it may change by more than 5 %.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
from streamlit.proto.WidgetStates_pb2 import WidgetState

from core.bench.analysis.stats import percentile
from core.evaluation.questions import parse_questions
from core.evaluation.samples import questions_file, sample_files
from core.runtime.cpu_affinity import Aside
from tests.browser.app import running_app
from tests.openai_server import OpenAIServer
from tests.performance.bench_beside import check_changes, command, in_turns
from tests.performance.host_watch import HostWatch
from tests.performance.report import check_at_most, print_settings
from tests.performance.streamlit_visitor import StreamlitVisitor

MAX_TOP_K = 20
MOST_TIMES, MOST_GROWTH, MOST_BENCH_CHANGE = 3.0, 0.05, 0.05
# A page of many answers takes longer to draw: a conversation is no longer than the crowd's on average.
ALONE_CONVERSATIONS, ALONE_QUESTIONS = 3, 8
ANSWER_TIMEOUT_S = 60.0
RAMP_S = 20.0
SETTLED_AFTER_S = 60.0


@dataclass
class Seen:
    """What the visitors saw.

    questions: when each was asked, on the performance counter, and s until its first source. errors: what
    went wrong for a visitor. shown: of each visitor the exceptions that stood on a page. memory_mb: the
    app's, every second. pace: how many times longer than usual they take for what they do themselves.
    """

    questions: list[tuple[float, float]] = field(default_factory=list)
    num_uploads: int = 0
    num_looks: int = 0
    errors: list[str] = field(default_factory=list)
    shown: list[list[str]] = field(default_factory=list)
    memory_mb: list[tuple[float, float]] = field(default_factory=list)
    pace: float = 1.0

    def first_source_s(self, host: HostWatch | None = None) -> list[float]:
        """host: only of the questions that the host did not disturb."""
        return [
            first_s
            for asked_s, first_s in self.questions
            if host is None or host.is_quiet(asked_s, asked_s + first_s)
        ]


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
    parser.add_argument("--bench", type=int, default=0, metavar="RUNS", help="of the benchmark beside them")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, OpenAIServer() as model:
        data = Path(folder)
        # What the stand-in makes of every follow-up question.
        model.completion = "What is a time tick?"
        environ = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "stand-in", "LLM_MODEL": "stand-in"}
        samples = [str(path) for path in sample_files()]
        command("ingest", *samples, data_dir=data)
        with running_app(data, **environ) as address:
            print_settings("streamlit", "milvus-lite", visitors=args.visitors, minutes=args.minutes)
            return asyncio.run(measure(address, args.visitors, args.minutes * 60, args.bench, data))


async def measure(address: str, num_visitors: int, duration_s: float, bench_runs: int, data: Path) -> int:
    app, host, crowd = _app_process(), HostWatch(), Seen()
    started = time.perf_counter()
    watch = asyncio.create_task(_watch(app, host, crowd))
    alone = await one_after_another(address)
    crowd.memory_mb.clear()
    cpu_before_s, own_before_s = _cpu_s(app), time.process_time()
    started = time.perf_counter()
    await _crowd(address, num_visitors, crowd, time.perf_counter() + duration_s)
    elapsed_s = time.perf_counter() - started
    cores_s = elapsed_s * (os.cpu_count() or 1)
    host.look()
    watch.cancel()
    app_share, own_share = (
        used_s / cores_s for used_s in (_cpu_s(app) - cpu_before_s, time.process_time() - own_before_s)
    )
    host_share = host.share(started, started + elapsed_s)
    print(f"of all cores: app {app_share:.0%}, these visitors {own_share:.0%}, the host {host_share:.0%}")
    print(f"{crowd.num_uploads} uploads, {crowd.num_looks} looks in {elapsed_s:.0f} s")
    is_met = all(
        [
            _check_errors(crowd),
            _check_times(
                "all", alone.first_source_s(), crowd.first_source_s(), app_share + own_share + host_share
            ),
            _check_times(
                "undisturbed by the host",
                alone.first_source_s(host),
                crowd.first_source_s(host),
                app_share + own_share,
            ),
            _check_memory(crowd, started),
        ]
    )
    if bench_runs:
        is_met &= await _beside(address, app, num_visitors, bench_runs, data)
    return 0 if is_met else 1


async def _crowd(address: str, num_visitors: int, seen: Seen, until: float) -> None:
    """All visitors until a time on the performance counter."""
    roles: list[Role] = [asking, asking, asking, uploading, watching]
    visits = [_visit(address, roles[i % len(roles)], seen, until, seed=i) for i in range(num_visitors)]
    await asyncio.gather(*visits)


async def _beside(address: str, app: psutil.Process, num_visitors: int, runs: int, data: Path) -> bool:
    # The app is held still half of the time: so the other half has its usual work.
    seen = Seen(pace=2.0)
    crowd = asyncio.create_task(_crowd(address, num_visitors, seen, math.inf))
    await asyncio.sleep(RAMP_S)
    # As the app does for a run that it starts itself.
    aside = Aside(app.pid)
    changes = await asyncio.to_thread(in_turns, lambda: _tree(app), data / "bench", runs=runs)
    aside.end()
    crowd.cancel()
    with suppress(asyncio.CancelledError):
        await crowd
    print(f"beside it: {len(seen.questions)} questions, {seen.num_uploads} uploads")
    met = [_check_errors(seen), check_changes(changes, MOST_BENCH_CHANGE)]
    return all(met)


async def one_after_another(address: str) -> Seen:
    """One visitor alone, in some conversations; the first answers, while the model is loaded, left out."""
    seen = Seen()
    for number in range(-1, ALONE_CONVERSATIONS):
        rng = random.Random(number)
        async with Guest(address) as visitor:
            await visitor.open("")
            asked = [await ask(visitor, _question(rng)) for _ in range(ALONE_QUESTIONS)]
        if number >= 0:
            seen.questions += asked
    return seen


async def ask(visitor: Guest, question: str) -> tuple[float, float]:
    """When it was asked, and seconds until its first source is on the page; waits for the whole answer."""
    box = await visitor.find("chat_input", is_enabled=True)
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
    return started, await shown - started


async def asking(visitor: Guest, seen: Seen, rng: random.Random) -> None:
    """Ask, and read the answer."""
    if not visitor.widgets:
        await visitor.open("")
    seen.questions.append(await ask(visitor, _question(rng)))
    await asyncio.sleep(seen.pace * rng.uniform(10, 30))


async def uploading(visitor: Guest, seen: Seen, rng: random.Random) -> None:
    """Add a small text of one's own; who comes while another one's goes in waits for that."""
    await visitor.open("documents")
    text = " ".join(f"Line {n} of a note with the number {rng.getrandbits(40)}." for n in range(40))
    # It takes a person a moment to choose a file. Streamlit loses the request for an upload that reaches it
    # in the very moment in which it begins to draw the page anew, as it does when an ingest has ended.
    await asyncio.sleep(rng.uniform(1, 3))
    value = await visitor.upload("PDF, Word", f"note-{rng.getrandbits(30)}.txt", text.encode())
    await visitor.rerun(value)
    button = await visitor.find("button", "Add 1 document")
    while button.disabled:
        await asyncio.sleep(1)
        await visitor.rerun(value)
        button = await visitor.find("button", "Add 1 document")
    await visitor.rerun(value, WidgetState(id=button.id, trigger_value=True))
    seen.num_uploads += 1
    await asyncio.sleep(seen.pace * rng.uniform(30, 90))


async def watching(visitor: Guest, seen: Seen, rng: random.Random) -> None:
    """Look at the documents for a while."""
    await visitor.open("documents")
    seen.num_looks += 1
    await asyncio.sleep(seen.pace * rng.uniform(10, 30))


async def _visit(address: str, role: Role, seen: Seen, until: float, *, seed: int) -> None:
    rng = random.Random(seed)
    await asyncio.sleep(rng.uniform(0, RAMP_S))
    async with Guest(address) as visitor:
        # Exceptions that the app has shown stay with the visitor until the end, also of a cancelled one.
        seen.shown.append(visitor.exceptions)
        while time.perf_counter() < until:
            try:
                await role(visitor, seen, rng)
            except Exception as exc:
                step = traceback.extract_tb(exc.__traceback__)[1].line
                seen.errors.append(f"{role.__name__}: {type(exc).__name__}: {str(exc)[:120]} at {step}")
                await asyncio.sleep(5)


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


async def _watch(app: psutil.Process, host: HostWatch, seen: Seen) -> None:
    while True:
        host.look()
        total = sum(process.memory_info().rss for process in _tree(app))
        seen.memory_mb.append((time.perf_counter(), total / 1e6))
        await asyncio.sleep(1)


def _check_errors(seen: Seen) -> bool:
    errors = seen.errors + [text for exceptions in seen.shown for text in exceptions]
    for error in sorted(set(errors)):
        print(f"error, {errors.count(error)} times: {error}")
    return check_at_most("errors", len(errors), 0)


def _check_times(which: str, alone_s: list[float], crowd_s: list[float], busy: float) -> bool:
    if not alone_s or not crowd_s:
        print(f"{which}: no question, nothing to compare")
        return False
    one_s, all_s = (percentile(times_s, 0.95) or 0.0 for times_s in (alone_s, crowd_s))
    print(
        f"{which}: one visitor {len(alone_s)} questions, p95 {one_s:.3f} s to the first source; "
        f"all {len(crowd_s)} questions, p50 {statistics.median(crowd_s):.3f} s, p95 {all_s:.3f} s"
    )
    bound_s = MOST_TIMES * one_s / max(0.01, 1 - busy)
    return check_at_most(f"p95 {which}, s (3 x {one_s:.3f} / (1 - {busy:.2f}))", all_s, bound_s)


def _check_memory(crowd: Seen, started: float) -> bool:
    all_mb = [mb for _, mb in crowd.memory_mb]
    settled = [mb for at_s, mb in crowd.memory_mb if at_s >= started + SETTLED_AFTER_S] or all_mb
    tenth = max(1, len(settled) // 10)
    begin_mb, end_mb = statistics.median(settled[:tenth]), statistics.median(settled[-tenth:])
    print(f"memory after the first minute: {begin_mb:.0f} MB, at the end {end_mb:.0f} MB")
    return check_at_most("growth of memory", end_mb / begin_mb - 1, MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())

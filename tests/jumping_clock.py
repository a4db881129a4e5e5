"""Works while the wall clock jumps: `python -m tests.jumping_clock FOLDER` prints what was measured as JSON.

In a process of its own, whose wall clock is set in the middle of an ingest, a question and a benchmark.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

HOUR_S = 3600.0
# By how much it is ahead, one after another: it jumps forward and back. Never behind the machine's: gRPC
# would see deadlines that are over, which it would not if its own clock had jumped too.
JUMPS_S = [HOUR_S, 0.0, 24 * HOUR_S, 0.0]


class WallClock:
    """The machine's, which somebody sets."""

    def __init__(self) -> None:
        self._now, self._ahead_s, self._jumps_s = time.time, 0.0, list(JUMPS_S)

    def jump(self) -> None:
        if self._jumps_s:
            self._ahead_s = self._jumps_s.pop(0)

    def __call__(self) -> float:
        return self._now() + self._ahead_s


def main(folder: Path) -> dict[str, Any]:
    begun_s = time.monotonic()
    time.time = clock = WallClock()
    from core.bench.load.runner import run_plan
    from core.bench.plan.plan import Plan
    from core.config.settings import Settings, Target
    from core.documents.sources.incoming import IncomingFile
    from core.knowledge_base import KnowledgeBase
    from tests.bench_runs import RUN_ID
    from tests.faults import SMALL_TEXT

    async def work() -> dict[str, Any]:
        def read() -> bytes:
            clock.jump()
            return SMALL_TEXT

        async with await KnowledgeBase.open(settings=settings) as kb:
            file = IncomingFile(name="small.txt", size_bytes=len(SMALL_TEXT), read=read)
            snapshot = await kb.new_ingest([file]).run()
            clock.jump()
            answer = await kb.ask("How high is the lighthouse?")
        done = snapshot.files[0]
        times_s = [snapshot.elapsed_s, done.elapsed_s, done.first_searchable_s]
        times_s += [*done.steps_s.values(), *answer.timings_s.values()]
        return {"stage": done.stage, "answer": answer.text, "times_s": times_s}

    settings = Settings.from_env({"OVERLAP_DATA_DIR": str(folder)})
    seen = asyncio.run(work())
    run = run_plan(
        Plan(counts=(5,), dim=8),
        Target(uri=str(folder / "bench" / "x.db")),
        run_id=RUN_ID,
        path=folder / f"{RUN_ID}.json",
        emit=lambda event: clock.jump() if event["event"] == "trial" else None,
    )
    seen["times_s"] += [trial.elapsed_s for trial in run.trials]
    seen["times_s"] += [value for trial in run.trials for value in trial.latency_s.values()]
    return seen | {"status": run.status, "note": run.note, "all_s": time.monotonic() - begun_s}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))

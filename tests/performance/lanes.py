"""What the lanes gain against the tutorial's async, and the tutorial's own table, on a real Milvus.

    MILVUS_URI=http://127.0.0.1:19530 python tests/performance/lanes.py [--count 1000] [--repeats 3]
                                                                        [--consistency Strong]

Each part takes its two sides in turns. The tutorial's sync searches take
about 300 ms each at Strong, so its part takes minutes. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.bench.load.runner import run_plan
from core.bench.plan.plan import Plan
from core.bench.records.run import Run, new_id
from core.config.settings import Target
from tests.performance.report import check_at_least, print_settings, print_side

BATCH_ADD_GOAL = 5.0
SINGLE_SEARCH_GOAL = 1.5
BATCH_SEARCH_GOAL = 5.0
# The factors that the tutorial published for 1,000 operations.
TUTORIAL_SEARCH_GOAL = 35.0
TUTORIAL_ADD_GOAL = 19.5
TUTORIAL_RTT_MS = 60
LIMIT_S = 900.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--batch-size", type=int, default=100)
    parser.add_argument("--consistency", default="Strong", help="of the gains; the table is at Strong")
    parser.add_argument("--skip-table", action="store_true", help="without the tutorial's slow sync lanes")
    args = parser.parse_args()
    uri = os.environ.get("MILVUS_URI", "")
    if not uri.startswith("http"):
        print("Set MILVUS_URI to a Milvus server; on Milvus Lite there is nothing to overlap.")
        return 2
    target = Target.parse(uri, os.environ.get("MILVUS_TOKEN", ""))
    print_settings(
        "pymilvus",
        "llama-index-vector-stores-milvus",
        count=args.count,
        target=target.label,
        consistency=args.consistency,
    )
    tutorial = Plan(
        target=target.label,
        lanes=("async",),
        counts=(args.count,),
        warmup=1,
        time_limit_s=LIMIT_S,
        consistency=args.consistency,
    )
    is_met = gains(target, tutorial, args.repeats, args.concurrency, args.batch_size)
    if not args.skip_table:
        is_met &= table(target, args.count, args.repeats)
    return 0 if is_met else 1


def gains(target: Target, tutorial: Plan, repeats: int, concurrency: int, batch_size: int) -> bool:
    """The best lanes against the tutorial's async, in turns.

    At Strong a search waits for the server's next time tick, however many queries it carries: that wait
    bounds what batches can gain.

    The tutorial's hits carry their vectors back, and its nodes write theirs into JSON before they are
    sent. Ours do neither, a setting of the plan: the rows are the same, and so are the ids that are found.
    """
    lanes = ("async", "async-bounded", "async-batch")
    ours = replace(tutorial, lanes=lanes, concurrency=concurrency, batch_size=batch_size, fields="text")
    runs = [(measured(tutorial, target), measured(ours, target)) for _ in range(repeats)]
    theirs, mine = [run for run, _ in runs], [run for _, run in runs]
    adds = speeds(theirs, "add", "async", "the tutorial's add async")
    searches = speeds(theirs, "search", "async", "the tutorial's search async")
    batch_adds = speeds(mine, "add", "async-batch", "add async-batch")
    singles = [speeds(mine, "search", lane, f"search {lane}, text only") for lane in lanes[:2]]
    batches = speeds(mine, "search", "async-batch", "search async-batch, text only")
    met = [
        check_at_least("async-batch add / the tutorial's async add", batch_adds / adds, BATCH_ADD_GOAL),
        check_at_least("best single search / the tutorial's", max(singles) / searches, SINGLE_SEARCH_GOAL),
        check_at_least("batch search / the tutorial's", batches / searches, BATCH_SEARCH_GOAL),
    ]
    return all(met)


def table(target: Target, count: int, repeats: int) -> bool:
    """The tutorial's factors: search as it is, once; add with the distance that its server had.

    The first add over a link that is far opens its connections and lets their windows grow: a warm-up.
    Some connections stay at a third of the others' speed for as long as they live: as much as a window
    of 64 KB lets through, the one that a gRPC server begins with. So each repeat has its own.
    """
    near = measured(
        Plan(target=target.label, operations=("search",), counts=(count,), time_limit_s=LIMIT_S), target
    )
    far_plan = Plan(
        target=target.label,
        operations=("add",),
        counts=(count,),
        rtt_ms=TUTORIAL_RTT_MS,
        warmup=1,
        time_limit_s=LIMIT_S,
    )
    far = [measured(far_plan, target) for _ in range(repeats)]
    met = [
        check_at_least(
            f"async / sync search at {count}, Strong", factor([near], "search"), TUTORIAL_SEARCH_GOAL
        ),
        check_at_least(
            f"async / sync add at {count}, {TUTORIAL_RTT_MS} ms simulated",
            factor(far, "add"),
            TUTORIAL_ADD_GOAL,
        ),
    ]
    return all(met)


def measured(plan: Plan, target: Target) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        run = run_plan(plan, target, run_id=new_id(), path=path, emit=lambda event: None)
    if run.status != "complete" or not all(check.passed for check in run.checks):
        raise SystemExit(f"The run is {run.status}: {run.note} {[c for c in run.checks if not c.passed]}")
    print(f"server {run.environment['server_version']}, {len(run.checks)} checks of same work passed")
    return run


def factor(runs: list[Run], operation: str) -> float:
    """Operations per second of async to those of sync."""
    return speeds(runs, operation, "async", f"{operation} async") / speeds(
        runs, operation, "sync", f"{operation} sync"
    )


def speeds(runs: list[Run], operation: str, lane: str, label: str) -> float:
    """Median operations per second over the repeats of all runs."""
    values = [
        trial.ops_per_s or 0.0 for run in runs for trial in run.trials_of(operation, lane, run.plan.counts[0])
    ]
    return print_side(label, values, "/s")


if __name__ == "__main__":
    sys.exit(main())

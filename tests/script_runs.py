"""A run measured by Overlap, and the scripts that repeat its trials: they ask for the same work."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from pymilvus.grpc_gen import milvus_pb2

from core.bench.plan.plan import BATCH_LANES
from core.bench.records.archive import load_run
from core.bench.records.trial import Trial
from core.export.script import standalone_script
from core.runtime.paths import REPOSITORY
from tests.grpc_recorder import Call, GrpcRecorder

ONE_AT_A_TIME = {"sync", "sync-batch"}
_REQUESTS = {"add": ("Insert", milvus_pb2.InsertRequest), "search": ("Search", milvus_pb2.SearchRequest)}
# Of a run or a script its own, whatever it asks for.
_OWN = ("base", "collection_name", "guarantee_timestamp", "schema_timestamp")
# Runs the scripts whose paths it is given, in one process, which imports pymilvus once for all.
_RUNNER = "import runpy, sys\nfor path in sys.stdin: runpy.run_path(path.strip()); print('done', flush=True)"


def assert_scripts_do_the_work_of_their_trials(
    uri: str, lanes: Sequence[str], folder: Path, token: Sequence[str] = ()
) -> None:
    """Each script sends its trial's very requests, and like the trial one at a time or several.

    Before them it makes the first one outside its clock, as the run does for all trials of a lane.
    """
    plan = ("--op", "add,search", "--lanes", ",".join(lanes), "--counts", "12", "--repeats", "1")
    size = ("--warmup", "0", "--batch-size", "5", "--concurrency", "3")
    record = folder / "run.json"
    with GrpcRecorder(uri) as recorder:
        command = (sys.executable, "-m", "core", "bench", "--target", recorder.uri, *token, *plan, *size)
        subprocess.run([*command, "--out", str(record)], cwd=REPOSITORY, capture_output=True, check=True)
        run = load_run(record)
        measured = dict(_of_trials(recorder.take(), run.trials, run.plan.batch_size))
        assert set(measured) == {(operation, lane) for operation in _REQUESTS for lane in lanes}
        with _script_runner(folder) as runner:
            for trial in run.trials:
                printed = runner(standalone_script(run, trial))
                assert [line.partition(" in ")[0] for line in printed[:2]] == ["first call", "12 operations"]
                _assert_same_work(trial, recorder.take(), measured[trial.operation, trial.lane])


def _assert_same_work(trial: Trial, of_script: list[Call], measured: list[Call]) -> None:
    method, _ = _REQUESTS[trial.operation]
    first, *others = (call for call in of_script if call.method == method)
    if trial.operation == "search":
        assert _num_rows(of_script) == trial.count
    assert _work(trial, [first]) <= _work(trial, measured)
    assert _work(trial, others) == _work(trial, measured)
    for calls in (others, measured):
        assert (max(each.at_once for each in calls) > 1) == (trial.lane not in ONE_AT_A_TIME)


@contextmanager
def _script_runner(folder: Path) -> Iterator[Callable[[str], list[str]]]:
    """What runs a script and returns the lines that it printed."""
    command = (sys.executable, "-c", _RUNNER)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        path, (requests, answers) = folder / "repeat.py", (process.stdin, process.stdout)

        def run(script: str) -> list[str]:
            path.write_text(script)
            requests.write(f"{path.name}\n")
            requests.flush()
            lines = list(takewhile(lambda line: line not in {"done\n", ""}, iter(answers.readline, None)))
            assert process.poll() is None, lines
            return lines

        yield run
        requests.close()


def _of_trials(
    calls: list[Call], trials: Sequence[Trial], batch_size: int
) -> Iterator[tuple[tuple[str, str], list[Call]]]:
    """The requests of each trial, which are sent in the trials' order, behind those that warm the server."""
    for operation, (method, kind) in _REQUESTS.items():
        asked = [call for call in calls if call.method == method]
        of_run = [call for call in asked if f"_{operation}_" in kind.FromString(call.request).collection_name]
        if operation == "search":
            assert all(call.method == "Search" for call in of_run)
        for trial in trials:
            if trial.operation == operation:
                size = batch_size if trial.lane in BATCH_LANES else 1
                num = -(-trial.count // size)
                yield (operation, trial.lane), of_run[:num]
                of_run = of_run[num:]


def _num_rows(calls: list[Call]) -> int:
    inserts = (milvus_pb2.InsertRequest.FromString(call.request) for call in calls if call.method == "Insert")
    return sum(insert.num_rows for insert in inserts)


def _work(trial: Trial, calls: list[Call]) -> Counter[bytes]:
    """What requests ask for, whoever asks."""
    work: Counter[bytes] = Counter()
    for call in calls:
        request = _REQUESTS[trial.operation][1].FromString(call.request)
        for field in _OWN:
            if field in request.DESCRIPTOR.fields_by_name:
                request.ClearField(field)
        work[request.SerializeToString(deterministic=True)] += 1
    return work

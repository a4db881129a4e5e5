"""core.export.script: short, true to the run's data, safe against odd records, and it really runs."""

from __future__ import annotations

import ast
import itertools
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.bench.load.dataset import make_dataset
from core.bench.plan.conditions import Case
from core.bench.plan.plan import LANES
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.cli.bench_flags import plan_of
from core.config.environ import bare_environ
from core.config.settings import SYNTHETIC_DATA
from core.errors import RecordError
from core.export.script import MAX_LINES, command_of, standalone_script
from tests.bench_runs import ingest_run, make_run
from tests.checkout import make_checkout
from tests.command_line import bench_flags
from tests.lite_process import LiteProcess
from tests.script_runs import assert_scripts_do_the_work_of_their_trials

pytestmark = pytest.mark.slow

PRINTED = re.compile(r"first call in \d+\.\d{3} s\n5 operations in \d+\.\d{3} s\n\d+\.\d operations/s\n")


def trial_of(operation: str, lane: str, **changes: Any) -> Trial:
    values: dict[str, Any] = {"count": 5, "repeat": 0, "elapsed_s": 1.0, "num_ok": 5, "num_failed": 0}
    return Trial(operation=operation, lane=lane, **(values | changes))


def run_of(**settings: Any) -> Run:
    run = make_run()
    return replace(run, plan=replace(run.plan, **settings))


@pytest.mark.parametrize(
    ("operation", "lane", "data"), list(itertools.product(("add", "search"), LANES, SYNTHETIC_DATA))
)
def test_script_is_short_and_compiles_for_every_trial(operation: str, lane: str, data: str) -> None:
    case = Case(rtt_ms=60, concurrency=8)
    # All that a script can't repeat is named, which takes the most lines.
    run = run_of(data=data, target="http://milvus:19530", stall_s=1.5, rtt_ms=60)
    for one in (run, run_of(data=data), replace(run, plan=replace(run.plan, fields="text"))):
        script = standalone_script(one, trial_of(operation, lane, case=case))
        compile(script, "script.py", "exec")
        assert len(script.splitlines()) <= MAX_LINES
        assert max(map(len, script.splitlines())) <= 110
        assert "simulated distance of 60 ms" in script
        assert "core." not in script.replace("llama_index.core.", "")


@pytest.mark.parametrize("first_calls", ["included", "apart"])
def test_script_says_that_first_calls_are_not_in_its_time(first_calls: str) -> None:
    script = standalone_script(run_of(first_calls=first_calls), trial_of("search", "async"))
    says = "# Not repeated here: connecting and first calls inside the clock." in script
    assert says is (first_calls == "included")


@pytest.mark.parametrize("data", SYNTHETIC_DATA)
def test_script_makes_the_very_same_data(data: str) -> None:
    script = standalone_script(run_of(data=data, dim=8, seed=11), trial_of("search", "async"))
    lines = script.partition("async def main")[0]
    names: dict[str, Any] = {}
    exec(compile(lines, "script.py", "exec"), names)
    expected = make_dataset(data, 5, dim=8, seed=11)
    assert names["nodes"] == expected.nodes
    assert [node.embedding for node in names["nodes"]] == [node.embedding for node in expected.nodes]
    assert [node.source_node for node in names["nodes"]] == [node.source_node for node in expected.nodes]
    assert names["queries"] == expected.queries


@pytest.mark.parametrize(
    ("operation", "lane", "data", "fields"),
    [
        ("search", "sync", "tutorial", "all"),
        ("add", "async", "tutorial", "all"),
        ("add", "async-batch", "random", "text"),
        ("search", "threads", "random", "text"),
    ],
)
def test_script_runs_on_milvus_lite(
    operation: str, lane: str, data: str, fields: str, tmp_path: Path
) -> None:
    run = run_of(data=data, dim=8, batch_size=2, fields=fields)
    (tmp_path / "repeat.py").write_text(standalone_script(run, trial_of(operation, lane)))
    done = subprocess.run(
        [sys.executable, "repeat.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert PRINTED.fullmatch(done.stdout)
    assert (tmp_path / "bench_demo.db").exists()


def test_scripts_do_the_work_of_their_trials(tmp_path: Path) -> None:
    with LiteProcess(tmp_path / "milvus") as milvus:
        assert_scripts_do_the_work_of_their_trials(milvus.target.uri, LANES, tmp_path)


@pytest.mark.parametrize("fields", ["all", "text"])
def test_script_moves_vectors_as_the_run_did(fields: str) -> None:
    run = run_of(fields=fields)
    add, search = (standalone_script(run, trial_of(operation, "async")) for operation in ("add", "search"))
    assert ("class LeanNode" in add) is (fields == "text")
    assert f'"MILVUS_TOKEN", ""), {["text"] if fields == "text" else None}' in search


@pytest.mark.parametrize("blocking", ["blocking", "to-thread"])
def test_script_of_a_blocking_trial_blocks_or_cures_likewise(blocking: str) -> None:
    script = standalone_script(run_of(), trial_of("search", "async", case=Case(blocking=blocking)))
    compile(script, "script.py", "exec")
    assert ("asyncio.to_thread(store.query" in script) is (blocking == "to-thread")
    assert "aquery" not in script


def test_settings_are_literals_and_the_token_is_never_in_it() -> None:
    run = run_of(target="http://milvus:19530", metric="L2", index="HNSW", seed=3, top_k=4, dim=16)
    trial = trial_of("search", "async-bounded", case=Case(consistency="Bounded", concurrency=9))
    script = standalone_script(run, trial)
    literals = [node.value for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Constant)]
    assert {"http://milvus:19530", "L2", "HNSW", "Bounded", 3, 4, 16, 9, "MILVUS_TOKEN"} <= set(literals)


def test_text_of_a_record_never_becomes_code() -> None:
    evil = '"""\nimport os; os.system("x")\n"""'
    run = replace(run_of(), environment={"packages": {"pymilvus": evil}, "cpu": evil}, name=evil, note=evil)
    script = standalone_script(run, trial_of("add", "sync"))
    assert "os.system" not in script
    packages = {"pymilvus": "2.6.17", "llama-index-vector-stores-milvus": "1.2.0"}
    pinned = standalone_script(replace(run, environment={"packages": packages}), trial_of("add", "sync"))
    assert "pymilvus==2.6.17" in pinned


@pytest.mark.parametrize(
    "changes",
    [
        {"lane": "sync\nimport os"},
        {"operation": "drop"},
        {"count": 0},
        {"count": "5"},
        {"case": Case(concurrency=0)},
    ],
)
def test_trial_that_no_engine_makes_is_refused(changes: dict[str, Any]) -> None:
    trial = replace(trial_of("search", "async"), **changes)
    with pytest.raises(RecordError):
        standalone_script(run_of(), trial)


def test_run_on_a_knowledge_base_is_refused_with_the_reason() -> None:
    with pytest.raises(RecordError, match="knowledge base"):
        standalone_script(run_of(data="papers"), trial_of("search", "async"))


def test_script_of_an_imported_record_asks_where_to_send_the_token() -> None:
    theirs = run_of(target="http://theirs:19530")
    assert "input(" not in standalone_script(theirs, trial_of("search", "sync"))
    script = standalone_script(replace(theirs, imported=True), trial_of("search", "sync"))
    compile(script, "script.py", "exec")
    assert (
        "input('Your Milvus (MILVUS_TOKEN is sent there); in the imported record http://theirs:19530: ')"
        in script
    )
    on_lite = standalone_script(replace(run_of(), imported=True), trial_of("search", "sync"))
    assert "input(" not in on_lite


def test_script_runs_where_the_settings_of_overlap_name_a_path(tmp_path: Path) -> None:
    python = make_checkout(tmp_path, "MILVUS_URI=./data/overlap.db\nOPENAI_API_KEY=sk-secret\n")
    script = standalone_script(run_of(dim=8), trial_of("search", "async"))
    (tmp_path / "repeat.py").write_text(f"{script}\nassert 'OPENAI_API_KEY' not in os.environ\n")
    for environ in ({}, {"MILVUS_URI": "./data/overlap.db"}):
        done = subprocess.run(
            [python, "repeat.py"],
            cwd=tmp_path,
            env=bare_environ() | environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert PRINTED.fullmatch(done.stdout)


def test_ingest_is_repeated_by_a_command_that_is_said() -> None:
    run = ingest_run()
    with pytest.raises(RecordError, match=r"--op ingest --repeats 3 .*--document report\.pdf does\."):
        standalone_script(run, run.trials[0])
    changes = {"preset": "custom", "data": "it's mine.pdf", "rtt_ms": 60, "warmup": 1, "time_limit_s": 9.5}
    plan = replace(run.plan, target="http://localhost:19530", **changes)  # type: ignore[arg-type]
    words = shlex.split(command_of(plan))[4:]
    assert words[words.index("--document") + 1] == "it's mine.pdf"
    flags = bench_flags(*[word for word in words if word not in {"--document", "it's mine.pdf"}])
    assert replace(plan_of(flags, plan.target), data=plan.data) == replace(plan, counts=(1,))

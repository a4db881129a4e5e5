"""core.bench.load.measure_ingest: one document both ways, on a real Milvus Lite with the real model."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.bench.load.measure_ingest import IngestOrder
from core.bench.load.runner import run_plan
from core.bench.plan.presets import preset_plan
from core.bench.records.archive import load_run
from core.bench.records.run import Run
from core.config.settings import Target
from core.documents.sources.incoming import NamedBytes
from core.embedding.model import Embedder
from tests.bench_events import ClosedPipe, Events
from tests.bench_runs import RUN_ID

pytestmark = pytest.mark.slow

TEXT = " ".join(
    f"Sentence number {i} tells about thing {i * 31} and nothing else." for i in range(220)
).encode()
PLAN = preset_plan("ingest", repeats=2, data="long.txt")
STEPS = {"read", "chunk", "embed", "insert", "flush"}


def ingest(
    folder: Path, embedder: Embedder, emit: Any = None, *, content: bytes = TEXT, **changes: Any
) -> Run:
    plan = replace(PLAN, **changes)
    return run_plan(
        plan,
        Target(uri=str(folder / "bench" / "x.db")),
        run_id=RUN_ID,
        path=folder / f"{RUN_ID}.json",
        emit=emit or Events(),
        order=IngestOrder(
            document=NamedBytes(name=f"/home/me/{plan.data}", data=content), load=lambda: embedder
        ),
    )


@pytest.fixture(scope="module")
def measured(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> tuple[Run, Path, list[dict[str, Any]]]:
    """One whole run, shared by the tests that only look at it."""
    folder, events = tmp_path_factory.mktemp("run"), Events()
    return ingest(folder, embedder, events), folder, events.seen


def test_every_trial_ends_with_the_chunks_of_the_document(measured: tuple[Run, Path, Any]) -> None:
    run = measured[0]
    (count,) = run.plan.counts
    assert (run.status, count > 8, len(run.trials)) == ("complete", True, 4)
    assert [(trial.num_ok, trial.count, trial.cut) for trial in run.trials] == [(count, count, False)] * 4
    assert [check.name for check in run.checks] == ["identical_chunks"] * 4
    assert all(check.passed and check.details["equal"] == count for check in run.checks)
    assert [row.verdict for row in run.summary] == ["unknown"], "two repeats give no interval"
    assert run.summary[0].speedup is not None


def test_steps_of_a_trial_are_those_of_all_its_chunks(measured: tuple[Run, Path, Any]) -> None:
    run = measured[0]
    for trial in run.trials:
        assert {span.step for span in trial.spans} == STEPS
        for step in ("embed", "insert"):
            assert sum(span.num_chunks for span in trial.spans if span.step == step) == trial.count
        assert trial.first_searchable_s is not None
        assert 0 < trial.first_searchable_s <= trial.elapsed_s
        assert all(0 <= span.start_s <= span.end_s <= trial.elapsed_s + 1e-5 for span in trial.spans)
        assert len(trial.samples) == sum(span.step == "insert" for span in trial.spans)
        assert trial.bounded_by in {"embedding", "inserting", "reading", "chunking", "flushing"}


def test_sync_does_one_step_after_the_other(measured: tuple[Run, Path, Any]) -> None:
    for trial in (trial for trial in measured[0].trials if trial.lane == "sync"):
        spans = sorted(trial.spans, key=lambda span: span.start_s)
        assert all(before.end_s <= after.start_s for before, after in pairwise(spans))


def test_record_names_document_and_model_and_no_path(measured: tuple[Run, Path, Any]) -> None:
    run, folder, _ = measured
    assert run.environment["document"] == {
        "name": "long.txt",
        "size_bytes": len(TEXT),
        "sha256": hashlib.sha256(TEXT).hexdigest(),
    }
    assert run.environment["parallel_batches"] >= 1
    assert run.environment["embedding_model"]
    assert "/home/me" not in json.dumps(run.to_dict())
    assert load_run(folder / f"{RUN_ID}.json") == run


def test_progress_counts_chunks_and_nothing_is_left_behind(measured: tuple[Run, Path, Any]) -> None:
    run, folder, events = measured
    assert {event["done"] for event in events if event["event"] == "trial"} == {run.plan.counts[0]}
    assert all(event["done"] <= event["count"] for event in events)
    assert list((folder / "bench").iterdir()) == []


def test_simulated_distance_is_in_the_inserts(tmp_path: Path, embedder: Embedder) -> None:
    run = ingest(tmp_path, embedder, repeats=1, rtt_ms=60, content=TEXT[:2000])
    assert run.status == "complete", run.note
    assert all(check.passed for check in run.checks) and len(run.checks) == 2
    for trial in run.trials:
        assert trial.case.rtt_ms == 60
        assert all(end_s - start_s >= 0.06 for start_s, end_s, _ in trial.samples)


def test_document_that_cannot_be_read_fails_the_run_with_its_sentence(
    tmp_path: Path, embedder: Embedder
) -> None:
    run = ingest(tmp_path, embedder, content=b"no pdf", data="a.pdf")
    assert run.status == "failed"
    assert "a.pdf" in run.note
    assert run.trials == ()


def test_trial_that_takes_too_long_is_cut_and_proven_as_far_as_it_came(
    tmp_path: Path, embedder: Embedder
) -> None:
    run = ingest(tmp_path, embedder, repeats=1, time_limit_s=0.001)
    assert run.status == "complete"
    assert all(trial.cut and trial.num_ok < trial.count for trial in run.trials)
    assert all(check.passed for check in run.checks) and len(run.checks) == 2
    assert run.summary[0].speedup is None


def test_run_whose_reader_is_gone_stops_and_keeps_what_it_measured(
    tmp_path: Path, embedder: Embedder
) -> None:
    run = ingest(tmp_path, embedder, ClosedPipe(), content=TEXT[:1000])
    assert (run.status, len(run.trials)) == ("stopped", 1)
    assert run.note == "The program that read its progress, such as the app, was gone."
    assert list((tmp_path / "bench").iterdir()) == []


def test_ingest_without_a_document_fails_with_a_sentence(tmp_path: Path) -> None:
    run = run_plan(
        PLAN,
        Target(uri=str(tmp_path / "bench" / "x.db")),
        run_id=RUN_ID,
        path=tmp_path / "x.json",
        emit=Events(),
    )
    assert (run.status, run.note) == ("failed", "No document was given to ingest; name one.")

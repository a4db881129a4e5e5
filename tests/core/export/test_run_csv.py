"""core.export.run_csv: a row for each trial, for any spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from core.bench.plan.conditions import Case
from core.export.run_csv import to_csv
from tests.bench_runs import ingest_run, make_run, make_trial, proof_of

pytestmark = pytest.mark.portable


def test_csv_has_a_row_per_trial_and_no_formulas() -> None:
    trial = make_trial("sync", 4.0, num_ok=9, num_failed=1, errors={"=HYPERLINK(1)": 1})
    rows = list(csv.DictReader(io.StringIO(to_csv(make_run(trial, make_trial("async", 1.0))))))
    assert [row["lane"] for row in rows] == ["sync", "async"]
    assert rows[0]["errors"] == "'=HYPERLINK(1) x1"
    assert float(rows[1]["ops_per_s"]) == pytest.approx(10.0)
    assert rows[0]["projected_s"] == ""


def test_csv_has_no_speed_of_a_lane_that_failed_its_check() -> None:
    trials = make_trial("sync", 4.0), make_trial("async", 1.0)
    checks = tuple(proof_of(trial, passed=trial.lane == "sync") for trial in trials)
    rows = list(csv.DictReader(io.StringIO(to_csv(make_run(*trials, checks=checks)))))
    assert [row["ops_per_s"] for row in rows] == ["2.5", ""]
    assert rows[1]["elapsed_s"] == "1.0"


@pytest.mark.parametrize(
    ("count", "told"), [(10, ("p50",)), (20, ("p50", "p95")), (100, ("p50", "p95", "p99"))]
)
def test_csv_leaves_out_percentiles_that_are_only_the_largest_request(
    count: int, told: tuple[str, ...]
) -> None:
    trial = make_trial("async", 1.0, count=count)
    (row,) = csv.DictReader(io.StringIO(to_csv(make_run(trial))))
    assert tuple(name for name in ("p50", "p95", "p99") if row[f"{name}_s"]) == told
    assert float(row["p50_s"]) == pytest.approx(trial.latency_s["p50"])


def test_csv_with_decimal_commas_is_the_same_table() -> None:
    run = make_run(make_trial("async", 0.25, errors={"a; b, c": 1}))
    plain, comma = to_csv(run), to_csv(run, decimal_comma=True)
    (row,) = csv.DictReader(io.StringIO(comma), delimiter=";")
    assert (row["elapsed_s"], row["count"], row["errors"]) == ("0,25", "10", "a; b, c x1")
    (expected,) = csv.DictReader(io.StringIO(plain))
    assert row.keys() == expected.keys()
    assert {name: value.replace(",", ".") for name, value in row.items() if name != "errors"} == {
        name: value for name, value in expected.items() if name != "errors"
    }


def test_csv_tells_cases_and_warm_ups_apart() -> None:
    trial = make_trial("sync", 4.0, case=Case(rtt_ms=60, blocking="blocking"), is_warmup=True)
    row = next(csv.DictReader(io.StringIO(to_csv(make_run(trial)))))
    assert (row["rtt_ms"], row["blocking"], row["is_warmup"]) == ("60", "blocking", "True")


def test_csv_of_an_ingest_says_when_its_first_chunks_were_found() -> None:
    assert "15.0" in to_csv(ingest_run())

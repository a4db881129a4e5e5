"""core.bench.records.run: a run there and back, and a wrong part is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from core.bench.records.archive import (
    to_json,
)
from core.bench.records.run import Run, is_id, new_id
from core.errors import RecordError
from tests.bench_runs import make_run, make_trial

pytestmark = pytest.mark.portable


def test_round_trip_keeps_everything() -> None:
    run = make_run(
        make_trial("sync", 4.0),
        make_trial("async", 1.0, cut=True, num_ok=5, num_cancelled=5, projected_s=2.0),
        make_trial("sync", 4.2, repeat=1),
        make_trial("async", 1.1, repeat=1, num_ok=9, num_failed=1, errors={"TimeoutError": 1}),
        note="a note",
    )
    assert Run.from_dict(json.loads(to_json(run))) == run


def test_record_has_the_names_that_others_rely_on() -> None:
    values = make_run().to_dict()
    assert {"schema", "id", "created_at", "status", "note", "plan", "environment"} <= values.keys()
    assert {"trials", "checks", "summary"} <= values.keys()
    assert values["schema"] == 1
    assert values["checks"][0] == {"name": "identical_ids", "passed": True} | {
        "count": 10,
        "repeat": 0,
        "compared": 10,
        "equal": 10,
        "tied": 0,
    }
    assert values["summary"][0]["speedup"] == pytest.approx(4.0)
    assert values["summary"][0]["ci95"] is None
    names = "operation lane count repeat elapsed_s num_ok num_failed errors latency_s max_in_flight"
    names += " client_cpu_ratio loop_lag_p99_s samples"
    assert set(names.split()) <= values["trials"][0].keys()


def test_id_sorts_by_time_and_is_checked() -> None:
    made = new_id(datetime(2026, 11, 22, 15, 40, 12, tzinfo=UTC))
    assert made.startswith("20261122T154012Z-")
    assert is_id(made)
    for bad in ("../../etc/passwd", f"{made}/..", f"{made}.json", "", f"{made}\n"):
        assert not is_id(bad)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "Update Overlap"),
        ({"id": "../evil"}, "id or status"),
        ({"status": "great"}, "id or status"),
        ({"plan": {"dim": 0}}, "dim"),
        ({"plan": []}, "plan"),
        ({"trials": {}}, "trials"),
        ({"trials": [1]}, r"trials\[0\]"),
        ({"trials": [{"operation": "add"}]}, r"trials\[0\] has no 'lane'"),
        (
            {
                "summary": [
                    {"operation": "add", "count": 1, "lane": "a", "baseline": "b", "speedup": 1, "ci95": [1]}
                ]
            },
            "ci95",
        ),
        ({"checks": [{"name": "x", "passed": 1}]}, "passed"),
    ],
)
def test_wrong_part_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        Run.from_dict(make_run().to_dict() | change)

"""core.bench.analysis.run_differences: what makes comparing runs unfair is said, with names and values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.bench.analysis.run_differences import (
    common_cases,
    common_operations,
    differences,
    run_title,
    titles,
)
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from tests.bench_runs import distance_run, first_look_run, ingest_trial, make_run, make_trial, proof_of

pytestmark = pytest.mark.portable

ENVIRONMENT: dict[str, Any] = {
    "python": "3.11.7",
    "cpu": "Xeon",
    "cores": 2,
    "os": "Linux",
    "server_version": "2.6.4",
    "commit": "abc",
    "packages": {"pymilvus": "2.6.17"},
}


def run_of(name: str, *, environment: dict[str, Any] | None = None, **settings: Any) -> Run:
    run = make_run(name=name, environment=ENVIRONMENT | (environment or {}))
    return replace(run, plan=replace(run.plan, **settings))


def test_alike_runs_have_no_differences() -> None:
    assert differences([run_of("A"), run_of("B")]) == []
    assert differences([run_of("A")]) == differences([replace(run_of("A"), imported=True)]) == []
    assert differences([]) == []


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (
            run_of("B", environment={"cpu": "EPYC", "cores": 8}),
            "The machines differ: Xeon with 2 cores, Linux (A) and EPYC with 8 cores, Linux (B).",
        ),
        (
            run_of("B", target="http://m:19530"),
            "The targets differ: lite (A) and http://m:19530 (B).",
        ),
        (
            run_of("B", environment={"server_version": None}),
            "The versions of Milvus differ: 2.6.4 (A) and unknown (B).",
        ),
        (
            run_of("B", environment={"overlap": "0.2.0"}),
            "The versions of Overlap differ: abc (A) and 0.2.0 at abc (B).",
        ),
        (
            run_of("B", environment={"overlap": "0.2.0", "commit": None}),
            "The versions of Overlap differ: abc (A) and 0.2.0 (B).",
        ),
        (
            run_of("B", environment={"packages": {"pymilvus": "2.5.0"}}),
            "Versions of packages differ: pymilvus 2.6.17 (A) and 2.5.0 (B).",
        ),
        (
            run_of("B", dim=8, rate_per_s=50.0),
            "Settings differ: dim 768 (A) and 8 (B); rate_per_s as fast as the lane can (A) and 50 (B).",
        ),
        (
            run_of("B", fields="text", repeats=5),
            "Settings differ: fields all (A) and text (B); repeats 1 (A) and 5 (B).",
        ),
        (
            replace(run_of("B"), imported=True),
            "B was imported, so it may have been measured on another machine.",
        ),
        (
            replace(run_of("B"), status="stopped"),
            "B was stopped, so it may lack trials.",
        ),
        (
            replace(run_of("B"), status="stopped", note="Ctrl-C was pressed."),
            "B was stopped, so it may lack trials: Ctrl-C was pressed.",
        ),
    ],
)
def test_difference_names_the_runs_and_the_values(other: Run, sentence: str) -> None:
    assert differences([run_of("A"), other]) == [sentence]


def test_runs_of_one_value_are_named_together() -> None:
    found = differences([run_of("A"), run_of("B", top_k=5), run_of("C")])
    assert found == ["Settings differ: top_k 3 (A, C) and 5 (B)."]


def test_odd_environment_of_an_imported_run_is_unknown_or_text() -> None:
    odd = run_of("B", environment={"packages": ["x"], "cpu": {"a": 1}, "cores": None})
    text = " ".join(differences([run_of("A"), odd]))
    assert "{'a': 1} with unknown cores" in text
    assert "pymilvus 2.6.17 (A) and unknown (B)" in text


def test_only_what_all_have_is_common() -> None:
    both = make_run(
        make_trial("sync", 1.0), make_trial("sync", 1.0, operation="add"), make_trial("sync", 9.0, count=100)
    )
    search = make_run(make_trial("sync", 1.0))
    add = make_run(make_trial("sync", 1.0, operation="add"))
    assert common_operations([both, search]) == ["search"]
    assert common_operations([search, add]) == common_operations([]) == []
    assert "nothing to lay side by side" in differences([search, add])[-1]


def test_cases_that_all_runs_have_are_common() -> None:
    def distances(*runs: Run) -> list[int]:
        return [case.rtt_ms for case, *_ in common_cases(runs, "search")]

    assert distances(first_look_run(), first_look_run()) == [0, 60]
    assert distances(first_look_run(), first_look_run(far_ms=20)) == [0]
    assert distances(distance_run()) == [0, 5, 10, 20, 60, 100, 200]
    assert common_cases([], "search") == []


def test_case_of_a_sweep_is_common_with_a_run_of_another_consistency() -> None:
    sweep, plain = distance_run(), make_run()
    ((here, alone),) = common_cases([sweep, plain], "search")
    assert (here.rtt_ms, here.consistency, alone) == (0, "Bounded", Case())
    at_30_ms = make_run(*(replace(trial, case=Case(rtt_ms=30)) for trial in plain.trials))
    assert common_cases([sweep, at_30_ms], "search") == []


def test_title_is_the_name_or_what_and_when() -> None:
    assert run_title(make_run(name="On stage")) == "On stage"
    assert run_title(make_run()) == "custom, 2026-11-22 15:40:12 UTC"
    assert titles([make_run(name="A"), make_run(name="A"), make_run(name="B")]) == ["A (1)", "A (2)", "B"]


def test_failed_checks_and_failed_operations_make_a_comparison_unfair() -> None:
    failing = make_run(
        make_trial("sync", 4.0),
        make_trial("async", 0.1, num_ok=9, num_failed=1),
        name="B",
        environment=ENVIRONMENT,
    )
    assert differences([run_of("A"), failing]) == ["B has 1 failed operation; its speeds are of the others."]
    wrong = replace(run_of("B"), checks=(proof_of(make_trial("async", 1.0), passed=False),))
    assert differences([run_of("A"), wrong]) == [
        "B has a check that failed: not all of its lanes did the same work."
    ]


def test_cases_in_common_are_nearest_first_in_whatever_order_they_were_measured() -> None:
    run = first_look_run()
    shuffled = replace(run, trials=run.trials[::-1])
    assert [case.rtt_ms for case, _ in common_cases([shuffled, run], "search")] == [0, 60]


def test_cut_trial_is_called_projected_only_where_it_is() -> None:
    cut = make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0)
    untold = ingest_trial("sync", 20.0, num_ok=32, cut=True, projected_s=25.0)
    whole = make_run(cut, name="A", environment=ENVIRONMENT)
    assert differences([whole]) == ["A is cut in part: some figures are projected."]
    settings = {"consistency": "Session", "data": "a.pdf"}
    document = make_run(untold, name="A", settings=settings, environment=ENVIRONMENT)
    assert differences([document]) == ["A is cut in part: some figures are not known."]

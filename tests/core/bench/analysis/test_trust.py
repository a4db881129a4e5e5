"""core.bench.analysis.trust: what failed a check has no speed; a doubt is about certain lanes."""

from __future__ import annotations

import pytest

from core.bench.analysis.findings import headline
from core.bench.analysis.trust import doubts, is_disproven, trusted
from core.bench.plan.conditions import Case
from tests.bench_runs import first_look_run, make_run, make_trial, proof_of

pytestmark = pytest.mark.portable

SYNC, THREADS, ASYNC = (
    make_trial(lane, time_s) for lane, time_s in (("sync", 4), ("threads", 2), ("async", 1))
)
MISSING = "no check proves yet that both lanes did the same work"
FAILED = "the lanes did not do the same work"


def test_lane_that_failed_a_check_has_no_repeats_to_make_a_speed_of() -> None:
    run = make_run(SYNC, ASYNC, checks=(proof_of(ASYNC, passed=False),))
    assert trusted(run, "search", "sync", 10) == (SYNC,)
    assert trusted(run, "search", "async", 10) == ()
    assert is_disproven(run, [ASYNC]) and not is_disproven(run, [SYNC])


def test_failed_check_of_one_lane_is_no_doubt_about_others() -> None:
    proofs = (proof_of(THREADS, passed=False), proof_of(ASYNC, baseline="sync"))
    run = make_run(SYNC, THREADS, ASYNC, checks=proofs)
    assert "4.0 times as fast as sync" in headline(run)
    assert FAILED not in headline(run) and MISSING not in headline(run)


def test_failed_check_of_one_case_is_no_doubt_about_others() -> None:
    run = first_look_run()
    near = next(trial for trial in run.trials if trial.case.rtt_ms == 0 and trial.operation == "search")
    proofs = [proof_of(trial, baseline="sync", passed=trial.case != near.case) for trial in run.trials]
    rows = {row.case.rtt_ms: row for row in run.summary if row.operation == "search"}
    checked = make_run(*run.trials, settings=run.plan.to_dict(), checks=tuple(proofs))
    assert (doubts(checked, [rows[60]]), FAILED in doubts(checked, [rows[0]])) == ("", True)


def test_each_lane_needs_a_check_of_its_own() -> None:
    adds = [make_trial(lane, time_s, operation="add") for lane, time_s in (("sync", 4.0), ("async", 0.5))]
    assert MISSING in headline(make_run(*adds, checks=(proof_of(adds[0]),)))
    assert MISSING not in headline(make_run(*adds, checks=tuple(proof_of(trial) for trial in adds)))


def test_lane_with_which_the_others_were_compared_needs_none() -> None:
    assert MISSING not in headline(make_run(SYNC, ASYNC, checks=(proof_of(ASYNC, baseline="sync"),)))
    assert MISSING in headline(make_run(SYNC, ASYNC, checks=(proof_of(THREADS, baseline="batch"),)))


def test_check_at_another_count_proves_nothing() -> None:
    proofs = tuple(proof_of(make_trial(lane, 1.0, count=100), baseline="sync") for lane in ("sync", "async"))
    assert MISSING in headline(make_run(SYNC, ASYNC, checks=proofs))


def test_run_without_a_failed_check_disproves_nothing() -> None:
    case = Case(rtt_ms=60)
    assert not is_disproven(make_run(), [make_trial("sync", 1.0, case=case)])
    assert not is_disproven(make_run(is_proven=False), [])

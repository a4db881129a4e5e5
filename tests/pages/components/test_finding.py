"""The top of a run: what was found, and the proof of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.bench.records.codec import write_run
from core.bench.records.trial import Proof
from pages.components.finding import _capitalized, _counted, _fingerprint
from tests.bench_runs import make_run, make_trial
from tests.pages.benchmarking import DONE, open_benchmark, says, start_bench
from tests.pages.conftest import html

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_finished_run_shows_finding_proof_and_reason(tmp_path: Path) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    page = open_benchmark()
    assert "4.0x" in html(page)
    assert says(page, "10 of 10 queries gave the same ids")
    assert "pure Python" in page.info[0].value
    assert len(page.get("plotly_chart")) >= 2
    assert page.button(key="start").label == "Start"


def check(name: str, **details: Any) -> Proof:
    return Proof(name=name, passed=True, details=details)


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([
            check("identical_ids", equal=9, tied=1, compared=10),
            check("identical_ids", equal=990, compared=990),
         ],
         "999 of 1,000 queries gave the same ids, 1 differ between equally near rows only."),
        ([check("identical_ids", equal=10, compared=10)], "10 of 10 queries gave the same ids."),
        ([check("recall_at_k", recall=0.98), check("recall_at_k", recall=0.9512)], "The lowest is 0.951."),
        ([check("recall_at_k")], ""),
        ([check("identical_chunks", equal=85, expected=85)], "85 of 85 chunks found, by their ids."),
        ([check("row_count_after_add", found=1000, expected=1000)], "1,000 rows found, 1,000 acknowledged."),
        ([check("row_count_after_add", found=129, expected=120)],
         "129 rows found, 120 acknowledged: an add that was cut or failed may have reached the server all "
         "the same."),
        ([replace(check("row_count_after_add", found=129, expected=120), passed=False)],
         "129 rows found, 120 acknowledged."),
    ],
)  # fmt: skip
def test_proof_of_several_checks_is_their_sum(checks: list[Proof], said: str) -> None:
    assert _counted(checks[0].name, checks) == said


def test_details_begin_with_a_capital_letter_but_for_the_name_of_a_file() -> None:
    assert _capitalized("search, 10 operations") == "Search, 10 operations"
    assert _capitalized("report.pdf, 85 chunks") == "report.pdf, 85 chunks"
    assert _capitalized("") == ""


def test_run_that_somebody_has_changed_has_charts_of_its_own() -> None:
    run = make_run()
    assert _fingerprint(run) == _fingerprint(make_run())
    faster = replace(run, trials=(make_trial("sync", 3.0), *run.trials[1:]))
    assert _fingerprint(faster) != _fingerprint(run)

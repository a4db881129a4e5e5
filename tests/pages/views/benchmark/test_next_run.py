"""What is worth a look after a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.plan.presets import preset_plan
from core.bench.records.codec import write_run
from core.bench.supervisor import runs
from core.config.settings import Settings
from pages.views.benchmark.next_run import _next_plans
from tests.bench_runs import first_look_run
from tests.pages.benchmarking import DONE, open_benchmark, start_bench

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_three_runs_go_on_from_a_result_and_a_click_starts_one(tmp_path: Path) -> None:
    write_run(first_look_run(), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    page = open_benchmark()
    keys = [str(button.key) for button in page.button]
    assert [key for key in keys if key.startswith("next-")] == ["next-distance", "next-factor", "next-ladder"]
    page.button(key="next-ladder").click().run()
    assert not page.exception
    assert runs.current is not None
    assert runs.current.is_running
    assert runs.current.plan.preset == "ladder"
    assert page.query_params["preset"] == "ladder"


def test_runs_that_can_not_be_measured_at_a_target_are_not_offered(settings: Settings) -> None:
    assert list(_next_plans(preset_plan("distance"), settings)) == ["factor", "ladder", "concurrency"]
    far = preset_plan("ladder", target="https://milvus.example.com:19530")
    assert list(_next_plans(far, settings)) == ["concurrency"], "no distance where TLS is"
    assert {plan.target for plan in _next_plans(far, settings).values()} == {far.target}

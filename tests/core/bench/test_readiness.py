"""What can spoil a run is said before it, with what to do."""

from __future__ import annotations

from dataclasses import replace

import psutil

from core.bench.plan.plan import Plan
from core.bench.readiness import readiness
from core.bench.records.environment import describe
from core.config.settings import Secret, Settings, Target

AWAY = Target(uri="http://127.0.0.1:1", token=Secret(value="root:hunter2"))


def test_lite_needs_nobody_to_answer_and_every_other_part_is_looked_at(settings: Settings) -> None:
    checks = {check.name: check for check in readiness(Plan(), settings)}
    assert list(checks) == ["Target", "Processor", "Disk", "Versions"]
    assert checks["Target"].ok is True
    assert f"{psutil.cpu_count()} cores" in checks["Processor"].detail
    # Busy or not, it says what to do exactly where there is something to do.
    assert checks["Processor"].ok is not bool(checks["Processor"].what_to_do)
    assert describe()["packages"]["pymilvus"] in checks["Versions"].detail
    # The folder for records need not be there yet.
    assert "GB free" in checks["Disk"].detail and not settings.data_dir.exists()


def test_target_that_does_not_answer_says_what_to_do(settings: Settings) -> None:
    checks = readiness(Plan(target=AWAY.label), replace(settings, target=AWAY))
    first = next(checks)
    assert (first.name, first.ok, first.detail) == ("Target", False, AWAY.label)
    assert "does not answer" in first.what_to_do and "hunter2" not in first.what_to_do

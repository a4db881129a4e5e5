"""What a setting may be is told as it is held."""

from __future__ import annotations

from dataclasses import fields

import pytest

from core.bench.plan.declared import choices_of, limits_of
from core.bench.plan.plan import METRIC_TYPES, Plan
from core.errors import PlanError

pytestmark = pytest.mark.portable


def test_limits_that_are_told_are_those_that_are_held() -> None:
    told = {setting.name: limits_of(setting) for setting in fields(Plan)}
    assert (told["repeats"], told["counts"], told["metric"]) == ("1 to 100", "1 to 1,000,000", "")
    assert (told["time_limit_s"], told["stall_s"]) == ("above 0 to 3,600", "0 to 60")
    for name, limits in told.items():
        if name not in {"time_limit_s", "stall_s", "rate_per_s", "counts"} and limits:
            low, high = (int(number.replace(",", "")) for number in limits.split(" to "))
            for wrong in (low - 1, high + 1):
                with pytest.raises(PlanError, match=name):
                    Plan.from_dict({name: wrong})
    assert choices_of(next(setting for setting in fields(Plan) if setting.name == "metric")) == METRIC_TYPES

"""The plain fields of an entry are those that its class declares."""

from __future__ import annotations

import pytest

from core.bench.records.plain_fields import number_fields
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.errors import RecordError
from tests.bench_runs import make_run

pytestmark = pytest.mark.portable


def test_numbers_of_a_trial_are_found_by_what_it_declares() -> None:
    found = set(number_fields(Trial))
    assert {"count", "elapsed_s", "projected_s", "processes"} <= found
    assert not found & {"lane", "case", "is_warmup", "cut", "errors", "samples"}


def test_true_is_no_count() -> None:
    values = make_run().to_dict()
    values["trials"][0]["num_ok"] = True
    with pytest.raises(RecordError, match="num_ok"):
        Run.from_dict(values)

"""What a recorded run is kept for is looked up in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.recorded import RECORDINGS, Recording, recorded_run
from core.bench.recorded.claims import broken_claims
from core.bench.records.run import new_id

pytestmark = pytest.mark.portable


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_recorded_run_bears_out_what_it_is_kept_for(recording: Recording) -> None:
    run = recorded_run(recording.name)
    assert run is not None
    assert broken_claims(recording.name, run) == []


def test_broken_claims_name_what_a_record_lacks() -> None:
    good = recorded_run(RECORDINGS[0].name)
    assert good is not None
    trials = tuple(replace(trial, cut=True, num_failed=1) for trial in good.trials)
    bad = replace(good, id=new_id(), trials=trials, summary=())
    broken = broken_claims("tutorial", bad)
    assert {"no trial was cut", "no operation failed"} <= set(broken)
    assert "100 searches at once are 5 times as fast" in broken
    stopped = replace(good, trials=(), status="failed", note="Milvus is gone.")
    assert broken_claims("ladder", stopped) == ["it is complete: it is failed. Milvus is gone."]

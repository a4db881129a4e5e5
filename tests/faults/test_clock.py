"""The wall clock jumps: times that are shown come from another clock, and nothing ends early or never."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from core.runtime.paths import REPOSITORY


def test_times_are_right_while_the_wall_clock_jumps(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.jumping_clock", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["stage"], seen["status"], seen["note"]) == ("done", "complete", "")
    assert "37 metres" in seen["answer"]
    assert len(seen["times_s"]) > 15
    assert all(0 <= time_s <= seen["all_s"] for time_s in seen["times_s"])

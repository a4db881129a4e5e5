"""The table of trials on a terminal, and how far a run is, there and for a program."""

from __future__ import annotations

import io
import json

import pytest

from core.cli.bench_terminal import BAR_WIDTH, bar_printer, event_printer, table
from tests.bench_events import progress_event
from tests.bench_runs import distance_run, make_run, make_trial

pytestmark = pytest.mark.portable


def test_table_says_that_p99_of_few_requests_is_their_maximum() -> None:
    few = table(make_run(make_trial("sync", 2.0), make_trial("async", 1.0)))
    assert "1,000.0 ms (max)" in few
    many = table(make_run(make_trial("sync", 2.0, count=100), make_trial("async", 1.0, count=100)))
    assert "(max)" not in many


def test_table_marks_cut_trials_and_unknown_figures() -> None:
    cut = make_trial("sync", 2.0, num_ok=0, cut=True, samples=())
    text = table(make_run(cut, make_trial("async", 1.0)))
    assert "cut after 0 of 10" in text
    assert " - " in text
    assert "500.0 ms" in text


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_line_on_a_terminal_is_drawn_anew_and_ends_with_the_trial() -> None:
    terminal = _Terminal()
    emit = bar_printer(terminal)
    emit(progress_event(done=5, ops_per_s=None))
    emit(progress_event(event="trial", done=10))
    first, second = terminal.getvalue().split("\r\x1b[2K")[1:]
    half = BAR_WIDTH // 2
    assert first == f"[{'#' * half}{'.' * half}] 1/4 add sync 5/10 in 2.0 s"
    assert second == f"[{'#' * BAR_WIDTH}] 1/4 add sync 10/10 in 2.0 s, 2/s\n"


@pytest.mark.parametrize(
    ("columns", "line"),
    [(80, f"[{'#' * BAR_WIDTH}] 1/4 add sync 10/10 in 2.0 s, 2/s"), (40, "1/4 add sync 10/10 in 2.0 s, 2/s"),
     (12, "1/4 add syn")],
)  # fmt: skip
def test_line_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, line: str) -> None:
    """What goes on in a second line would stay when the first one is drawn anew."""
    monkeypatch.setenv("COLUMNS", str(columns))
    terminal = _Terminal()
    bar_printer(terminal)(progress_event(event="trial", done=10))
    assert terminal.getvalue() == f"\r\x1b[2K{line}\n"


def test_file_gets_one_plain_line_for_each_trial() -> None:
    out = io.StringIO()
    emit = bar_printer(out)
    for event in (progress_event(), progress_event(event="trial", done=10), {"event": "finished"}):
        emit(event)
    assert out.getvalue() == "1/4 add sync 10/10 in 2.0 s, 2/s\n"


def test_program_gets_every_event_as_a_line_of_json() -> None:
    out = io.StringIO()
    emit = event_printer(out)
    events = [progress_event(), {"event": "finished", "path": "é\n"}]
    for event in events:
        emit(event)
    assert [json.loads(line) for line in out.getvalue().splitlines()] == events


def test_row_of_a_sweep_says_its_conditions() -> None:
    assert "Bounded, 60 ms, 64 at once" in table(distance_run())
    assert "at once" not in table(make_run()).split("\n\n")[0]

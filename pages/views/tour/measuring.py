"""Run it here: what a scene measures on this machine, started, watched, and kept for the talk."""

from __future__ import annotations

from dataclasses import replace

from core.bench.records.archive import load_run
from core.bench.records.run import Run, new_id
from core.bench.supervisor import STOP_CLICKED, BenchProcess, runs, start_run
from core.config.settings import Settings
from core.errors import BenchError, OverlapError
from core.hosting.bench_queue import check_plan
from core.tour.scenes import LITE, Scene
from pages.components.bench_document import chosen_document, is_adding, keep_document, own_document
from pages.components.local_server import local_target
from pages.components.run_queue import start_in_turn
from pages.state.app_state import host_of
from pages.state.talk import Talk

FALLS_BACK = "What you see was recorded."


def target_here(settings: Settings) -> str:
    """Where "Run it here" measures: the server started on this machine, that of the settings, or Lite."""
    label = settings.target.label
    return local_target(settings) or (label if "://" in label else LITE)


def begin(scene: Scene, number: int, settings: Settings, talk: Talk) -> None:
    """Start what the scene measures; in a shared app, get in line for it. The talk keeps what went wrong."""
    talk.failed.pop(number, None)
    try:
        plan = scene.plan(target_here(settings), talk.called_ms)
        own = own_document() if scene.takes_document else None
        if own is not None:
            plan = replace(plan, data=own.name)
        if plan.is_ingest and is_adding(settings):
            raise BenchError("Documents are being added just now, which would spoil the times.")
        document = chosen_document(plan)
        if settings.is_shared:
            check_plan(plan, settings.limits)
            start_in_turn(plan, settings, document)
        else:
            start_run(plan, settings, run_id=new_id(), document=document)
            if document is not None:
                keep_document(plan, document)
    except (OverlapError, OSError) as exc:
        talk.failed[number] = f"It could not be run here. {exc} {FALLS_BACK}"
        return
    talk.measuring = (number, plan)


def process_of(number: int, settings: Settings, talk: Talk) -> BenchProcess | None:
    """The process that measures, or has measured, for the scene; None when there is none."""
    process = runs.current
    if process is None or talk.measuring is None or talk.measuring[0] != number:
        return None
    is_mine = not settings.is_shared or process.owner == settings.visitor
    return process if is_mine and process.plan == talk.measuring[1] else None


def is_in_line(number: int, settings: Settings, talk: Talk) -> bool:
    """Whether the scene's run waits for those of others, in a shared app."""
    host = host_of(settings)
    is_wanted = talk.measuring is not None and talk.measuring[0] == number
    return is_wanted and host is not None and host.queue.position(settings.visitor) is not None


def stop(number: int, settings: Settings, talk: Talk) -> None:
    """End the scene's run, or leave the line where it waits in one."""
    process, host = process_of(number, settings, talk), host_of(settings)
    if host is not None:
        host.queue.leave(settings.visitor)
    if process is not None:
        process.stop(STOP_CLICKED)


def settle(number: int, settings: Settings, talk: Talk) -> None:
    """Keep what the scene's run has come to, once it has ended: its record, or why there is none."""
    process, host = process_of(number, settings, talk), host_of(settings)
    is_wanted = talk.measuring is not None and talk.measuring[0] == number
    if is_wanted and host is not None and (fault := host.queue.error(settings.visitor)):
        talk.measuring = None
        talk.failed[number] = f"It could not be run here. {fault} {FALLS_BACK}"
        return
    if process is None or process.is_running:
        return
    talk.measuring = None
    snapshot = process.snapshot()
    try:
        run = load_run(process.run_path)
        fault = run.note or snapshot.error
        num_failed = run.num_failed
    except OverlapError as exc:
        fault, num_failed = snapshot.error or str(exc), 0
    if snapshot.state == "failed":
        talk.failed[number] = f"The run here failed. {fault} {FALLS_BACK}"
    elif num_failed:
        talk.failed[number] = f"The run here failed: {num_failed:,} operations did. {FALLS_BACK}"
    elif snapshot.state == "stopped" and snapshot.why != STOP_CLICKED:
        talk.failed[number] = f"The run here was stopped. {snapshot.why} {FALLS_BACK}"
    elif snapshot.state == "complete":
        talk.here[number] = process.run_path


def run_here(number: int, talk: Talk) -> Run | None:
    """What was measured for the scene in this talk; None when nothing was, or it was deleted since."""
    path = talk.here.get(number)
    try:
        return None if path is None else load_run(path)
    except OverlapError:
        return None

"""``python -m core ingest PATH...``: files into a knowledge base."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.exit_codes import EXIT_FAILED, EXIT_OK, EXIT_STOPPED, WrongUseError
from core.cli.options import AsJson, Encoding, Kb, Ocr, PasswordEnv, check_encoding_flag, secret_from
from core.cli.terminal import clear_status, print_download, print_message, print_status
from core.cli.wording import in_a_terminal
from core.config.settings import DEFAULT_KB, Secret, Settings
from core.documents.models import SameName, Version, notes_told
from core.documents.part_names import part_name
from core.errors import OverlapError
from core.ingest.progress import FileProgress, Stage
from core.runtime.console import plain
from core.runtime.words import counted, duration

if TYPE_CHECKING:
    from core.documents.sources.folder import LeftOut
    from core.documents.sources.incoming import IncomingFile
    from core.ingest.journal import LogEntry
    from core.ingest.pipeline import Ingest
    from core.ingest.progress import IngestSnapshot

# So many files that are left out are named one by one.
MAX_LEFT_OUT = 100


Paths = Annotated[
    list[str], typer.Argument(metavar="PATH", help="A file, a folder, a ZIP archive, or a web address.")
]
SameNameOption = Annotated[
    SameName,
    typer.Option(
        "--same-name",
        help="What becomes of a document whose name a file has, with other content: "
        "keep both, or replace it once the file is all in.",
    ),
]
WholePages = Annotated[
    bool,
    typer.Option(
        "--whole-pages", help="Of web addresses read menus and banners too, which are left out otherwise."
    ),
]


def ingest(
    paths: Paths,
    same_name: SameNameOption = "keep",
    encoding: Encoding = "",
    whole_pages: WholePages = False,
    ocr: Ocr = False,
    password_env: PasswordEnv = None,
    kb: Kb = DEFAULT_KB,
    as_json: AsJson = False,
) -> int:
    """Put files into a knowledge base."""
    from core.documents.sources.folder import left_out_of
    from core.documents.sources.paths import files_of

    settings = Settings.from_env()
    if not all(path.strip() for path in paths):
        # Such as a variable of the shell that is not set. As a path it would be all of this folder.
        raise WrongUseError("a PATH is empty; name a file or a folder")
    check_encoding_flag(encoding)
    password = Secret(value=secret_from("--password-env", password_env))
    _check_any_is_there(paths)
    files = files_of(paths, same_name=same_name, encoding=encoding, whole_pages=whole_pages, ocr=ocr)
    left_out = left_out_of(paths)
    _print_left_out(left_out)
    if not files:
        raise OverlapError("no file of a supported type was found there")
    snapshot = asyncio.run(_ingest(files, kb, settings, password))
    _print_outcome(snapshot, left_out, as_json=as_json)
    return _exit_code(snapshot)


def _check_any_is_there(paths: Sequence[str]) -> None:
    """Refuse paths of which there is none, before a knowledge base is made for them."""
    is_there = (path.startswith(("http://", "https://")) or Path(path).exists() for path in paths)
    if not any(is_there):
        names = ", ".join(paths)
        raise OverlapError(
            f"there is no file or folder {names}; check the {'path' if len(paths) == 1 else 'paths'}"
        )


async def _ingest(
    files: Sequence[IncomingFile], kb_name: str, settings: Settings, password: Secret
) -> IngestSnapshot:
    """Put them in; those that turn out to be protected are tried again with the password."""
    from core.knowledge_base import KnowledgeBase

    kb = await asyncio.to_thread(KnowledgeBase.load, kb_name, settings, on_download=print_download)
    async with kb:
        if kb.store.is_new:
            # So that a name with a typing error is seen.
            print_message(f"made knowledge base {kb.store.info.name}")
        job = kb.new_ingest(files)
        # Windows has no signal handlers on the loop; there Ctrl-C ends the process, and the next
        # ingest goes on from what was inserted.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, job.stop)
        snapshot = await _watched(job)
        locked = [index for index, file in enumerate(snapshot.files) if file.remedy == "password"]
        was_stopped = any(file.stage is Stage.STOPPED for file in snapshot.files)
        if was_stopped or not (password and locked):
            return snapshot
        for index in locked:
            job.retry(index, password=password)
        return await _watched(job)


async def _watched(job: Ingest) -> IngestSnapshot:
    """Run it, and tell how far it is."""
    task = asyncio.create_task(job.run())
    num_told = len(job.snapshot().log)
    while not task.done():
        await asyncio.wait([task], timeout=0.5)
        snapshot = job.snapshot()
        num_told = _print_waits(snapshot.log, num_told)
        _print_progress(snapshot.files)
    return task.result()


def _exit_code(snapshot: IngestSnapshot) -> int:
    stages = {file.stage for file in snapshot.files}
    if Stage.STOPPED in stages:
        return EXIT_STOPPED
    return EXIT_OK if stages <= {Stage.DONE, Stage.PRESENT} else EXIT_FAILED


def _print_outcome(snapshot: IngestSnapshot, left_out: Sequence[LeftOut], *, as_json: bool) -> None:
    clear_status()
    if as_json:
        summary = {**_summary(snapshot), "left_out": [_left_out_dict(each) for each in left_out]}
        print(json.dumps(summary, indent=2))
        return
    for file in snapshot.files:
        print(plain(_outcome(file)))


def _version_dict(version: Version) -> dict[str, Any]:
    return {"id": version.id, "ingested_at": version.ingested_at, "chunks": version.num_chunks}


def _left_out_dict(left_out: LeftOut) -> dict[str, Any]:
    return {**dataclasses.asdict(left_out), "why": _here(left_out.why, left_out.path)}


def _here(sentences: str, file: str) -> str:
    """What is said of a file, in the words of a terminal."""
    return in_a_terminal(sentences, names=(file, *PurePath(file).parts))


def _summary(snapshot: IngestSnapshot) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "files": [
            {
                "file": file.file,
                "stage": str(file.stage),
                "pages": file.num_pages,
                "chunks": file.num_chunks,
                "added": file.chunks_added,
                "embedded_before": file.chunks_reused,
                "elapsed_s": file.elapsed_s,
                "first_searchable_s": file.first_searchable_s,
                "steps_s": {step: round(time_s, 4) for step, time_s in file.steps_s.items()},
                "error": None if file.error is None else _here(file.error, file.file),
                "notes": list(file.notes),
                "language": file.language,
                "unknown_share": file.unknown_share,
                "beside": [_version_dict(version) for version in file.beside],
                "replaced": [_version_dict(version) for version in file.replaced],
            }
            for file in snapshot.files
        ],
        "added": snapshot.num_chunks_added,
        "elapsed_s": snapshot.elapsed_s,
    }


def _print_left_out(left_out: Sequence[LeftOut]) -> None:
    """Tell what of the folders is not taken, and why."""
    for each in left_out[:MAX_LEFT_OUT]:
        print(plain(f"left out: {each.path}: {_here(each.why, each.path)}"), file=sys.stderr)
    if len(left_out) > MAX_LEFT_OUT:
        print(f"left out: {len(left_out) - MAX_LEFT_OUT:,} more; --json lists all", file=sys.stderr)


def _print_waits(log: Sequence[LogEntry], num_told: int) -> int:
    """Tell what is new of the waits for Milvus; returns how many entries of the log were looked at."""
    for entry in log[num_told:]:
        if entry.is_wait:
            print_message(f"{entry.file} {entry.event}")
    return len(log)


def _print_progress(files: Sequence[FileProgress]) -> None:
    running = [file for file in files if not (file.stage.is_final or file.stage is Stage.WAITING)]
    num_final = sum(file.stage.is_final for file in files)
    for file in running[:1]:
        total = "?" if file.num_chunks is None else str(file.num_chunks)
        if file.stage is Stage.READING and file.num_pages:
            print_status(
                f"[{num_final}/{len(files)} files] {file.file}: "
                f"{part_name(file.file)} {file.pages_done}/{file.num_pages}"
            )
            continue
        speed = "" if file.chunks_per_s is None else f", {file.chunks_per_s:.0f} chunks/s"
        left = "" if file.eta_s is None else f", about {duration(file.eta_s)} left"
        chunks = f"{file.chunks_done}/{total} chunks"
        print_status(f"[{num_final}/{len(files)} files] {file.file}: {file.stage}, {chunks}{speed}{left}")


def _outcome(file: FileProgress) -> str:
    from core.documents.versions import beside_words, replaced_words
    from core.ingest.journal import embedded_before

    if file.stage is Stage.DONE:
        kept = file.chunks_done - file.chunks_added
        resumed = f", {kept} were there already" if kept else ""
        added = counted(file.chunks_added, "chunk")
        outcome = f"added {added}{embedded_before(file.chunks_reused)}{resumed}"
    else:
        outcome = f"{file.stage}: {_here(file.error, file.file)}" if file.error else str(file.stage)
    if file.replaced:
        outcome = f"{outcome.removesuffix('.')}, {replaced_words(file.replaced)}"
    notes = [_here(told, file.file) for told in (file.warning, notes_told(file.notes)) if told]
    if file.beside and file.stage in {Stage.DONE, Stage.PRESENT}:
        notes.append(f"{beside_words(file.beside)}; --same-name replace leaves this one only.")
    return " ".join([f"{file.file}: {outcome.removesuffix('.') + '.' if notes else outcome}", *notes])

"""The command line: ``python -m core ingest|read|ask|evaluate|bench|kb|doctor``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from core.answers.models import Answer
from core.documents.models import FileProgress, SameName, Stage, notes_told
from core.documents.versions import beside_words, replaced_words
from core.errors import OverlapError
from core.ingest.timeline import embedded_before
from core.runtime.check import Check
from core.runtime.console import as_unicode, plain, plain_json
from core.runtime.quiet import quiet_libraries
from core.runtime.requirements import requirements_met
from core.runtime.streams import print_anything

if TYPE_CHECKING:
    from core.config.settings import Settings
    from core.documents.sources.folder import LeftOut
    from core.ingest.timeline import LogEntry

# So many files that are left out are named one by one.
MAX_LEFT_OUT = 100
# How the log of an ingest says that it waits for Milvus.
WAITS = "waits "


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Errors are one sentence on stderr."""
    quiet_libraries()
    print_anything()
    try:
        with requirements_met():
            code = _run(argv)
            # Here, where an output that nobody reads any more is understood.
            sys.stdout.flush()
            return code
    except OverlapError as exc:
        print(f"error: {plain(str(exc))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read our output, such as `head`, has enough. Python would complain when it flushes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(argv: Sequence[str] | None) -> int:
    from core.config.settings import Settings

    args = _parser().parse_args(argv)
    return int(args.run(args, Settings.from_env()))


def _parser() -> argparse.ArgumentParser:
    # Here and not above: what they import may be missing, which `main` says in a sentence.
    from core.cli.bench import add_bench_parser, run_bench
    from core.cli.evaluate import add_evaluate_parser, run_evaluate
    from core.cli.kb import add_kb_parser, run_kb
    from core.cli.read import add_encoding_argument, add_read_parser, run_read
    from core.cli.server import add_server_parser, run_server
    from core.config.settings import DEFAULT_KB

    parser = argparse.ArgumentParser(prog="python -m core", description="Overlap without a browser.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    ingest = commands.add_parser("ingest", help="put files into a knowledge base")
    ingest.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, a folder, a ZIP archive, or a web address"
    )
    ingest.add_argument(
        "--same-name",
        choices=get_args(SameName),
        default="keep",
        help="what becomes of a document whose name a file has, with other content: keep both (the default), "
        "or replace it once the file is all in",
    )
    add_encoding_argument(ingest)
    ingest.add_argument(
        "--whole-pages",
        action="store_true",
        help="of web addresses read menus and banners too, which are left out otherwise",
    )
    ingest.set_defaults(run=_ingest)

    add_read_parser(commands).set_defaults(run=run_read)

    ask = commands.add_parser("ask", help="ask a knowledge base")
    ask.add_argument("question", type=as_unicode, metavar="QUESTION")
    ask.add_argument("--top-k", type=_positive, default=5, metavar="N", help="passages to search for")
    ask.set_defaults(run=_ask)

    evaluate = add_evaluate_parser(commands)
    evaluate.set_defaults(run=run_evaluate)

    add_bench_parser(commands).set_defaults(run=run_bench)
    add_kb_parser(commands).set_defaults(run=run_kb)

    add_server_parser(commands).set_defaults(run=run_server)

    doctor = commands.add_parser("doctor", help="check that everything is ready")
    doctor.set_defaults(run=_doctor)

    for command in (ingest, ask, evaluate):
        command.add_argument(
            "--kb", type=as_unicode, default=DEFAULT_KB, metavar="NAME", help="knowledge base"
        )
    for command in (ingest, ask, evaluate, doctor):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _ingest(args: argparse.Namespace, settings: Settings) -> int:
    from core.documents.readers.encoding import check_encoding
    from core.documents.sources.folder import left_out_of
    from core.knowledge_base import KnowledgeBase, files_of, summary_dict

    if args.encoding:
        check_encoding(args.encoding)

    async def run() -> int:
        files = files_of(
            args.paths,
            same_name=args.same_name,
            encoding=args.encoding,
            whole_pages=args.whole_pages,
        )
        left_out = left_out_of(args.paths)
        _print_left_out(left_out)
        if not files:
            print("error: no file of a supported type was found there", file=sys.stderr)
            return 1
        kb = await asyncio.to_thread(KnowledgeBase.load, args.kb, settings, on_download=_print_download)
        async with kb:
            job = kb.ingest_job(files)
            # Windows has no signal handlers on the loop; there Ctrl-C ends the process, and the next
            # ingest goes on from what was inserted.
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(signal.SIGINT, job.stop)
            task = asyncio.create_task(job.run())
            num_told = 0
            while not task.done():
                await asyncio.wait([task], timeout=0.5)
                snapshot = job.snapshot()
                num_told = _print_waits(snapshot.log, num_told)
                _print_progress(snapshot.files)
            snapshot = task.result()
        if args.json:
            summary = {**summary_dict(snapshot), "left_out": [dataclasses.asdict(each) for each in left_out]}
            print(json.dumps(summary, indent=2))
        else:
            for file in snapshot.files:
                print(plain(_outcome(file)))
        is_good = all(file.stage in {Stage.DONE, Stage.PRESENT} for file in snapshot.files)
        return 0 if is_good else 1

    return asyncio.run(run())


def _print_left_out(left_out: Sequence[LeftOut]) -> None:
    """Tell what of the folders is not taken, and why."""
    for each in left_out[:MAX_LEFT_OUT]:
        print(plain(f"left out: {each.path}: {each.why}"), file=sys.stderr)
    if len(left_out) > MAX_LEFT_OUT:
        print(f"left out: {len(left_out) - MAX_LEFT_OUT:,} more; --json lists all", file=sys.stderr)


def _print_waits(log: Sequence[LogEntry], num_told: int) -> int:
    """Tell what is new of the waits for Milvus; returns how many entries of the log were looked at."""
    for entry in log[num_told:]:
        if entry.event.startswith(WAITS):
            _status(f"{entry.file} {entry.event}\n" if sys.stderr.isatty() else f"{entry.file} {entry.event}")
    return len(log)


def _print_progress(files: Sequence[FileProgress]) -> None:
    running = [file for file in files if not (file.stage.is_final or file.stage is Stage.WAITING)]
    num_final = sum(file.stage.is_final for file in files)
    for file in running[:1]:
        total = "?" if file.num_chunks is None else str(file.num_chunks)
        if file.stage is Stage.READING and file.num_pages:
            _status(f"[{num_final}/{len(files)} files] {file.file}: page {file.pages_done}/{file.num_pages}")
            continue
        speed = "" if file.chunks_per_s is None else f", {file.chunks_per_s:.0f} chunks/s"
        left = "" if file.eta_s is None else f", {file.eta_s:.0f} s left"
        chunks = f"{file.chunks_done}/{total} chunks"
        _status(f"[{num_final}/{len(files)} files] {file.file}: {file.stage}, {chunks}{speed}{left}")


def _status(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{plain(line)}", end="", file=sys.stderr, flush=True)
    else:
        print(plain(line), file=sys.stderr, flush=True)


def _print_download(done_bytes: int, total_bytes: int | None) -> None:
    total = "" if total_bytes is None else f" of {total_bytes / 1e6:.0f}"
    _status(f"downloading the embedding model: {done_bytes / 1e6:.0f}{total} MB")


def _outcome(file: FileProgress) -> str:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    if file.stage is Stage.DONE:
        kept = file.chunks_done - file.chunks_added
        resumed = f", {kept} were there already" if kept else ""
        outcome = f"added {file.chunks_added} chunks{embedded_before(file.chunks_reused)}{resumed}"
    else:
        outcome = f"{file.stage}: {file.error}" if file.error else str(file.stage)
    if file.replaced:
        outcome = f"{outcome.removesuffix('.')}, {replaced_words(file.replaced)}"
    notes = [told for told in (file.warning, notes_told(file.notes)) if told]
    if file.beside and file.stage in {Stage.DONE, Stage.PRESENT}:
        notes.append(f"{beside_words(file.beside)}; --same-name replace leaves this one only.")
    return " ".join([f"{file.file}: {outcome.removesuffix('.') + '.' if notes else outcome}", *notes])


def _ask(args: argparse.Namespace, settings: Settings) -> int:
    from core.answers.retrieval import Retrieval
    from core.knowledge_base import KnowledgeBase

    async def run() -> Answer:
        kb = await asyncio.to_thread(
            KnowledgeBase.load, args.kb, settings, create=False, on_download=_print_download
        )
        async with kb:
            return await kb.ask(args.question, retrieval=Retrieval(top_k=args.top_k))

    answer = asyncio.run(run())
    if args.json:
        print(plain_json(json.dumps(answer.to_dict(), indent=2, ensure_ascii=False)))
    else:
        kind = "Extractive answer, no language model is set" if answer.mode == "extractive" else answer.model
        print(plain(f"{answer.text.strip()}\n\n({kind})"))
        for source in answer.sources:
            print(f"[{source.number}] {plain(source.description)} (cosine similarity {source.score:.2f})")
    if answer.error:
        print(f"error: {plain(answer.error)}", file=sys.stderr)
        return 1
    return 0


def _doctor(args: argparse.Namespace, settings: Settings) -> int:
    from core.preflight import preflight

    checks: list[Check] = []
    for check in preflight(settings):
        checks.append(check)
        if not args.json:
            mark = {True: "ok  ", False: "FAIL", None: "note"}[check.ok]
            print(f"{mark} {check.name}: {plain(check.detail)}")
            if check.what_to_do:
                print(f"     {plain(check.what_to_do)}")
    if args.json:
        print(json.dumps([dataclasses.asdict(check) for check in checks], indent=2))
    return 1 if any(check.ok is False for check in checks) else 0


if __name__ == "__main__":
    sys.exit(main())

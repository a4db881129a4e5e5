"""What people type and programs hand over: plans, the form, flags, settings, addresses, questions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

import typer

from core.bench.analysis.fail_under import parse_bounds
from core.bench.plan.plan import Plan
from core.bench.plan.presets import PRESETS, preset_plan
from core.cli.bench_flags import plan_of
from core.config.settings import Settings
from core.documents.file_identity import clean_file_name
from core.documents.sources.incoming import pasted_file
from core.documents.sources.web import file_name_of, web_files
from core.errors import OverlapError
from core.evaluation.questions import parse_questions
from pages.views.benchmark.plan_form import checked_target
from tests.command_line import bench_flags

T = TypeVar("T")
ADDRESSES = (
    "http://localhost:19530",
    "https://user:key@in01.zillizcloud.com:443/x?a=b",
    "lite",
    "./a.db",
    "~nobody/a.db",
    "http://[::1]:19530",
    "http://[",
    "tcp://h",
    "https://example.org/a%20b.pdf#part",
    "http://\u2100/",
    "http://h:99999/",
)


def parse_plan(data: bytes) -> None:
    """A plan from JSON: refused with our error, or the same after a way through JSON to a process."""
    values = _json(data)
    if not isinstance(values, dict):
        return
    plan = _attempt(lambda: Plan.from_dict(values))
    if plan is None:
        return
    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan
    assert plan.num_trials >= 1 and plan.longest_s > 0
    flags = bench_flags("--plan", json.dumps(plan.to_dict()))
    assert plan_of(flags, plan.target) == plan, "the process gets another plan"


def parse_form(data: bytes) -> None:
    """What the page's form hands over: a preset's name, a target as typed, and single settings."""
    values = _json(data)
    if not isinstance(values, dict):
        return
    settings = Settings.from_env({})
    typed = values.pop("typed", "lite")
    preset = values.pop("preset", "quick")
    if not isinstance(typed, str) or not isinstance(preset, str):
        return
    label = _attempt(lambda: checked_target(typed, settings))
    if label is not None:
        _attempt(lambda: preset_plan(preset, **{**values, "target": label}))


def parse_flags(data: bytes) -> None:
    """Words after `bench`, one in a line: a plan, our error, or the parser's sentence."""
    words = data.decode(errors="replace").split("\n")
    try:
        flags = bench_flags(*words)
    except typer.TyperException as exc:
        assert exc.format_message().strip(), "an error without a sentence"
        return
    except typer.Exit:  # --help
        return
    _attempt(lambda: plan_of(flags, flags.target or "lite"))
    _attempt(lambda: parse_bounds(flags.fail_under or ""))


def take_settings(data: bytes) -> None:
    """Settings, web addresses, names, pasted text and question files as somebody may give them."""
    values = _json(data)
    if not isinstance(values, dict):
        return
    texts = {str(key): value for key, value in values.items() if isinstance(value, str) and "\0" not in value}
    settings = _attempt(lambda: Settings.from_env(texts))
    if settings is not None:
        secret = texts.get("MILVUS_TOKEN", "").strip()
        assert len(secret) < 8 or secret not in repr(settings), "a secret in a repr"
    for text in texts.values():
        _take_text(text)


def _take_text(text: str) -> None:
    name = clean_file_name(text)
    assert name and len(name) <= 120 and not set(name) & set("/\\\0\n") and name not in {".", ".."}
    for file in _attempt(lambda: web_files(text)) or []:
        assert clean_file_name(file.name)
    _attempt(lambda: pasted_file(text[:50], text))
    _attempt(lambda: parse_questions(text))
    _attempt(lambda: parse_questions(text, is_csv=True))
    # Called with addresses only that were checked before.
    with contextlib.suppress(ValueError):
        file_name_of(text, "text/html")


def plan_seeds() -> list[bytes]:
    plans = [preset_plan(name) for name in PRESETS]
    far = Plan(target="http://localhost:19530", rtt_ms=60, stall_s=1, lanes=("threads",), rate_per_s=5.5)
    plans.append(far)
    return [json.dumps(plan.to_dict()).encode() for plan in plans]


def form_seeds() -> list[bytes]:
    changes: dict[str, Any] = {"counts": [10, 100], "operations": ["add"], "lanes": ["async"], "rtt_ms": 5}
    typed = zip(ADDRESSES, PRESETS, strict=False)
    return [json.dumps({"typed": text, "preset": preset} | changes).encode() for text, preset in typed]


def flag_seeds() -> list[bytes]:
    others = [
        "--fail-under\nsearch.async>=10,add.async-batch>=1.5",
        "--counts\n1,2\n--rtt-ms=5",
        "--seed\n0x7",
    ]
    presets = [f"--preset\n{name}" for name in PRESETS]
    return [seed.encode() for seed in presets + others]


def setting_seeds() -> list[bytes]:
    full = {
        "MILVUS_URI": "http://localhost:19530",
        "MILVUS_TOKEN": "root:Milvus-secret",
        "EMBED_MODEL": "BAAI/bge-base-en-v1.5",
        "OPENAI_BASE_URL": "http://localhost:11434/v1",
        "OVERLAP_SHARED": "1",
        "OVERLAP_SHARED_CHUNKS": "20000",
        "OVERLAP_DATA_DIR": "./data",
    }
    lines = (
        '{"question": "Why?", "answer": "Because.", "source": "a.md"}\n{"question": "Who?", "answer": null}'
    )
    seeds = [full, {"urls": "\n".join(ADDRESSES)}, {"name": "..\\..\\a\u202efdp.exe" + "x" * 200}]
    seeds += [{"questions": lines}, {"questions": "question,answer,source\nWhy?,Because.,a.md\n"}]
    seeds += [{"MILVUS_URI": uri} for uri in ADDRESSES]
    return [json.dumps(seed).encode() for seed in seeds]


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _attempt(make: Callable[[], T]) -> T | None:
    try:
        return make()
    except OverlapError as exc:
        assert str(exc).strip(), "an error without a sentence"
        return None

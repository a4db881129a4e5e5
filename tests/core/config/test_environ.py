"""What of the environment and of `.env` reaches libraries and child processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.bench.records.archive import load_run
from core.config.environ import bare_environ, environ_without_secrets
from core.runtime.paths import REPOSITORY
from tests.checkout import make_checkout

pytestmark = pytest.mark.slow

# Each setting of .env.example with a value that is not its default.
VALUES = {
    "MILVUS_URI": "./elsewhere/own.db",
    "MILVUS_TOKEN": "root:token-of-milvus",
    "EMBED_MODEL": "some/model",
    "OPENAI_API_KEY": "sk-key-of-openai",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    "LLM_MODEL": "some-llm",
    "LLM_CONTEXT_WINDOW": "8193",
    "OVERLAP_DATA_DIR": "elsewhere",
    "OVERLAP_LOG": "warning",
    "OVERLAP_SHARED": "1",
    "OVERLAP_SHARED_KNOWLEDGE_BASES": "101",
    "OVERLAP_SHARED_CHUNKS": "102",
    "OVERLAP_SHARED_DOCUMENTS_PER_HOUR": "103",
    "OVERLAP_SHARED_UPLOAD_MB": "104",
    "OVERLAP_SHARED_UPLOAD_MB_PER_HOUR": "105",
    "OVERLAP_SHARED_HELD_MB": "120",
    "OVERLAP_SHARED_QUESTIONS_PER_MINUTE": "106",
    "OVERLAP_SHARED_QUESTIONS_PER_HOUR": "107",
    "OVERLAP_SHARED_MEASUREMENTS_PER_HOUR": "108",
    "OVERLAP_SHARED_INGESTS_AT_ONCE": "109",
    "OVERLAP_SHARED_TOTAL_VISITORS": "110",
    "OVERLAP_SHARED_TOTAL_CHUNKS": "111",
    "OVERLAP_SHARED_TOTAL_UPLOAD_MB_PER_HOUR": "112",
    "OVERLAP_SHARED_TOTAL_HELD_MB": "121",
    "OVERLAP_SHARED_TOTAL_QUESTIONS_PER_MINUTE": "113",
    "OVERLAP_SHARED_BENCH_COUNT": "114",
    "OVERLAP_SHARED_BENCH_REPEATS": "115",
    "OVERLAP_SHARED_BENCH_PROCESSES": "116",
    "OVERLAP_SHARED_BENCH_MINUTES": "117",
    "OVERLAP_SHARED_BENCH_WAITING": "118",
    "OVERLAP_SHARED_IDLE_HOURS": "119",
}
# What the settings say, after pymilvus was imported as the app imports it, and what it left behind.
PROBE = """
import json, os
before = dict(os.environ)
from core.config.settings import Settings
from core.store import KnowledgeStore
import pymilvus
import llama_index.vector_stores.milvus
settings = Settings.from_env()
said = {
    "MILVUS_URI": settings.target.uri,
    "MILVUS_TOKEN": settings.target.token.value,
    "EMBED_MODEL": settings.embed_model,
    "OPENAI_API_KEY": settings.openai_api_key.value,
    "OPENAI_BASE_URL": settings.openai_base_url,
    "LLM_MODEL": settings.llm_model,
    "LLM_CONTEXT_WINDOW": str(settings.llm_context_tokens),
    "OVERLAP_DATA_DIR": str(settings.data_dir),
    "OVERLAP_LOG": settings.log_level,
    "OVERLAP_SHARED": str(int(settings.is_shared)),
}
from dataclasses import asdict
for name, value in asdict(settings.limits).items():
    said["OVERLAP_SHARED_" + name.upper()] = str(value)
names = {name for name, value in os.environ.items() if before.get(name) != value}
print(json.dumps({"said": said, "added": sorted(names), "uri": pymilvus.DefaultConfig.MILVUS_URI}))
"""


def _run(python: str, folder: Path, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *argv],
        cwd=folder,
        env=bare_environ() | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_setting_of_the_example_has_a_value_here() -> None:
    listed = re.findall(r"^([A-Z_]+)=", (REPOSITORY / ".env.example").read_text(), re.MULTILINE)
    assert list(VALUES) == listed


@pytest.mark.parametrize("through", ["environment", ".env"])
def test_every_setting_arrives_and_no_library_takes_any(through: str, tmp_path: Path) -> None:
    dotenv = "\n".join(f"{name}={value}" for name, value in VALUES.items()) if through == ".env" else ""
    python = make_checkout(tmp_path, dotenv)
    done = _run(python, tmp_path, "-c", PROBE, **({} if dotenv else VALUES))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["said"] == VALUES | {"MILVUS_URI": "elsewhere/own.db"}
    # Nothing of `.env` gets into the environment, from where every child would have it.
    assert not set(found["added"]) & set(VALUES)
    assert found["uri"] == ""


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A checkout with `.env.example` copied to `.env`, as its first line says, and a path for Milvus."""
    folder = tmp_path_factory.mktemp("newcomer")
    copied = (REPOSITORY / ".env.example").read_text()
    return make_checkout(folder, copied.replace("MILVUS_URI=\n", "MILVUS_URI=./data/overlap.db\n")), folder


def test_doctor_is_content_with_the_copied_example(newcomer: tuple[str, Path]) -> None:
    python, folder = newcomer
    done = _run(python, folder, "-m", "core", "doctor", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    assert [check["name"] for check in json.loads(done.stdout) if check["ok"] is False] == []


def test_benchmark_runs_with_the_copied_example(newcomer: tuple[str, Path]) -> None:
    python, folder = newcomer
    out = folder / "run.json"
    flags = ("--lanes", "sync,async", "--counts", "3", "--dim", "8", "--rtt-ms", "1", "--out", str(out))
    done = _run(python, folder, "-m", "core", "bench", *flags)
    assert done.returncode == 0, done.stderr
    assert load_run(out).status == "complete"


def test_reader_that_has_enough_ends_the_command_line_in_silence(newcomer: tuple[str, Path]) -> None:
    python, folder = newcomer
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [python, "-m", "core", "doctor"], cwd=folder, stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.stderr, done.returncode) == (b"", 141)


def test_children_get_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"OPENAI_API_KEY": "a", "MILVUS_TOKEN": "b", "MILVUS_URI": "http://u:c@h:1", "HF_TOKEN": "d"}
    for name, value in (secrets | {"HTTPS_PROXY": "http://proxy:1"}).items():
        monkeypatch.setenv(name, value)
    assert not set(bare_environ()) & set(secrets)
    assert "HTTPS_PROXY" not in bare_environ()
    assert not set(environ_without_secrets()) & set(secrets)
    assert environ_without_secrets()["HTTPS_PROXY"] == "http://proxy:1"


def test_named_variables_are_passed_on_to_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", "/somewhere")
    assert bare_environ("TESSDATA_PREFIX")["TESSDATA_PREFIX"] == "/somewhere"
    assert "TESSDATA_PREFIX" not in bare_environ()
    done = subprocess.run(
        [sys.executable, "-c", "print('runs')"], env=bare_environ(), capture_output=True, check=False
    )
    assert done.stdout == b"runs\n"

"""The command `ask`: the answer with its sources, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.exit_codes import EXIT_USAGE
from core.config.settings import Settings
from core.store.collections import knowledge_bases
from core.store.connection import connect
from tests.command_line import Run
from tests.openai_server import OpenAIServer

pytestmark = pytest.mark.slow


def test_unknown_knowledge_base_is_named(run: Run) -> None:
    done = run("ask", "anything", "--kb", "nope")
    assert done.returncode == 1
    assert "There is no knowledge base 'nope'" in done.stderr
    assert "Traceback" not in done.stderr


def test_milvus_that_does_not_answer_is_one_sentence(run: Run) -> None:
    done = run("ask", "anything", MILVUS_URI="http://127.0.0.1:1")
    assert done.returncode == 1
    assert (
        done.stderr.strip().splitlines()[-1].startswith("error: Milvus at http://127.0.0.1:1 does not answer")
    )
    assert "Traceback" not in done.stderr


def test_model_error_gives_exit_1_and_still_prints_the_sources(
    run: Run, folder: Path, openai_server: OpenAIServer
) -> None:
    assert run("ingest", str(folder)).returncode == 0
    openai_server.behaviour = "401"
    done = run(
        "ask",
        "How high is the lighthouse?",
        OPENAI_BASE_URL=openai_server.base_url,
        LLM_MODEL="stand-in",
        OPENAI_API_KEY="sk-secret",
    )
    assert done.returncode == 1
    assert "refused the API key" in done.stderr
    assert "[1] harbour.txt" in done.stdout
    assert "sk-secret" not in done.stdout + done.stderr


def test_empty_question_is_wrong_use(run: Run) -> None:
    done = run("ask", " ")
    assert done.returncode == EXIT_USAGE
    assert "the question is empty" in done.stderr


def test_answer_that_there_is_none_has_the_nearest_passages_and_no_kind(run: Run, folder: Path) -> None:
    assert run("ingest", str(folder)).returncode == 0
    refused = run("ask", "Who won the chess championship in Reykjavik?").stdout
    assert (
        refused.startswith("I found nothing about this in your documents.") and "no language" not in refused
    )
    assert ("The nearest passages:\n[1] " in refused) == ("[1]" in refused)
    assert "(Extractive answer, no language model is set)" in run("ask", "How high is the lighthouse?").stdout
    measured = run("bench", "--data", "default", "--dim", "32")
    assert measured.returncode == EXIT_USAGE
    assert "error: --dim is 32, but knowledge base 'default' has 384" in measured.stderr


def test_document_that_is_only_partly_in_is_said_where_answers_are_read(run: Run, folder: Path) -> None:
    assert run("ingest", str(folder)).returncode == 0
    assert "only partly in" not in run("kb", "list").stdout + run("ask", "How long is the pier?").stderr
    target = Settings.from_env().target
    (info,) = knowledge_bases(target)
    connect(target).delete(info.collection, filter='file == "pier.pdf" and position == 1')
    assert run("kb", "list").stdout.splitlines()[1] == "  1 document is only partly in"
    asked = run("ask", "How high is the lighthouse?", "--json")
    assert "37 metres" in json.loads(asked.stdout)["answer"]
    assert asked.stderr == "1 document is only partly in: pier.pdf\n"

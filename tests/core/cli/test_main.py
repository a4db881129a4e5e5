"""The command line: exit codes, results on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import core
from core.cli.exit_codes import EXIT_FAILED, EXIT_STOPPED, EXIT_USAGE
from core.cli.main import main
from core.config.settings import Settings
from core.embedding.model import Embedder
from core.runtime.console import as_unicode
from core.runtime.paths import REPOSITORY
from core.store.collections import knowledge_bases
from core.store.connection import connect
from tests.conftest import release_lite
from tests.damaged import erase_pages
from tests.documents import build_pdf
from tests.openai_server import OpenAIServer
from tests.own_process import output_of

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> Iterator[Run]:
    """Run a command in this process, which has the model loaded; settings as keyword arguments."""

    def call(*args: str, **environ: str) -> Done:
        with monkeypatch.context() as context:
            for key, value in environ.items():
                context.setenv(key, value)
            returncode = main(args)
        captured = capsys.readouterr()
        return Done(returncode, captured.out, captured.err)

    yield call
    release_lite(Settings.from_env().target.uri)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "harbour.txt").write_text("The lighthouse is 37 metres high. It was built in 1897.")
    pages = ["An unrelated first page about bread.", "The pier is 230 metres long and made of oak."]
    (folder / "pier.pdf").write_bytes(build_pdf(pages))
    return folder


def test_folder_is_ingested_and_asked(run: Run, folder: Path) -> None:
    ingested = run("ingest", str(folder), "--json")
    assert ingested.returncode == 0, ingested.stderr
    result = json.loads(ingested.stdout)
    assert [(file["file"], file["stage"], file["added"]) for file in result["files"]] == [
        ("harbour.txt", "done", 1),
        ("pier.pdf", "done", 2),
    ]
    again = json.loads(run("ingest", str(folder), "--json").stdout)
    assert again["added"] == 0

    asked = run("ask", "How long is the pier?", "--json")
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["mode"] == "extractive"
    assert "230 metres" in answer["answer"]
    assert (answer["sources"][0]["file"], answer["sources"][0]["page"]) == ("pier.pdf", 2)
    assert set(answer["timings_s"]) == {"embed", "search", "first_token", "total"}
    assert set(answer["sources"][0]) == {"file", "page", "score", "text", "is_older", "also_in"}


def test_one_bad_file_gives_exit_1_with_its_reason_and_the_good_one_is_in(run: Run, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    done = run("ingest", str(folder))
    assert done.returncode == 1
    assert "harbour.txt: added 1 chunk" in done.stdout
    assert "broken.pdf: failed: " in done.stdout
    assert "Traceback" not in done.stderr


def test_protected_file_goes_in_with_the_password_of_the_environment(run: Run, folder: Path) -> None:
    (folder / "locked.pdf").write_bytes(build_pdf(["The vault opens at nine."], password="sesame"))
    locked = run("ingest", str(folder))
    assert locked.returncode == 1 and "locked.pdf: failed: " in locked.stdout
    done = run("ingest", str(folder), "--password-env", "FILE_PASSWORD", FILE_PASSWORD="sesame")
    assert (done.returncode, "locked.pdf: added 1 chunk" in done.stdout) == (0, True)
    assert "sesame" not in done.stdout + done.stderr


def test_damaged_page_is_named_and_the_rest_is_in(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pier.pdf"
    path.write_bytes(erase_pages(build_pdf(["The pier is made of oak.", "Lost."]), 2))
    done = run("ingest", str(path))
    assert (done.returncode, done.stdout) == (
        0,
        "pier.pdf: added 1 chunk. Page 2 of 2 is damaged and was left out.\n",
    )
    again = run("ingest", str(path))
    assert again.stdout == "pier.pdf: already there. Page 2 of 2 is damaged and was left out.\n"


def test_empty_folder_says_so(run: Run, tmp_path: Path) -> None:
    done = run("ingest", str(tmp_path))
    assert done.returncode == 1
    assert "no file of a supported type" in done.stderr


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


def test_wrong_setting_is_one_sentence(run: Run) -> None:
    done = run("doctor", MILVUS_URI="nonsense")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "MILVUS_URI" in done.stderr


@pytest.mark.parametrize("half", ["\udce9", "\ud83d"])
def test_letters_that_are_none_are_read_and_never_a_traceback(
    half: str, run: Run, folder: Path, tmp_path: Path
) -> None:
    assert run("ingest", str(folder)).returncode == 0
    done = run("ask", f"How high is the lighthouse, caf{half}?")
    assert (done.returncode, "37 metres" in done.stdout) == (0, True)
    done = run("ask", "--kb", f"caf{half}", "anything")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    questions = tmp_path / "questions.jsonl"
    row = {"question": f"Caf{half}?", "file": None, "contains": None}
    questions.write_text(json.dumps(row))
    assert run("evaluate", str(questions)).returncode == 0


def test_byte_that_is_not_utf_8_is_the_letter_that_it_is_on_other_machines() -> None:
    assert as_unicode("caf\udce9 5 \udc80 \ud83d \ud83d\ude80") == "café 5 € \ufffd 🚀"


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


def test_doctor_reports_each_check_and_no_secret(run: Run) -> None:
    done = run("doctor", "--json", OPENAI_API_KEY="sk-secret", MILVUS_TOKEN="root:hunter2")
    assert done.returncode == 0, done.stdout
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert checks["Overlap"]["detail"] == core.__version__
    assert set(checks) >= {"Python", "Data folder", "Milvus", "Knowledge bases", "Embedding model"}
    assert all(check["ok"] is not False for check in checks.values())
    assert "secret" not in done.stdout and "hunter2" not in done.stdout


def test_doctor_fails_with_what_to_do_when_milvus_is_away(run: Run) -> None:
    done = run("doctor", MILVUS_URI="http://127.0.0.1:1")
    assert done.returncode == 1
    assert "FAIL Milvus" in done.stdout and "Start it" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process there")
def test_ctrl_c_keeps_what_was_ingested_and_the_next_ingest_goes_on(run: Run, tmp_path: Path) -> None:
    text = " ".join(f"Sentence {i} tells about thing {i * 31} and about nothing else." for i in range(4000))
    path = tmp_path / "long.txt"
    path.write_text(text)
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "ingest", str(path), "--json"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            if "embedding" in line and "chunks/s" in line:
                break
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == EXIT_STOPPED, stderr
    (stopped,) = json.loads(stdout)["files"]
    assert stopped["stage"] == "stopped"
    assert 0 < stopped["added"] < stopped["chunks"]
    resumed = json.loads(run("ingest", str(path), "--json").stdout)["files"][0]
    assert resumed["stage"] == "done"
    assert resumed["added"] == stopped["chunks"] - stopped["added"]


def _fee(folder: Path, euros: int) -> str:
    path = folder / "fee.txt"
    path.write_text(f"The membership fee is {euros} euros a year.")
    return str(path)


def test_new_version_is_kept_beside_the_old_one_and_how_to_replace_it_is_said(
    run: Run, tmp_path: Path
) -> None:
    assert run("ingest", _fee(tmp_path, 120)).stdout == "fee.txt: added 1 chunk\n"
    kept = run("ingest", _fee(tmp_path, 150))
    assert kept.returncode == 0
    assert re.fullmatch(
        r"fee\.txt: added 1 chunk\. Another document of this name, added [-0-9]+ [0-9:]+ UTC, is here too; "
        r"--same-name replace leaves this one only\.\n",
        kept.stdout,
    )
    asked = run("ask", "What is the membership fee?").stdout
    assert asked.startswith("The membership fee is 150 euros a year. [1]")
    assert "[2] (older version)" in asked and "[2] fee.txt, older version (cosine similarity" in asked
    sources = json.loads(run("ask", "What is the membership fee?", "--json").stdout)["sources"]
    assert [source["is_older"] for source in sources] == [False, True]


def test_new_version_replaces_the_old_one_where_the_flag_says_so(run: Run, tmp_path: Path) -> None:
    run("ingest", _fee(tmp_path, 120))
    replaced = run("ingest", _fee(tmp_path, 150), "--same-name", "replace")
    assert replaced.returncode == 0
    assert re.fullmatch(
        r"fee\.txt: added 1 chunk, replaced the version added [-0-9]+ [0-9:]+ UTC \(1 chunk\)\n",
        replaced.stdout,
    )
    asked = run("ask", "What is the membership fee?").stdout
    assert "150 euros" in asked and "120" not in asked
    again = run("ingest", _fee(tmp_path, 150), "--same-name", "replace")
    assert again.stdout == "fee.txt: already there\n"
    run("ingest", _fee(tmp_path, 180))
    (file,) = json.loads(run("ingest", _fee(tmp_path, 180), "--same-name", "replace", "--json").stdout)[
        "files"
    ]
    assert (file["stage"], [version["chunks"] for version in file["replaced"]]) == ("already there", [1])
    assert file["beside"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_replacement_leaves_the_old_version_and_the_same_command_completes_it(
    run: Run, tmp_path: Path
) -> None:
    run("ingest", _fee(tmp_path, 120))
    release_lite(Settings.from_env().target.uri)
    text = " ".join(f"Rule {i} of the club is about boat {i * 31}, and nothing else." for i in range(4000))
    path = tmp_path / "fee.txt"
    path.write_text(f"The membership fee is 150 euros a year. {text}")
    command = [sys.executable, "-m", "core", "ingest", str(path), "--same-name", "replace"]
    with subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "embedding" in line and "chunks/s" in line:
                break
        process.kill()
    asked = run("ask", "What is the membership fee?", "--json")
    sources = json.loads(asked.stdout)["sources"]
    assert ("120 euros", False) in {(source["text"][22:31], source["is_older"]) for source in sources}
    done = run("ingest", str(path), "--same-name", "replace")
    assert done.returncode == 0
    assert "were there already, replaced the version added" in done.stdout
    asked = run("ask", "What is the membership fee?")
    assert "150 euros" in asked.stdout and "120 euros" not in asked.stdout


def test_empty_question_is_wrong_use(run: Run) -> None:
    done = run("ask", " ")
    assert done.returncode == EXIT_USAGE
    assert "the question is empty" in done.stderr


def test_one_document_and_one_chunk_are_counted_as_one(run: Run, tmp_path: Path) -> None:
    assert run("ingest", _fee(tmp_path, 120)).returncode == 0
    assert run("kb", "list").stdout.startswith("default: 1 document, 1 chunk, ")
    assert run("kb", "delete", "default", "--yes").stdout == "deleted default: 1 chunk\n"


def test_knowledge_base_that_an_ingest_makes_is_named_once(run: Run, folder: Path) -> None:
    assert "made knowledge base reprots\n" in run("ingest", str(folder), "--kb", "reprots").stderr
    assert "made knowledge base" not in run("ingest", str(folder), "--kb", "reprots").stderr


def test_empty_knowledge_base_is_called_so_with_what_to_do(run: Run) -> None:
    assert "`python -m core ingest PATH` makes one" in run("kb", "list").stderr
    assert run("kb", "create", "default").returncode == run("kb", "create", "notes").returncode == 0
    first, second = run("kb", "list").stdout.splitlines()
    assert first.startswith("default: empty (the one that is used where no --kb is named), ")
    assert second.startswith("notes: empty, all-MiniLM-L6-v2 ")
    asked = run("ask", "How high is the lighthouse?")
    assert asked.stdout == (
        "There is nothing to search in yet. `python -m core ingest PATH` puts documents in.\n"
    )
    assert "--load-samples to put them in" in run("evaluate").stderr
    assert "`python -m core kb list` shows" in run("ask", "Why?", "--kb", "none").stderr


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


def test_model_that_can_not_be_used_is_the_argument_s(run: Run, tmp_path: Path) -> None:
    assert run("kb", "create", "default").returncode == 0
    done = run("kb", "change-model", "default", str(tmp_path / "none"))
    assert done.returncode == EXIT_FAILED
    assert "error: MODEL names the folder " in done.stderr and done.stderr.endswith("or name bundled.\n")


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


def test_deletion_of_what_is_not_there_says_so_before_it_asks_for_more(run: Run) -> None:
    done = run("kb", "delete", "nope")
    assert done.returncode == EXIT_FAILED
    assert "nope" in done.stderr and "--yes" not in done.stderr


def test_embedded_milvus_is_stopped_before_python_ends(tmp_path: Path) -> None:
    """Stopped after its threads were, it ended some commands with a traceback."""
    script = (
        "import runpy, sys\n"
        "sys.argv = ['core', 'kb', 'list']\n"
        "try: runpy.run_module('core', run_name='__main__')\n"
        "except SystemExit as end: print('ended', end.code)\n"
        "from milvus_lite.server_manager import server_manager_instance\n"
        "print('running', len(server_manager_instance._servers))\n"
    )
    printed = output_of(script, OVERLAP_DATA_DIR=str(tmp_path)).splitlines()
    assert printed[-2:] == ["ended 0", "running 0"]


def test_flag_for_a_taken_name_knows_two_answers(run: Run) -> None:
    done = run("ingest", "a.txt", "--same-name", "delete")
    assert done.returncode == EXIT_USAGE
    assert "keep" in done.stderr


def test_doctor_says_when_the_model_was_not_made_for_the_documents_language(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mayak.txt"
    path.write_text("Маяк в гавани построен в 1897 году. Его высота тридцать семь метров.", encoding="utf-8")
    assert run("ingest", str(path)).returncode == 0
    done = run("doctor")
    assert done.returncode == 0
    assert "note Languages of default: Russian" in done.stdout
    assert "python -m core kb change-model" in done.stdout

"""The command `ingest`: what it puts in, what it says of each file, and how it is stopped."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.exit_codes import EXIT_STOPPED, EXIT_USAGE
from core.config.settings import Settings
from core.runtime.paths import REPOSITORY
from tests.command_line import Run, fee_file
from tests.conftest import release_lite
from tests.damaged import erase_pages
from tests.documents import build_pdf

pytestmark = pytest.mark.slow


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


def test_new_version_is_kept_beside_the_old_one_and_how_to_replace_it_is_said(
    run: Run, tmp_path: Path
) -> None:
    assert run("ingest", fee_file(tmp_path, 120)).stdout == "fee.txt: added 1 chunk\n"
    kept = run("ingest", fee_file(tmp_path, 150))
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
    run("ingest", fee_file(tmp_path, 120))
    replaced = run("ingest", fee_file(tmp_path, 150), "--same-name", "replace")
    assert replaced.returncode == 0
    assert re.fullmatch(
        r"fee\.txt: added 1 chunk, replaced the version added [-0-9]+ [0-9:]+ UTC \(1 chunk\)\n",
        replaced.stdout,
    )
    asked = run("ask", "What is the membership fee?").stdout
    assert "150 euros" in asked and "120" not in asked
    again = run("ingest", fee_file(tmp_path, 150), "--same-name", "replace")
    assert again.stdout == "fee.txt: already there\n"
    run("ingest", fee_file(tmp_path, 180))
    (file,) = json.loads(run("ingest", fee_file(tmp_path, 180), "--same-name", "replace", "--json").stdout)[
        "files"
    ]
    assert (file["stage"], [version["chunks"] for version in file["replaced"]]) == ("already there", [1])
    assert file["beside"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_replacement_leaves_the_old_version_and_the_same_command_completes_it(
    run: Run, tmp_path: Path
) -> None:
    run("ingest", fee_file(tmp_path, 120))
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


def test_knowledge_base_that_an_ingest_makes_is_named_once(run: Run, folder: Path) -> None:
    assert "made knowledge base reprots\n" in run("ingest", str(folder), "--kb", "reprots").stderr
    assert "made knowledge base" not in run("ingest", str(folder), "--kb", "reprots").stderr


def test_flag_for_a_taken_name_knows_two_answers(run: Run) -> None:
    done = run("ingest", "a.txt", "--same-name", "delete")
    assert done.returncode == EXIT_USAGE
    assert "keep" in done.stderr

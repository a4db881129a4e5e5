"""The reading process gets no secret and outlives nobody, and the app's own cuts nothing."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from core.documents.sandbox.pool import (
    DocumentReader,
)
from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.slow


def test_process_gets_no_secret_and_ends_when_its_input_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    reader = DocumentReader()
    reader.warm_up()
    (worker,) = reader._idle
    if sys.platform == "linux":
        with open(f"/proc/{worker.pid}/environ", "rb") as environ:  # noqa: PTH123
            assert b"sk-secret" not in environ.read()
    worker._child.send_no_more()
    assert worker._child.wait(30)
    assert worker._child.exit_code == 0
    reader.close()


READ_A_TEXT = """
import os, signal, sys
from pathlib import Path
from core.embedding.bundled_model import bundled_folder
from core.documents.sandbox.pool import DocumentReader
from core.documents.tokenization import Tokenization
tokenizer = (bundled_folder() / "tokenizer.json").read_text()
reader = DocumentReader()
cut = reader.read("a.txt", b"A text.", Tokenization(tokenizer_json=tokenizer, max_tokens=256))
"""


WHAT_IS_LOADED = "print([chunk.text for chunk in cut.chunks], 'tokenizers' in sys.modules); reader.close()"


KILL_ITSELF = "print(reader._idle[0].pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"


def test_app_itself_cuts_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_A_TEXT + WHAT_IS_LOADED],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout == "['A text.'] False\n", "no tokenizer was ever in this process"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_process_ends_with_an_app_that_is_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_A_TEXT + KILL_ITSELF],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=False,
    )
    pid = int(done.stdout)
    stat = f"/proc/{pid}/stat"
    ended = threading.Event()
    for _ in range(300):
        try:
            with open(stat) as file:  # noqa: PTH123
                is_gone = file.read().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            is_gone = True
        if is_gone:
            return
        ended.wait(0.1)
    raise AssertionError(f"process {pid} goes on")

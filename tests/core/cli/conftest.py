from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.main import main
from core.config.settings import Settings
from core.embedding.model import Embedder
from tests.command_line import Done, Run
from tests.conftest import release_lite
from tests.documents import build_pdf


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

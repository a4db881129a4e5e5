"""The disk full, Milvus Lite's folder damaged or held: a sentence, and what was there stays."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.config.settings import Settings
from core.embedding.model import Embedder
from core.errors import StoreError
from core.ingest.pipeline import Ingest
from core.runtime.paths import REPOSITORY
from core.store.collections import knowledge_base_names
from tests.conftest import release_lite
from tests.faults import KB, SMALL_TEXT, open_store, text_file

# A disk of this process alone, which needs no right that a user does not have; some systems forbid it.
MOUNT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
SMALL_DISK = 'mount -t tmpfs -o size=8m none "$0" && exec "$@"'


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = str(tmp_path_factory.mktemp("disk"))
    if shutil.which("unshare") is None or _mounted(folder, "true").returncode:
        pytest.skip("this system lets no process mount a small disk for itself")
    done = _mounted(folder, sys.executable, "-m", "tests.full_disk", folder)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["before"] == [["done", ""]]
    return seen


def _mounted(folder: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MOUNT, SMALL_DISK, folder, *argv],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_ingest_onto_a_full_disk_fails_with_a_sentence(full: dict[str, Any]) -> None:
    ((stage, error),) = full["full"]
    assert stage == "failed"
    assert "disk" in error and "is full" in error


def test_what_was_there_before_can_be_searched_while_the_disk_is_full(full: dict[str, Any]) -> None:
    assert full["hit"] == SMALL_TEXT.decode()


def test_ingest_is_completed_once_there_is_space_again(full: dict[str, Any]) -> None:
    assert full["after"] == [["done", ""]]
    assert full["rows"] == full["rows_reopened"] == full["ids"] + 1
    assert full["documents"] == [["long.txt", True], ["small.txt", True]]


def test_record_that_does_not_fit_leaves_the_last_one_whole(full: dict[str, Any]) -> None:
    assert "can't be written: No space left on device" in full["record"]
    assert (full["record_note"], full["records"]) == ("first", 1)


async def _filled(settings: Settings, embedder: Embedder) -> Path:
    """A closed Milvus Lite folder with two documents."""
    store = open_store(settings.target, embedder)
    await Ingest([text_file(SMALL_TEXT, "small.txt"), text_file()], store=store, embedder=embedder).run()
    await store.aclose()
    release_lite(settings.target.uri)
    return Path(settings.target.uri)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "LOCK"
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    data_dir = tmp_path_factory.mktemp("whole")
    return asyncio.run(_filled(Settings.from_env({"OVERLAP_DATA_DIR": str(data_dir)}), embedder))


FILES = ["manifest.json", "schema.json", "*.parquet", "*.idx"]


def _damage(kind: str, path: Path) -> None:
    data = path.read_bytes()
    if kind == "missing":
        path.unlink()
    elif kind == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "garbled":
        path.write_bytes(bytes(byte ^ 0x5A for byte in data))
    else:
        path.write_bytes(b"")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["missing", "truncated", "garbled", "empty"])
def test_damaged_lite_folder_is_a_sentence_and_stays_as_it_is(
    kind: str, name: str, folder: Path, settings: Settings, embedder: Embedder
) -> None:
    damaged = Path(settings.target.uri)
    shutil.copytree(folder, damaged)
    (path,) = damaged.rglob(name)
    _damage(kind, path)
    before = _contents(damaged)

    def use() -> None:
        store = open_store(settings.target, embedder, create=False)
        store.search(embedder.embed_query("How high is the lighthouse?"), 1)

    if (kind, name) == ("missing", "*.idx"):
        use()  # an index is made again from the rows
    else:
        with pytest.raises(StoreError, match=r"can't be opened: it is damaged.*restore a copy"):
            use()
        assert _contents(damaged) == before
    release_lite(settings.target.uri)


DROPPING = """
import os, pathlib, sys
from core.store.lite_recovery import dropping

folder, name, until = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
with dropping(folder, name):
    files = sorted((folder / "collections" / name).rglob("*.json"))
    for file in files[: len(files) if until == "last" else 1]:
        file.unlink()
    os._exit(9)
"""


@pytest.mark.parametrize("until", ["first", "last"])
def test_delete_killed_in_the_middle_is_finished_at_the_next_start(
    until: str, folder: Path, settings: Settings, embedder: Embedder
) -> None:
    lite = Path(settings.target.uri)
    shutil.copytree(folder, lite)
    (kept,) = (lite / "collections").iterdir()
    dropped = lite / "collections" / "overlap_kb_other"
    shutil.copytree(kept, dropped)
    argv = [sys.executable, "-c", DROPPING, str(lite), dropped.name, until]
    assert subprocess.run(argv, cwd=REPOSITORY, check=False).returncode == 9
    store = open_store(settings.target, embedder, create=False)
    assert not dropped.exists()
    assert (store.count(), knowledge_base_names(settings.target)) == (62, [KB])
    release_lite(settings.target.uri)


def test_deleted_knowledge_base_leaves_no_note(folder: Path, settings: Settings, embedder: Embedder) -> None:
    lite = Path(settings.target.uri)
    shutil.copytree(folder, lite)
    open_store(settings.target, embedder, create=False).drop()
    assert knowledge_base_names(settings.target) == []
    assert [path.name for path in (lite / "overlap-drops").iterdir()] == []
    release_lite(settings.target.uri)


def test_undamaged_copy_is_used_whole(folder: Path, settings: Settings, embedder: Embedder) -> None:
    shutil.copytree(folder, settings.target.uri)
    store = open_store(settings.target, embedder, create=False)
    assert (store.count(), len(store.documents())) == (62, 2)
    release_lite(settings.target.uri)

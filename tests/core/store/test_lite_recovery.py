"""A folder of Milvus Lite that lacks something is found out before Milvus Lite opens it and clears away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.store.lite_recovery import damaged_file, dropping, finish_drops

pytestmark = pytest.mark.portable


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection as Milvus Lite keeps it: lists of its files, and the files."""
    folder = tmp_path / "collections" / "kb"
    data = folder / "partitions" / "_default" / "data"
    data.mkdir(parents=True)
    for name in ("1.parquet", "2.parquet"):
        (data / name).touch()
    files = {"data_files": ["data/1.parquet", "data/2.parquet"], "delta_files": []}
    (folder / "manifest.json").write_text(json.dumps({"partitions": {"_default": files}}))
    (folder / "schema.json").write_text("{}")
    return folder


def test_whole_folder_and_one_that_is_not_there_are_well(collection: Path, tmp_path: Path) -> None:
    assert damaged_file(tmp_path) is None
    assert damaged_file(tmp_path / "none") is None


@pytest.mark.parametrize("name", ["manifest.json", "schema.json"])
@pytest.mark.parametrize("content", ["", "{", "[]", None])
def test_list_that_is_damaged_or_gone_is_named(
    name: str, content: str | None, collection: Path, tmp_path: Path
) -> None:
    if content is None:
        (collection / name).unlink()
    else:
        (collection / name).write_text(content)
    assert damaged_file(tmp_path) == collection / name


@pytest.mark.parametrize("kind", ["data_files", "delta_files"])
def test_file_that_is_on_the_list_and_not_there_is_named(kind: str, collection: Path, tmp_path: Path) -> None:
    listing = {"partitions": {"_default": {kind: ["data/1.parquet", "data/3.parquet"]}}}
    (collection / "manifest.json").write_text(json.dumps(listing))
    assert damaged_file(tmp_path) == collection / "partitions/_default/data/3.parquet"


def test_folder_that_was_just_made_has_no_list_yet(tmp_path: Path) -> None:
    new = tmp_path / "collections" / "new"
    new.mkdir(parents=True)
    assert damaged_file(tmp_path) is None
    (new / "manifest.json.prev").write_text("{}")
    assert damaged_file(tmp_path) == new / "manifest.json", "there was a list before"


def test_drop_that_was_killed_is_finished_and_no_other_collection_touched(
    collection: Path, tmp_path: Path
) -> None:
    (tmp_path / "collections" / "other").mkdir()
    lasting = dropping(tmp_path, "kb")
    with lasting:
        (note,) = (tmp_path / "overlap-drops").iterdir()
    assert not note.exists(), "a drop that came to its end leaves no note"
    note.touch()
    (collection / "manifest.json").unlink()
    finish_drops(tmp_path)
    assert damaged_file(tmp_path) is None
    assert [path.name for path in (tmp_path / "collections").iterdir()] == ["other"]
    assert not note.exists()
    finish_drops(tmp_path)


def test_drop_goes_on_where_no_note_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "overlap-drops").write_text("a file where the folder should be")
    with dropping(tmp_path, "kb"):
        pass

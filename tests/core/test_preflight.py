"""Is everything ready? Each check says what to do; all together are in tests/core/cli/test_doctor.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.config.settings import Settings, Target
from core.preflight import _check_data_dir, _check_llm, _check_milvus, _check_python, _summary
from core.store.names import KnowledgeBaseInfo

AWAY = Target(uri="http://127.0.0.1:1")


def test_python_of_today_is_new_enough() -> None:
    check = _check_python()
    assert (check.ok, check.what_to_do) == (True, "")
    assert check.detail.count(".") == 2


def test_data_folder_is_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    check = _check_data_dir(folder)
    assert check.ok is not False and str(folder) in check.detail and "GB free" in check.detail
    assert list(folder.iterdir()) == []


def test_data_folder_that_can_not_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check = _check_data_dir(tmp_path / "file" / "data")
    assert check.ok is False
    assert check.detail.startswith(f"{tmp_path / 'file' / 'data'}: ")
    assert "OVERLAP_DATA_DIR" in check.what_to_do


def test_milvus_that_is_away_is_one_failed_check(settings: Settings) -> None:
    (check,) = _check_milvus(replace(settings, target=AWAY))
    assert (check.name, check.ok, check.detail) == ("Milvus", False, AWAY.label)
    assert "does not answer" in check.what_to_do


def test_knowledge_bases_are_told_with_their_models() -> None:
    found = [
        KnowledgeBaseInfo(name=name, collection=name, model="m", dim=8, num_chunks=2) for name in ("a", "b")
    ]
    assert _summary(found) == "a: 2 chunks, m; b: 2 chunks, m"
    assert _summary([]) == "none yet"


@pytest.mark.parametrize(
    ("environ", "ok", "said"),
    [
        ({}, None, "answers are the best-matching sentences"),
        ({"OPENAI_BASE_URL": "http://localhost:1/v1"}, False, "LLM_MODEL"),
    ],
)
def test_language_model_is_a_note_where_none_is_set_and_asks_for_its_name(
    environ: dict[str, str], ok: bool | None, said: str
) -> None:
    check = _check_llm(Settings.from_env(environ))
    assert check.ok is ok
    assert said in f"{check.detail} {check.what_to_do}"

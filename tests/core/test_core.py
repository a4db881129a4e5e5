"""The face of the library: two names and a version, and an import that costs nothing."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from typing import assert_type

import pytest

import core
from core import KnowledgeBase, Settings
from core.config.settings import Settings as SettingsAtHome
from core.knowledge_base import KnowledgeBase as KnowledgeBaseAtHome
from core.runtime.paths import REPOSITORY
from tests.own_process import output_of


def test_the_face_is_two_classes_and_the_version() -> None:
    assert core.__all__ == ["KnowledgeBase", "Settings", "__version__"]
    assert (KnowledgeBase, Settings) == (KnowledgeBaseAtHome, SettingsAtHome)
    assert set(core.__all__) <= set(dir(core))
    # For mypy, which must not take them for just anything.
    assert_type(Settings.from_env({}), SettingsAtHome)
    assert_type(KnowledgeBase, type[KnowledgeBaseAtHome])


def test_importing_core_imports_nothing_but_parts_of_python() -> None:
    script = (
        "import json, sys; before = set(sys.modules); import core; core.__version__; dir(core);"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    loaded = json.loads(output_of(script))
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"core"}
    assert [name for name in loaded if name.startswith("core.")] == []


def test_a_name_that_is_not_of_the_face_is_refused_like_any_other() -> None:
    with pytest.raises(AttributeError, match="module 'core' has no attribute 'Knowledge'"):
        getattr(core, "Knowledge")  # noqa: B009
    with pytest.raises(ImportError, match="cannot import name 'Knowledge'"):
        exec("from core import Knowledge")


def test_the_version_is_written_in_one_place() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["dynamic"] == ["version"] and "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "core.__version__"}


def test_the_version_is_the_newest_of_the_changelog() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[([^]]+)\]", text, re.MULTILINE)

    assert next(version for version in versions if version != "Unreleased") == core.__version__
    assert versions[-1] == "0.1.0"


def test_the_licence_is_the_one_that_the_project_names() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")

    assert project["license"] == "Apache-2.0" and project["license-files"] == ["LICENSE"]
    assert "Apache License\n" in text and "Copyright 2026 The Overlap authors" in text

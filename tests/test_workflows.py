"""What runs on the project's behalf elsewhere: the commands of the README and of `.ci/run`, and no others."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable

GITHUB = REPOSITORY / ".github"
WORKFLOWS: dict[str, dict[Any, Any]] = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in GITHUB.glob("workflows/*.yml")
}
JOBS: list[dict[str, Any]] = [job for workflow in WORKFLOWS.values() for job in workflow["jobs"].values()]
PORTABLE = " -m portable"


def text_of(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def known_commands() -> list[str]:
    """Each line that a reader is told to run, that .ci/run runs, or with which the Dockerfile begins."""
    blocks = re.findall(r"```(?:sh|powershell)\n(.*?)```", text_of("README.md"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()] + text_of(".ci/run").splitlines()
    return [*lines, text_of("Dockerfile").splitlines()[0].removeprefix("# "), "bash .ci/run"]


def steps(key: str) -> list[str]:
    return [step[key] for job in JOBS for step in job["steps"] if key in step]


@pytest.mark.parametrize("command", steps("run"))
def test_every_step_is_a_command_of_the_readme_or_of_ci(command: str) -> None:
    # A job may take the portable tests alone, or the first parts of a command.
    command = command.removesuffix(PORTABLE)
    known = [line.removesuffix(PORTABLE) for line in known_commands()]

    assert any(line == command or line.startswith(f"{command} && ") for line in known)


def test_style_types_and_everything_run_as_in_ci() -> None:
    style = next(line for line in text_of(".ci/run").splitlines() if "ruff" in line)
    platforms = next(line for line in text_of(".ci/run").splitlines() if "--platform" in line)

    assert {style, platforms, "bash .ci/run"} <= set(steps("run"))


def test_linux_is_tested_with_the_oldest_and_the_newest_python() -> None:
    pythons = {
        python for job in JOBS for python in job.get("strategy", {}).get("matrix", {}).get("python", [])
    }
    oldest, newest = re.findall(r"Python (3\.\d+) to (3\.\d+);", text_of("README.md"))[0]

    assert pythons == {oldest, newest}


def test_unit_tests_run_on_macos_and_windows() -> None:
    portable = [job["runs-on"] for job in JOBS if PORTABLE in str(job["steps"])]

    assert sorted(portable) == ["macos-latest", "windows-latest"]


def test_actions_are_pinned_by_major_version() -> None:
    assert steps("uses")
    assert [action for action in steps("uses") if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []


def test_workflows_may_only_read_and_end_in_time() -> None:
    assert [workflow["permissions"] for workflow in WORKFLOWS.values()] == [{"contents": "read"}]
    assert all(job["timeout-minutes"] <= 90 for job in JOBS)


def test_updates_are_looked_for_where_versions_are_pinned() -> None:
    config = yaml.safe_load(text_of(".github/dependabot.yml"))

    ecosystems = {update["package-ecosystem"] for update in config["updates"]}
    assert ecosystems == {"pip", "github-actions", "docker"}


@pytest.mark.parametrize("name", ["bug", "idea"])
def test_issue_form_asks_something_and_each_field_is_named(name: str) -> None:
    form = yaml.safe_load(text_of(f".github/ISSUE_TEMPLATE/{name}.yml"))
    fields = [part for part in form["body"] if part["type"] != "markdown"]

    assert form["name"] and form["description"] and fields
    assert all(field["id"] and field["attributes"]["label"] for field in fields)


def test_bug_form_asks_for_the_doctors_words() -> None:
    form = yaml.safe_load(text_of(".github/ISSUE_TEMPLATE/bug.yml"))
    doctor = next(part for part in form["body"] if part.get("id") == "doctor")

    assert "python -m core doctor" in doctor["attributes"]["description"]
    assert doctor["validations"]["required"] is True


def test_hooks_before_a_commit_are_what_ci_looks_at() -> None:
    hooks = yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"][0]["hooks"]

    assert " && ".join(hook["entry"] for hook in hooks) in text_of(".ci/run").splitlines()
    assert not any(hook["pass_filenames"] for hook in hooks)

"""In a half-installed environment one sentence says what is missing; bugs of our own stay visible."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from core.runtime.paths import REPOSITORY
from core.runtime.requirements import PACKAGES, MissingPackageError, requirements_met

pytestmark = pytest.mark.slow

# A process that can't import what it is told; then it runs what the command line or Streamlit runs.
RUNNER = """
import runpy, sys

hidden = sys.argv.pop(1).split(",")

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""
CORE = RUNNER + 'runpy.run_module("core", run_name="__main__", alter_sys=True)'
PAGE = (
    RUNNER
    + """
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("app.py", default_timeout=60).run()
app.switch_page(f"pages/{sys.argv[1]}.py").run()
print([error.value for error in app.error], [error.value for error in app.exception])
"""
)


def _run(code: str, hidden: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, hidden, *args]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "args",
    [["doctor"], ["ask", "Anything?"], ["ingest", "README.md"], ["bench"]],
    ids=lambda args: str(args[0]),
)
def test_command_without_pymilvus_is_one_sentence(args: list[str]) -> None:
    done = _run(CORE, "pymilvus", *args)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: The package pymilvus is not installed in {sys.prefix}; "
        "run `pip install -r requirements.txt` in that environment.\n"
    )


def test_nothing_installed_at_all_names_the_first_ones() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n{CORE}",
            "-",
            "doctor",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert (
        f"streamlit, plotly, llama-index-core and {len(PACKAGES) - 3} more are not installed" in done.stderr
    )


@pytest.mark.parametrize("package", ["typer", "pydantic"])
def test_command_line_without_its_parser_is_one_sentence(package: str) -> None:
    done = _run(CORE, package, "read", "README.md")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"error: The package {package} is not installed in ")


def test_package_that_a_package_needs_is_named_too() -> None:
    done = _run(CORE, "grpc", "doctor")
    assert done.returncode == 1
    assert done.stderr.startswith("error: The package grpc is not installed in ")
    assert "Traceback" not in done.stderr


def test_missing_module_of_our_own_stays_a_bug() -> None:
    done = _run(CORE, "core.cli.bench_flags", "doctor")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.rstrip().endswith("ModuleNotFoundError: No module named 'core.cli.bench_flags'")


@pytest.mark.parametrize("name", ["core.nothing", "pages.nothing", "sqlite3", None])
def test_what_pip_can_not_repair_passes_through(name: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), requirements_met():
        raise ModuleNotFoundError("No module", name=name)


@pytest.mark.parametrize("page", ["ask", "documents", "benchmark", "runs", "system"])
def test_page_without_a_package_shows_one_sentence_and_no_error(page: str) -> None:
    done = _run(PAGE, "pymilvus,psutil", page)
    assert done.returncode == 0, done.stderr
    (shown,) = re.findall(r"\['(.*)'\] \[\]", done.stdout)
    assert shown.startswith("The packages pymilvus and psutil are not installed in ")


def test_every_requirement_is_looked_for() -> None:
    lines = (REPOSITORY / "requirements.txt").read_text().splitlines()
    required = {line.partition("==")[0] for line in lines if line and not line.startswith("#")}
    # A bundle of other packages, without a module of its own.
    assert required - {"llama-index"} == set(PACKAGES.values())


def test_all_is_installed_here() -> None:
    with requirements_met():
        pass
    assert issubclass(MissingPackageError, Exception)

"""What CONTRIBUTING.md asks of functions and of tests, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable

MAX_LINES = 40
# Constants, style, and glue to Streamlit, a browser or Milvus: tests of what they are for show what they do.
SEEN_THROUGH_OTHERS = {
    "core/bench/load/own_data.py",
    "core/cli/preloaded.py",
    "core/errors.py",
    "core/runtime/paths.py",
    "core/servers/standalone_launcher.py",
    "pages/components/frame_style.py",
    "pages/components/layout.py",
    "pages/components/screen.py",
    "pages/components/scroll_top.py",
    "pages/components/steady_chart.py",
    "pages/components/while_running.py",
    "pages/state/last_question.py",
    "pages/views/ask/scroll_to_mark.py",
    "pages/views/tour/navigator.py",
}
PRODUCT = [REPOSITORY / "app.py", *REPOSITORY.glob("core/**/*.py"), *REPOSITORY.glob("pages/**/*.py")]


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _num_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Those of its body, a docstring aside."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_are_short() -> None:
    wrong = [
        f"{path.relative_to(REPOSITORY)}: {function.name}"
        for path in PRODUCT
        for function in _functions(path)
        if _num_lines(function) >= MAX_LINES
    ]
    assert wrong == []


def _subjects(folder: Path) -> set[str]:
    """What the tests in a folder can be named after: its modules, the packages in it, and itself."""
    inside = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    return inside | {folder.name}


def test_each_file_of_tests_is_named_after_a_module_or_a_package() -> None:
    """It may say behind that what of it is tested."""
    tests = REPOSITORY / "tests"
    files = [*tests.glob("core/**/test_*.py"), *tests.glob("pages/**/test_*.py")]
    wrong = [
        str(path.relative_to(tests))
        for path in files
        if not any(
            f"{path.stem}_".startswith(f"test_{subject}_")
            for subject in _subjects(REPOSITORY / path.parent.relative_to(tests))
        )
    ]
    assert len(files) > 150
    assert sorted(wrong) == []


def test_module_has_its_tests_at_its_path() -> None:
    modules = [path.relative_to(REPOSITORY) for path in PRODUCT[1:] if not path.stem.startswith("__")]
    without = {
        path.as_posix()
        for path in modules
        for folder in [REPOSITORY / "tests" / path.parent]
        if not [*folder.glob(f"test_{path.stem}.py"), *folder.glob(f"test_{path.stem}_*.py")]
    }
    assert without == SEEN_THROUGH_OTHERS


def test_tests_lie_in_the_folder_of_what_they_test() -> None:
    folders = {
        path.parent.relative_to(REPOSITORY / "tests") for path in REPOSITORY.glob("tests/*/**/test_*.py")
    }
    mirrored = {folder for folder in folders if folder.parts[0] in {"core", "pages"}}
    assert len(mirrored) > 20
    assert [str(folder) for folder in sorted(mirrored) if not (REPOSITORY / folder).is_dir()] == []

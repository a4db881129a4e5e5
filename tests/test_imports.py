"""The direction of imports, as the design draws it, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable


# As docs/architecture.md draws them: a module may import from its own layer and those below it.
LAYERS = [
    ("app",),
    ("pages",),
    ("pages.views",),
    ("pages.components",),
    ("pages.state",),
    ("core.cli", "core.export", "core.__main__"),
    ("core.tour",),
    ("core.charts",),
    ("core.evaluation", "core.hosting", "core.knowledge_base", "core.preflight"),
    ("core.bench",),
    ("core.bench.delay_proxy", "core.bench.load"),
    # A record that is read is compared anew.
    ("core.bench.records.archive", "core.bench.records.codec"),
    ("core.bench.analysis",),
    ("core.bench.records",),
    ("core.answers", "core.bench.plan", "core.knowledge_base_deletion", "core.ingest", "core.projection"),
    ("core.store",),
    ("core.documents", "core.embedding", "core.servers"),
    ("core.config", "core.runtime"),
    ("core", "core.errors"),
]
# It names for type checkers what it fetches from above when that is asked for: see tests/core/test_core.py.
FACE = "core"
ONLY_IN = {
    "streamlit": ("app", "pages"),
    "plotly": ("core.charts", "core.export"),
    "pymilvus": ("core.store",),
    "llama_index.vector_stores": ("core.store",),
}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in [REPOSITORY / "app.py", *REPOSITORY.glob("core/**/*.py"), *REPOSITORY.glob("pages/**/*.py")]:
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        yield (
            ".".join(part for part in parts if part != "__init__"),
            ast.parse(path.read_text(encoding="utf-8")),
        )


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _imported(tree: ast.Module) -> frozenset[str]:
    return frozenset(_imports(tree))


@cache
def _type_only(tree: ast.Module) -> set[str]:
    """What is imported for the type checker alone; it does not exist at run time."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            names |= set(_imports(ast.Module(body=node.body, type_ignores=[])))
    return names


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _layer(module: str) -> int:
    matches = [
        (len(package), number)
        for number, layer in enumerate(LAYERS)
        for package in layer
        if _is_in(module, package)
    ]
    return max(matches)[1]


MODULES = list(_modules())


def test_no_module_imports_from_a_layer_above_it() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, tree in MODULES
        for name in _imported(tree) - (_type_only(tree) if module == FACE else set())
        if name.split(".")[0] in {"core", "pages", "app"} and _layer(name) < _layer(module)
    ]
    assert wrong == []


def test_libraries_are_imported_only_where_they_belong() -> None:
    wrong = [
        f"{library} in {module}"
        for module, tree in MODULES
        for library, places in ONLY_IN.items()
        if any(_is_in(name, library) for name in _imported(tree) - _type_only(tree))
        and not any(_is_in(module, place) for place in places)
    ]
    assert wrong == []


HEAVY = (
    "llama_index",
    "pymilvus",
    "openvino",
    "sentence_transformers",
    "torch",
    "transformers",
    "pandas",
    "plotly",
)


def _at_load(body: list[ast.stmt]) -> Iterator[str]:
    """What is imported when the module is, not later inside a function."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(ast.Module(body=[node], type_ignores=[]))
        elif isinstance(node, ast.Try | ast.With | ast.ClassDef):
            yield from _at_load(node.body)


def test_no_heavy_library_is_imported_when_a_module_is_loaded() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, tree in MODULES
        for name in _at_load(tree.body)
        if any(_is_in(name, library) for library in HEAVY)
    ]
    assert wrong == []


# Modules of Python that Windows does not have.
POSIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}


def test_every_module_can_be_loaded_on_windows() -> None:
    """The tests' too: one that can't be loaded ends the whole run there, whatever was to be run."""
    tests = [
        (path.stem, ast.parse(path.read_text(encoding="utf-8")))
        for path in REPOSITORY.glob("tests/**/*.py")
        if "performance" not in path.parts
    ]
    wrong = [
        f"{module} imports {name}"
        for module, tree in [*MODULES, *tests]
        for name in _at_load(tree.body)
        if name in POSIX_ONLY
    ]
    assert wrong == []


def _page(module: str) -> str:
    """The page that a module belongs to; "" for what several share."""
    parts = module.removeprefix("pages.").removeprefix("views.").split(".")
    is_shared = not _is_in(module, "pages") or parts[0] in {"pages", "components", "state", "views"}
    return "" if is_shared else parts[0]


def test_what_one_page_alone_uses_is_imported_by_no_other_page() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, tree in MODULES
        for name in _imported(tree)
        if _is_in(module, "pages") and _page(name) not in {"", _page(module)}
    ]
    assert wrong == []

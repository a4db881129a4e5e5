"""Parts of one page are drawn together: a key that two of them give is the end of the page."""

from __future__ import annotations

import ast
from collections import defaultdict

from core.runtime.paths import REPOSITORY


def test_each_literal_key_of_a_widget_belongs_to_one_module() -> None:
    modules = defaultdict(set)
    for path in (REPOSITORY / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "key" and isinstance(node.value, ast.Constant):
                modules[node.value.value].add(str(path))
    shared = {key: sorted(names) for key, names in modules.items() if len(names) > 1}
    assert modules["regenerate"] and shared == {}

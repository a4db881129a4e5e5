"""A page that runs its own scripts, as a browser knows them, and no other."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from core.export.page import data_block, self_contained

pytestmark = pytest.mark.portable


def test_each_script_is_allowed_by_its_hash_and_no_other_source_is() -> None:
    scripts = ["first();\r\n", "second();"]
    html = self_contained("T", "p {}", "<p>x</p>", scripts)
    found = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert found == ["first();\n", "second();"], "in their order, with a browser's ends of lines"
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in found]
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert f"script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}';" in policy
    assert policy.startswith("default-src 'none'") and "http" not in policy


def test_title_is_text_and_no_markup() -> None:
    html = self_contained("</title><b>x", "", "", [])
    assert "<title>&lt;/title&gt;&lt;b&gt;x</title>" in html


def test_data_can_end_no_script_and_is_the_same_value() -> None:
    value = {"a": "</script><!-- é"}
    block = data_block(json.dumps(value), 'x"y')
    assert block.count("<") == 2 and 'id="x&quot;y"' in block
    assert json.loads(block.partition(">")[2].rpartition("</")[0]) == value

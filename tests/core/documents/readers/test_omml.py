"""Equations of Word as readable text."""

from __future__ import annotations

import pytest

from tests.documents import (
    word_run,
    word_text,
)

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("math", "text"),
    [
        ("<m:sSup><m:e>{mc}</m:e><m:sup>{2}</m:sup></m:sSup>", "mc²"),
        ("<m:f><m:num>{a+b}</m:num><m:den>{2c}</m:den></m:f>", "(a+b)/2c"),
        ("{5}<m:f><m:num>{1}</m:num><m:den>{2}</m:den></m:f>", "5½"),
        ("<m:rad><m:deg/><m:e>{x+1}</m:e></m:rad>", "√(x+1)"),
        ('<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{i=1}</m:sub><m:sup>{n}</m:sup>'
         "<m:e>{i}</m:e></m:nary>",
         "∑_(i=1)^(n) i"),
        ("<m:m><m:mr><m:e>{a}</m:e><m:e>{b}</m:e></m:mr><m:mr><m:e>{c}</m:e><m:e>{d}</m:e></m:mr></m:m>",
         "[a, b; c, d]"),
    ],
)  # fmt: skip
def test_equations_are_readable(math: str, text: str) -> None:
    runs = math.replace("{", "<m:r><m:t>").replace("}", "</m:t></m:r>")
    body = f"<w:p>{word_run('The energy is ')}<m:oMath>{runs}</m:oMath>{word_run(' as shown.')}</w:p>"
    assert word_text(body) == f"The energy is {text} as shown."

"""Formulas of web pages as readable text."""

from __future__ import annotations

import pytest

from core.documents.readers.html_tree import parse_html
from core.documents.readers.mathml import MAX_DEEP, mathml_text

pytestmark = pytest.mark.portable


def _text(markup: str) -> str:
    (math,) = [node for node in parse_html(f"<math>{markup}</math>").iter() if node.tag == "math"]
    return mathml_text(math)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x²"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", "(a+b)²"),
        ("<msub><mi>x</mi><mi>i</mi></msub>", "x_i"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_i²"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mn>3</mn></munderover>",
            "∑_(i=1)³",
        ),
        ("<mn>5</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "5½"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a+b)/c"),
        ("<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√(x+1)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "³√(x)"),
        ("<mtable><mtr><mtd>a</mtd><mtd>b</mtd></mtr><mtr><mtd>c</mtd></mtr></mtable>", "[a, b; c]"),
        ("<semantics><mrow><mi>x</mi></mrow><annotation>\\x</annotation></semantics>", "x"),
        ("<mi> x </mi>", "x"),
    ],
)
def test_formula_is_written_as_it_is_read(markup: str, text: str) -> None:
    assert _text(markup) == text


def test_formula_of_any_depth_is_read() -> None:
    depth = 30 * MAX_DEEP
    assert _text("<mrow>" * depth + "<mi>x</mi>" + "</mrow>" * depth) == "x"

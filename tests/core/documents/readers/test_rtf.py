"""RTF as it is shown."""

from __future__ import annotations

import pytest

from tests.documents import text_of

pytestmark = pytest.mark.portable


def test_rtf_gives_its_text() -> None:
    data = rb"{\rtf1\ansi\ansicpg1252 M\'fcller \b pays\b0\par 10{\super 6} t\par}"
    assert text_of("a.rtf", data).split("\n\n") == ["Müller pays", "10⁶ t"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rb"a\line b\tab c\emdash d", "a\nb\tc—d"),
        (rb"{\fonttbl{\f1\fcharset204 Arial;}}\f1 \'c4\'ee\'e3", "Дог"),
        (rb"{\fonttbl{\f1\fcharset128 Gothic;}}\f1 \'8c_\'96\'f1", "契約"),
        (rb"5 \u8364\'80 and \uc2\u8364 xx!", "5 € and €!"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"seen{\v hidden}{\deleted gone}{\*\unknown {x}y} end", "seen end"),
        (rb"{\info{\title T}}{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}", "link"),
        (rb"H{\sub 2}O, m{\super 2}", "H2O, m²"),
        (rb"before{\pict\bin4 {{{{ }after", "beforeafter"),
        (rb"{\header Q-4471\par}{\footer Q-4471}Text", "Q-4471\n\nText"),
        (rb"Law{\footnote By \chftn act.}\par Next", "Law[1]\n\n1 By act.\n\nNext"),
        (rb"Fee{\*\atnauthor Ann}{\*\annotation Check}\par", "Fee\n\nNote by Ann: Check"),
        (
            rb"\trowd Town\cell Sales\cell\row\trowd Alby\cell 10\cell\row\pard End",
            "Town: Alby; Sales: 10\n\nEnd",
        ),
    ],
)
def test_rtf_is_read_as_it_is_shown(source: bytes, text: str) -> None:
    assert text_of("a.rtf", b"{\\rtf1\\ansi " + source + b"}") == text

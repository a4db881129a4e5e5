"""Jupyter notebooks."""

from __future__ import annotations

import json

import pytest

from core.documents.models import BlockKind
from core.documents.readers.reader import read_document
from core.errors import CorruptFileError
from tests.documents import kinds, labels, message_of

pytestmark = pytest.mark.portable


def test_notebook_has_text_code_and_output_by_cells() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Fans\n", "Text"]},
        {"cell_type": "code", "source": "print(14)", "outputs": [{"text": ["14\n"]}]},
        {"cell_type": "markdown", "source": "# Next"},
        {"cell_type": "code", "source": "plot()", "outputs": [{"data": {"image/png": "iVBORw0K"}}]},
    ]
    document = read_document("a.ipynb", json.dumps({"cells": cells}).encode())
    assert labels(document) == ["cells 1–2", "cells 3–4"]
    assert document.pages[0].text == "# Fans\n\nText\n\nprint(14)\n\nOutput: 14"
    assert kinds(document.pages[0]) == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.CODE,
        BlockKind.PARAGRAPH,
    ]
    assert document.notes == ("1 embedded picture not read",)


@pytest.mark.parametrize("data", [b"[]", b'{"cells": 5}', b'{"cells": [5]}', b"{", b'"text"'])
def test_notebook_that_is_none_is_refused(data: bytes) -> None:
    assert "can't be read as a notebook" in message_of("a.ipynb", data, CorruptFileError)

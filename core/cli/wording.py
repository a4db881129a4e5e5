"""What an error says to do, in the words of a terminal.

Errors are written once, where they happen, and most people read them in the app, which has an uploader and
pages. A terminal has neither: there a file is named again, and what a page would ask for is a flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_UPLOAD = re.compile(r"\b(u|U)pload(?= (?:it|that|those|them|the|a)\b)")
# What the app says, and what is done about it here. A test finds each of the first in the code.
ELSEWHERE = (
    (
        "Have its text recognised (OCR) here; on the command line add --ocr.",
        "Add --ocr to have its text recognised.",
    ),
    (" to have it done here.", " and add --ocr."),
    (
        "Give the password, or save a copy without one.",
        "Put the password into an environment variable and name that with --password-env, or save a copy "
        "without one.",
    ),
    (
        "Correct OPENAI_API_KEY, or the key on the System page, and retry.",
        "Correct OPENAI_API_KEY and retry.",
    ),
    (
        "Load them on the Ask page, or with --load-samples on the command line;",
        "Add --load-samples to put them in;",
    ),
    (" on the page Knowledge bases, or with python -m core kb", " with python -m core kb"),
    (", on the page Knowledge bases or with python -m core kb", " with python -m core kb"),
    ("Add documents first.", "`python -m core ingest PATH` puts documents in."),
    ("it was deleted, perhaps in another tab.", "it was deleted meanwhile."),
    (
        "Ingest a document first.",
        "`python -m core kb list` shows those that there are, and `python -m core ingest PATH --kb NAME` "
        "makes one.",
    ),
    ("It may have been renamed or deleted.", "`python -m core kb list` shows those that there are."),
)


def in_a_terminal(sentences: str, *, names: Iterable[str] = ()) -> str:
    """The same, saying what to do in a terminal.

    Args:
        sentences: As an error, a note or a remark has them.
        names: Of files that they may name. What is a name stays as it is.
    """
    for said, here in ELSEWHERE:
        sentences = sentences.replace(said, here)
    # Any other name can't be changed by the one word that is looked for.
    kept = sorted({name for name in names if "pload" in name}, key=len, reverse=True)
    if not kept:
        return _upload_as_use(sentences)
    parts = re.split(f"({'|'.join(map(re.escape, kept))})", sentences)
    return "".join(part if part in kept else _upload_as_use(part) for part in parts)


def _upload_as_use(text: str) -> str:
    return _UPLOAD.sub(lambda found: "Use" if found[1] == "U" else "use", text)

"""Who wrote to whom: what a mail begins with, held against a question that asks it by a name."""

from __future__ import annotations

import re

from core.answers.named import name_spans, words_of

_SENDS = re.compile(r"\s+(?:e?-?mail|send|sent|write|wrote|reply|replied|answer)", re.IGNORECASE)
_FROM, _TO = re.compile(r"\b(?:from|by)\s+$", re.IGNORECASE), re.compile(r"\bto\s+$", re.IGNORECASE)
_SENDER, _RECEIVERS = ("from",), ("to", "cc")


def tells_who_wrote(question: str, header: str) -> bool:
    """Whether a mail is from and to those whom an English question names as sender and as receiver.

    Args:
        question: As it was typed.
        header: What the mail begins with, as one line: "From: Ann; To: Ben".
    """
    if not header.startswith("From: ") or "; To: " not in header:
        return False
    senders, receivers = _roles(question)
    fields = _fields(header)
    is_told = _has_all(senders, fields, _SENDER) and _has_all(receivers, fields, _RECEIVERS)
    return is_told and bool(senders or receivers)


def _roles(question: str) -> tuple[list[str], list[str]]:
    """The names of a sender and of a receiver."""
    senders, receivers = [], []
    for start, end in name_spans(question):
        name = question[start:end]
        if _TO.search(question[:start]):
            receivers.append(name)
        elif _FROM.search(question[:start]) or _SENDS.match(question[end:]):
            senders.append(name)
    return senders, receivers


def _fields(header: str) -> dict[str, set[str]]:
    """The words of each field; several receivers may be parted by what parts fields."""
    fields: dict[str, set[str]] = {}
    name = ""
    for part in header.split("; "):
        before, colon, value = part.partition(": ")
        if colon and before.isalpha():
            name, part = before.casefold(), value
        fields.setdefault(name, set()).update(words_of(part))
    return fields


def _has_all(names: list[str], fields: dict[str, set[str]], among: tuple[str, ...]) -> bool:
    own = {word for field in among for word in fields.get(field, ())}
    return all(own.issuperset(words_of(name)) for name in names)

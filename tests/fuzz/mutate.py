"""Changes to an input that go beyond its bytes: inside a ZIP container, and in the structure of JSON."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, ZipFile

# Changes bytes; the result has at most so many.
Mutate = Callable[[bytes, int], bytes]

# Share of inputs whose bytes are changed without regard for what they mean.
RAW_RATIO = 0.25
TOKENS = (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b"]]>", b"\r", b'"', b"-1", b"9" * 20, b"\xed\xa0\x80")
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**64, 10**400, 0.5, -0.0, 1e308, "", "nan", "inf", "1",
    "lite", "\u0661", "<b>x</b>", "=1+1", "x" * 5000, "a\x1b[31m\x00\u202e", "../../x", [], {}, [[]],
    [{}], [1, 1], ["x", ["y"]], {"x": {"y": []}},
)  # fmt: skip


def mutated(data: bytes, size: int, rng: random.Random) -> bytes:
    """One to four random changes, without a fuzzer's knowledge of what they lead to."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 2, 4, 16, 256))
        action = rng.randrange(6)
        if action == 0 and at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
        elif action == 1 and at < len(changed):
            changed[at] = rng.randrange(256)
        elif action == 2:
            del changed[at : at + length]
        elif action == 3:
            changed[at:at] = changed[at : at + length] * rng.choice((1, 2, 50))
        elif action == 4:
            changed[at:at] = rng.choice(TOKENS)
        else:
            del changed[at : None if rng.random() < 0.3 else at + 1]
    return bytes(changed[:size])


def mutated_zip(data: bytes, size: int, rng: random.Random, mutate: Mutate) -> bytes:
    """A container that is whole, with one of its parts changed, renamed, doubled or taken away."""
    parts = unpacked(data)
    if not parts or rng.random() < RAW_RATIO:
        return mutate(data, size)
    name = rng.choice(sorted(parts))
    action = rng.randrange(12)
    if action > 9:
        # Numbers say how many rows, cells and repetitions there are.
        number = str(rng.choice((0, -1, 2**31, 10**12))).encode()
        numbers = list(re.finditer(rb"\d+", parts[name]))
        if numbers:
            start, end = rng.choice(numbers).span()
            parts[name] = parts[name][:start] + number + parts[name][end:]
    elif action == 0:
        parts[rng.choice(["xl/x.xml", "../x", "word/document.xml", "x" * 300])] = parts.pop(name)
    elif action == 1:
        del parts[name]
    elif action == 2:
        parts[name] = parts[rng.choice(sorted(parts))]
    else:
        parts[name] = mutate(parts[name], max(16, size - sum(map(len, parts.values()))))
    packed = pack(parts)
    return packed if len(packed) <= size else mutate(data, size)


def mutated_json(data: bytes, size: int, rng: random.Random, mutate: Mutate) -> bytes:
    """JSON that is whole, with one of its values taken away, doubled or replaced by another one."""
    try:
        root = json.loads(data)
    except (ValueError, RecursionError):
        root = None
    if not isinstance(root, dict | list) or rng.random() < RAW_RATIO / 2:
        return mutate(data, size)
    place, key = rng.choice(_places(root) or [([root], 0)])
    action = rng.randrange(8)
    if action == 0:
        del place[key]
    elif action == 6:
        for _ in range(rng.choice((10, 300, 1000))):
            place[key] = [place[key]]
    elif action == 1:
        place[key] = [place[key], place[key]]
    elif action == 2 and isinstance(place, dict):
        place[str(rng.choice(VALUES))[:40]] = place[key]
    elif action == 3 and isinstance(place[key], str):
        place[key] = mutate(place[key].encode(errors="replace"), 5000).decode(errors="replace")
    else:
        place[key] = rng.choice(VALUES)
    try:
        return json.dumps(root).encode()[:size]
    except RecursionError:
        return mutate(data, size)


def unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of a ZIP container; none where it can't be read."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 2**24:
                return {}
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # whatever a broken container makes zipfile raise
        return {}


def pack(parts: dict[str, bytes]) -> bytes:
    """The parts in a container, not compressed: so a fuzzer sees what it changes."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _places(root: Any) -> list[tuple[Any, Any]]:
    """Every value in nested lists and objects, as its container and its key there."""
    found, stack = [], [root]
    while stack:
        one = stack.pop()
        pairs = enumerate(one) if isinstance(one, list) else one.items()
        for key, value in pairs:
            found.append((one, key))
            if isinstance(value, dict | list):
                stack.append(value)
    return found

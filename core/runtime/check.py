"""What a preflight finds out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One preflight check. ok None means that it does not apply or was not tried."""

    name: str
    ok: bool | None
    detail: str
    what_to_do: str = ""


MIN_FREE_BYTES = 1 << 30


def disk_check(name: str, detail: str, free_bytes: int) -> Check:
    """Whether there is room for documents, records and Milvus Lite where the data folder lies."""
    is_enough = free_bytes >= MIN_FREE_BYTES
    return Check(
        name=name,
        ok=is_enough,
        detail=detail,
        what_to_do="" if is_enough else "Free at least 1 GB, or set OVERLAP_DATA_DIR to a larger disk.",
    )

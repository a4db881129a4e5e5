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

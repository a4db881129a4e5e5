"""What is fuzzed. Each target takes any bytes; whatever it raises is a fault.

Errors of our own, with a sentence for people, are what bad input is meant to lead to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from tests.fuzz.files import READ_SUFFIXES, file_seeds, read_archive, read_file, zip_seeds
from tests.fuzz.flags import (
    flag_seeds,
    form_seeds,
    parse_flags,
    parse_form,
    parse_plan,
    plan_seeds,
    setting_seeds,
    take_settings,
)
from tests.fuzz.runs import draw_record, import_record, record_seeds
from tests.fuzz.wire import relay_script, relay_seeds

Kind = Literal["bytes", "zip", "json"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """run: takes one input and raises when something is wrong. seeds: inputs to start from.

    kind: how inputs are changed besides by their bytes. max_bytes: of one input.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    kind: Kind = "bytes"
    max_bytes: int = 20_000


_ZIPPED = {"docx", "pptx", "xlsx", "xlsb", "epub", "odt", "ods", "odp"}


def _kind_of(suffix: str) -> Kind:
    return "zip" if suffix in _ZIPPED else "json" if suffix in {"json", "ipynb"} else "bytes"


TARGETS: dict[str, Target] = {
    **{
        suffix: Target(
            run=partial(read_file, suffix),
            seeds=partial(file_seeds, suffix),
            kind=_kind_of(suffix),
            max_bytes=200_000 if suffix == "pptx" else 60_000,
        )
        for suffix in READ_SUFFIXES
    },
    "zip": Target(run=read_archive, seeds=zip_seeds, kind="zip", max_bytes=60_000),
    "record": Target(run=import_record, seeds=record_seeds, kind="json", max_bytes=60_000),
    "charts": Target(run=draw_record, seeds=record_seeds, kind="json", max_bytes=60_000),
    "plan": Target(run=parse_plan, seeds=plan_seeds, kind="json"),
    "form": Target(run=parse_form, seeds=form_seeds, kind="json"),
    "flags": Target(run=parse_flags, seeds=flag_seeds),
    "settings": Target(run=take_settings, seeds=setting_seeds, kind="json"),
    "relay": Target(run=relay_script, seeds=relay_seeds, max_bytes=400),
}

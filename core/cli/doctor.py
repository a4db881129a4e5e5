"""``python -m core doctor``: is everything ready?"""

from __future__ import annotations

import dataclasses
import json

from core.cli.exit_codes import EXIT_FAILED, EXIT_OK
from core.cli.options import AsJson
from core.cli.wording import in_a_terminal
from core.config.settings import Settings
from core.runtime.check import Check
from core.runtime.console import plain


def doctor(as_json: AsJson = False) -> int:
    """Check that everything is ready, and say what to do if not."""
    from core.preflight import preflight

    checks: list[Check] = []
    for check in preflight(Settings.from_env()):
        checks.append(check)
        if not as_json:
            _print(check)
    if as_json:
        print(json.dumps([dataclasses.asdict(check) for check in checks], indent=2))
    return EXIT_FAILED if any(check.ok is False for check in checks) else EXIT_OK


def _print(check: Check) -> None:
    mark = {True: "ok  ", False: "FAIL", None: "note"}[check.ok]
    print(f"{mark} {check.name}: {plain(check.detail)}")
    if check.what_to_do:
        print(f"     {plain(in_a_terminal(check.what_to_do))}")

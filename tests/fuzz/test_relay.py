"""The delay relay under any order of sends, ends, delays, freezes and cuts: what goes in comes out.

Each script plays one connection through it and looks for sockets and tasks that are left over; see
tests/fuzz/wire.py. The same runs for hours under tests/fuzz/fuzz.py.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.wire import relay_script, relay_seeds


def test_fixed_scripts_keep_content_order_and_ends() -> None:
    for script in relay_seeds():
        relay_script(script)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(script=st.binary(max_size=60))
def test_any_script_keeps_content_order_and_ends(script: bytes) -> None:
    relay_script(script)

"""Processes of ours: what they are told and say, how they end, and what they said last."""

from __future__ import annotations

import sys

import pytest

from core.config.environ import bare_environ
from core.runtime.child_process import ChildProcess, module_argv

ECHO = """
import json, sys
print("a library's chatter")
for line in sys.stdin.buffer:
    told = json.loads(line)
    data = sys.stdin.buffer.read(told.get("size", 0))
    print(json.dumps({"told": told, "data": data.decode()}), flush=True)
print("the end", file=sys.stderr)
sys.exit(3)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{"ready": true}', flush=True)
while True:
    time.sleep(60)
"""


def child(script: str, *, own_group: bool = False) -> ChildProcess:
    return ChildProcess([sys.executable, "-c", script], env=bare_environ(), own_group=own_group)


def test_messages_go_both_ways_with_the_bytes_that_they_announce() -> None:
    process = child(ECHO)
    messages = process.messages()
    process.send({"size": 5}, b"h\nllo")
    assert next(messages) == {"told": {"size": 5}, "data": "h\nllo"}
    process.send({"n": 1})
    assert next(messages) == {"told": {"n": 1}, "data": ""}
    process.end()


def test_child_that_ends_by_itself_leaves_its_exit_code_and_last_words() -> None:
    process = child(ECHO)
    assert (process.is_alive, process.exit_code) == (True, None)
    process.send_no_more()
    assert list(process.messages()) == []
    assert process.wait(30)
    assert (process.exit_code, process.last_words()) == (3, "the end")
    assert "ended with 3" in repr(process)
    process.end()


def test_child_that_is_gone_takes_no_message() -> None:
    process = child("")
    assert process.wait(30)
    with pytest.raises(OSError, match="Broken pipe"):
        process.send({"n": 1}, b"x" * 1_000_000)
    process.end()
    with pytest.raises(OSError):
        process.send({"n": 1})


@pytest.mark.skipif(sys.platform == "win32", reason="there every child ends at once")
@pytest.mark.parametrize("own_group", [False, True])
def test_child_that_does_not_end_when_asked_is_killed(own_group: bool) -> None:
    process = child(STUBBORN, own_group=own_group)
    assert next(process.messages()) == {"ready": True}
    process.end(grace_s=0.2)
    assert process.exit_code == -9
    process.end()


@pytest.mark.skipif(sys.platform == "win32", reason="there every child ends at once")
def test_child_is_ended_without_waiting_for_it() -> None:
    process = child(STUBBORN)
    assert next(process.messages()) == {"ready": True}
    process.end_soon(grace_s=0.2)
    assert process.wait(30)
    assert process.exit_code == -9
    process.end()


def test_module_of_ours_is_found_wherever_the_app_was_started(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    process = ChildProcess(module_argv("core", "--help"), env=bare_environ())
    assert list(process.messages()) == []
    assert process.wait(60)
    assert process.exit_code == 0, process.last_words()
    process.end()


def test_program_that_is_not_there_is_an_error_at_once() -> None:
    with pytest.raises(OSError):
        ChildProcess(["/no/such/program"], env={})

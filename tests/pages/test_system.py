from __future__ import annotations

import socket
import threading

import pytest

import core
from core.servers.standalone import PORT
from tests.pages.conftest import OpenPage, texts


def test_system_shows_target_models_and_checks(open_page: OpenPage) -> None:
    page = open_page("system")
    assert not page.exception
    shown = texts(page).replace("\\", "")
    for expected in (
        f"Overlap** · {core.__version__}",
        "milvus_lite-",
        "384 dimensions",
        "none set: answers",
        "Data folder",
    ):
        assert expected in shown
    assert not page.error


def test_system_never_shows_a_secret(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("MILVUS_TOKEN", "root:hunter2")
    page = open_page("system")
    everything = texts(page) + str([table.value for table in page.table])
    assert "secret" not in everything and "hunter2" not in everything
    assert "(OpenAI)" in everything.replace("\\", "")


def test_system_says_what_to_do_when_milvus_does_not_answer(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:1")
    page = open_page("system")
    assert not page.exception
    assert "does not answer" in page.error[0].value
    assert "Not known while Milvus does not answer." in texts(page)


def test_real_milvus_is_offered_and_a_failed_start_is_a_sentence(open_page: OpenPage) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", PORT))
        taken.listen()
        page = open_page("system")
        page.button(key="milvus_start").click().run()
        for thread in threading.enumerate():
            if thread.name == "local-milvus":
                thread.join()
        page.run()
    assert f"port {PORT}" in page.error[0].value or "Linux" in page.error[0].value
    assert page.button(key="milvus_start")

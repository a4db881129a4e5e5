from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from core.answers.local_models import MAX_BYTES, ModelServer, find_local_servers
from tests.openai_server import MODELS, OpenAIServer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_of(server: OpenAIServer) -> int:
    return int(server.base_url.rsplit(":", 1)[1].split("/")[0])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Somebody listens there and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


async def test_server_is_found_with_its_models(openai_server: OpenAIServer) -> None:
    found = await find_local_servers({"Ollama": port_of(openai_server), "vLLM": free_port()})
    assert found == [
        ModelServer(program="Ollama", base_url=openai_server.base_url, models=tuple(sorted(MODELS)))
    ]


async def test_nothing_is_found_where_nobody_listens() -> None:
    assert await find_local_servers({"Ollama": free_port(), "vLLM": free_port()}) == []


async def test_silent_ports_are_waited_for_together_and_not_for_long(
    openai_server: OpenAIServer, silent_port: int
) -> None:
    since_s = time.monotonic()
    ports = {"LM Studio": silent_port, "vLLM": silent_port, "Ollama": port_of(openai_server)}
    found = await find_local_servers(ports, timeout_s=0.8)
    assert [server.program for server in found] == ["Ollama"]
    assert time.monotonic() - since_s < 1.6  # one after the other it would be 1.6 at the least


async def test_models_that_only_embed_come_last(openai_server: OpenAIServer) -> None:
    names = ["nomic-embed-text", "phi4", "llama3.2"]
    openai_server.told["/v1/models"] = {"data": [{"id": name} for name in names]}
    (server,) = await find_local_servers({"Ollama": port_of(openai_server)})
    assert server.models == ("llama3.2", "phi4", "nomic-embed-text")


async def test_server_that_wants_a_key_is_found_without_its_models(openai_server: OpenAIServer) -> None:
    openai_server.behaviour = "401"
    (server,) = await find_local_servers({"vLLM": port_of(openai_server)})
    assert server.needs_key and server.models == ()


@pytest.mark.parametrize(
    "told",
    [
        {"error": "no"},
        {"data": "none"},
        [1, 2],
        "<html>a page</html>",
        {"data": [{"id": "x" * (MAX_BYTES + 1)}]},
    ],
)
async def test_what_is_no_list_of_models_is_no_server(openai_server: OpenAIServer, told: object) -> None:
    openai_server.told["/v1/models"] = told
    assert await find_local_servers({"llama.cpp": port_of(openai_server)}) == []


async def test_names_that_are_no_texts_are_left_out(openai_server: OpenAIServer) -> None:
    openai_server.told["/v1/models"] = {"data": [{"id": 7}, {"id": "phi4"}, "x", {}]}
    (server,) = await find_local_servers({"llama.cpp": port_of(openai_server)})
    assert server.models == ("phi4",)


@pytest.mark.parametrize("status", ["404", "500"])
async def test_failing_program_is_no_server(openai_server: OpenAIServer, status: str) -> None:
    openai_server.behaviour = "404" if status == "404" else "500"
    assert await find_local_servers({"LM Studio": port_of(openai_server)}) == []

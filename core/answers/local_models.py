"""Language models on this machine: which programs serve some, looked for when somebody asks for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

# Where these programs answer when they are started as their manuals say.
PORTS = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
# A program on the same machine answers in milliseconds; one that is loading a model takes longer.
TIMEOUT_S = 1.5
# A list of models is short. Something else may listen at such a port, and send without end.
MAX_BYTES = 1_000_000
MAX_MODELS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelServer:
    """A program that serves language models.

    Attributes:
        models: Their names, those that only embed at the end.
        needs_key: It answers nobody without an API key, so its models are not known.
    """

    program: str
    base_url: str
    models: tuple[str, ...]
    needs_key: bool = False


async def find_local_servers(
    ports: Mapping[str, int] = PORTS, *, timeout_s: float = TIMEOUT_S
) -> list[ModelServer]:
    """The programs of `ports` that answer on this machine, all asked at once, each for `timeout_s` at most.

    Raises nothing: what does not answer as such a program would is not one.
    """
    import httpx

    # Neither a proxy of the environment nor a redirect may lead away from this machine.
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=timeout_s) as client:
        found = await asyncio.gather(
            *(_look(client, program, port, timeout_s) for program, port in ports.items())
        )
    return [server for server in found if server is not None]


async def _look(client: httpx.AsyncClient, program: str, port: int, timeout_s: float) -> ModelServer | None:
    import httpx

    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        async with (
            asyncio.timeout(timeout_s),
            client.stream("GET", f"{base_url}/models") as response,
        ):
            if response.status_code in {401, 403}:
                return ModelServer(program=program, base_url=base_url, models=(), needs_key=True)
            if response.status_code != 200:
                return None
            models = _models(json.loads(await _body(response)))
    except (httpx.HTTPError, TimeoutError, ValueError, OSError):
        return None
    return None if models is None else ModelServer(program=program, base_url=base_url, models=models)


async def _body(response: httpx.Response) -> bytes:
    """The response's bytes.

    Raises:
        ValueError: When there are more than `MAX_BYTES`, so it can't be a list of models.
    """
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BYTES:
            raise ValueError("too long for a list of models")
    return body


def _models(value: Any) -> tuple[str, ...] | None:
    rows = value.get("data") if isinstance(value, Mapping) else None
    if not isinstance(rows, list):
        return None
    names = {row["id"] for row in rows if isinstance(row, Mapping) and isinstance(row.get("id"), str)}
    return tuple(sorted(names, key=lambda name: ("embed" in name.lower(), name)))[:MAX_MODELS]

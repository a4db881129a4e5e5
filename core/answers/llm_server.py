"""What a language model's server tells about itself: where its API is, and how much a model reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.answers.llm_errors import NoApiError, reason_of
from core.config.settings import Settings

if TYPE_CHECKING:
    import httpx

PROBE_TIMEOUT_S = 3.0
API_PATH = "/v1"
_WINDOW_KEYS = ("loaded_context_length", "max_model_len", "n_ctx", "context_length", "context_window")
# Addresses that were found to be those of an API, by what was typed.
_found: dict[str, str] = {}


def with_api_path(settings: Settings) -> Settings:
    """The settings with the address of the server's API where only that of the server was named.

    Asks the server, within `PROBE_TIMEOUT_S`, when the address has no path; blocks.
    """
    typed = settings.openai_base_url
    if typed is None or urlsplit(typed).path.strip("/"):
        return settings
    if typed not in _found and _is_api(f"{typed.rstrip('/')}{API_PATH}", settings.openai_api_key.value):
        _found[typed] = f"{typed.rstrip('/')}{API_PATH}"
    return replace(settings, openai_base_url=_found.get(typed, typed))


def _is_api(base_url: str, key: str) -> bool:
    import httpx

    try:
        headers = {"Authorization": f"Bearer {key or 'none'}"}
        response = httpx.get(f"{base_url}/models", headers=headers, timeout=PROBE_TIMEOUT_S)
        value = response.json()
    except (httpx.HTTPError, ValueError, OSError):
        return False
    if response.status_code in {401, 403}:
        return True
    return isinstance(value, Mapping) and isinstance(value.get("data"), list)


async def refuse_pages(response: httpx.Response) -> None:
    """Refuse a response whose status is 200 although it is a web page, or an error of another protocol.

    The client would take such a response for an answer without words.

    Raises:
        NoApiError: When it is one of these.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != 200 or kind not in {"text/html", "application/json"}:
        return
    if kind == "text/html":
        raise NoApiError("it sent a web page")
    await response.aread()
    try:
        value = response.json()
    except ValueError:
        return
    if isinstance(value, Mapping) and value.get("error") and not value.get("choices"):
        raise NoApiError(reason_of(value) or "it sent an error")


def window_urls(api_base: str) -> tuple[str, ...]:
    """Where servers tell how much a model reads: vLLM and hosts; llama.cpp; Ollama; LM Studio."""
    root = api_base.rstrip("/").removesuffix(API_PATH)
    return (
        f"{api_base.rstrip('/')}/models",
        f"{root}/props",
        f"{root}/api/ps",
        f"{root}/api/v0/models",
    )


def window_in(value: Any, model: str) -> int | None:
    """How many tokens `model` reads, where the answer of a server tells it."""
    if not isinstance(value, Mapping):
        return None
    rows = value.get("data") or value.get("models") or [value]
    rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    named = [row for row in rows if model in {row.get("id"), row.get("name"), row.get("model")}]
    for row in named or rows[: len(rows) == 1]:
        nested = row.get("default_generation_settings")
        for fields in (row, nested if isinstance(nested, Mapping) else {}):
            for key in _WINDOW_KEYS:
                if isinstance(number := fields.get(key), int) and number > 0:
                    return number
    return None

"""Which language model answers, and its server's errors as sentences."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from core.config import Settings
from core.errors import (
    ConfigError,
    LLMAuthError,
    LLMError,
    LLMRateLimitError,
    LLMStreamCutError,
    LLMTimeoutError,
    LLMUnavailableError,
)
from core.logs import kinds

if TYPE_CHECKING:
    import ssl

    import httpx
    import openai
    from llama_index.core.llms import LLM, ChatResponse

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "gpt-4o-mini"
# Time without any byte from the server; a local model may take long to load.
TIMEOUT_S = 60.0
LIST_TIMEOUT_S = 10.0
MAX_RETRY_AFTER_S = 3600
# What an unknown model is assumed to read: five passages of 256 tokens fit many times over.
CONTEXT_TOKENS = 8192


@dataclass(frozen=True, kw_only=True, slots=True)
class LLMLimits:
    """What is waited for and taken from a language model.

    silence_s: without any byte. total_s: for one answer, however steadily it comes.
    chars: of one answer; the longest sensible one is far shorter.
    """

    silence_s: float = TIMEOUT_S
    total_s: float = 300.0
    chars: int = 40_000


LIMITS = LLMLimits()


def llm_label(settings: Settings) -> str | None:
    """What answers, for people: "gpt-4o-mini (OpenAI)"; None when answers are extractive."""
    if settings.openai_base_url and settings.is_shared:
        return settings.llm_model or "a language model"  # strangers are not told where it is
    if settings.openai_base_url:
        return f"{settings.llm_model or 'no model named'} ({settings.openai_base_url})"
    if settings.openai_api_key:
        return f"{settings.llm_model or DEFAULT_MODEL} (OpenAI)"
    return None


@asynccontextmanager
async def opened_llm(settings: Settings | None) -> AsyncIterator[LLM | None]:
    """`build_llm` for one answer: its connections are closed at the end, also when that is a Stop.

    settings: None gives None, for an extractive answer.
    Nothing of it blocks the loop: the first import of its client takes a second, and a client of its own
    would read the trusted certificates for every answer, which takes tens of milliseconds.
    """
    if settings is None or llm_label(settings) is None:
        yield None
        return
    async with await asyncio.to_thread(_http_client) as http_client:
        yield await asyncio.to_thread(build_llm, settings, http_client=http_client)


def _http_client() -> httpx.AsyncClient:
    import openai

    return openai.DefaultAsyncHttpxClient(verify=_trusted_certificates())


@cache
def _trusted_certificates() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def build_llm(
    settings: Settings, limits: LLMLimits = LIMITS, *, http_client: httpx.AsyncClient | None = None
) -> LLM | None:
    """The language model that the settings name, or None when answers are extractive.

    http_client: what it asks through; one of its own when not given.
    Makes no network call. Raises ConfigError when a server is named but no model.
    """
    if llm_label(settings) is None:
        return None
    if settings.openai_base_url and not settings.llm_model:
        raise ConfigError(
            "OPENAI_BASE_URL names a server, but LLM_MODEL is not set. "
            "Set LLM_MODEL to one of that server's models, such as llama3.2."
        )
    options: dict[str, Any] = {}
    if settings.openai_base_url:
        options["api_base"] = settings.openai_base_url
    return _checked_class(limits)(
        model=settings.llm_model or DEFAULT_MODEL,
        # Local servers want no key, but the client refuses to start without one.
        api_key=settings.openai_api_key.value or "none",
        is_chat_model=True,
        context_window=CONTEXT_TOKENS,
        # Retries of two libraries multiply to minutes; a person presses Retry.
        max_retries=0,
        timeout=limits.silence_s,
        async_http_client=http_client,
        **options,
    )


def list_models(settings: Settings) -> list[str]:
    """The names of the models that the configured server has, sorted.

    Asks the server, within `LIST_TIMEOUT_S`; blocks. Raises LLMError with a sentence.
    """
    import openai

    server = "of this app" if settings.is_shared else settings.openai_base_url or "OpenAI"
    client = openai.OpenAI(
        api_key=settings.openai_api_key.value or "none",
        base_url=settings.openai_base_url,
        timeout=LIST_TIMEOUT_S,
        max_retries=0,
    )
    with llm_errors(f"The server {server}"), client:
        return sorted(model.id for model in client.models.list())


# Made once: to make a model's class takes milliseconds, and each question's would be garbage.
@cache
def _checked_class(limits: LLMLimits) -> type[LLM]:
    from llama_index.llms.openai_like import OpenAILike

    class CheckedOpenAILike(OpenAILike):
        """An OpenAI-compatible model that notices a stream cut before its end, and ends an endless one.

        The client takes a closed connection for the end of the answer; only a finish reason proves it.
        """

        async def achat(self, messages: Any, **kwargs: Any) -> ChatResponse:
            with _nonsense():
                async with asyncio.timeout(limits.total_s):
                    return await super().achat(messages, **kwargs)

        async def astream_chat(self, messages: Any, **kwargs: Any) -> AsyncGenerator[ChatResponse, None]:
            with _nonsense():
                return _checked(await super().astream_chat(messages, **kwargs), limits)

    return CheckedOpenAILike


async def _checked(
    responses: AsyncGenerator[ChatResponse, None], limits: LLMLimits
) -> AsyncGenerator[ChatResponse, None]:
    until_s = asyncio.get_running_loop().time() + limits.total_s
    is_finished, num_chars = False, 0
    async with aclosing(responses):
        while (response := await _next(responses, until_s, limits)) is not None:
            choices = getattr(response.raw, "choices", None) or []
            is_finished = is_finished or any(choice.finish_reason for choice in choices)
            num_chars += len(response.delta or "")
            yield response
            if num_chars > limits.chars:
                await _break_off(responses)
                raise _endless(f"{limits.chars:,} characters")
    if not is_finished:
        raise LLMStreamCutError(
            "The language model's server ended the answer too early; what came is kept. Retry."
        )


async def _next(
    responses: AsyncGenerator[ChatResponse, None], until_s: float, limits: LLMLimits
) -> ChatResponse | None:
    try:
        with _nonsense():
            async with asyncio.timeout_at(until_s):
                return await anext(responses, None)
    except TimeoutError as exc:
        raise _endless(f"{limits.total_s:g} s") from exc


async def _break_off(responses: AsyncGenerator[ChatResponse, None]) -> None:
    """Close the connection, which closing the generator alone would leave to the garbage collector."""
    with suppress(TimeoutError, LLMError), _nonsense():
        async with asyncio.timeout(0):
            while await anext(responses, None) is not None:
                pass


@contextmanager
def _nonsense() -> Iterator[None]:
    """What the client stumbles over when a server sends something of another form than an answer's."""
    try:
        yield
    except (AttributeError, TypeError, LookupError, ValueError) as exc:
        raise LLMError(
            "The language model's server sent something that is no answer. Retry, or check its server."
        ) from exc


def _endless(limit: str) -> LLMStreamCutError:
    return LLMStreamCutError(f"The answer did not end within {limit} and was cut; what came is kept. Retry.")


@contextmanager
def llm_errors(label: str) -> Iterator[None]:
    """`_mapped`, and a line for who runs the app."""
    try:
        with _mapped(label):
            yield
    except LLMError as exc:
        logger.warning("Language model: %s", kinds(exc))
        raise


@contextmanager
def _mapped(label: str) -> Iterator[None]:
    """Turn what the OpenAI client raises into our errors. label: of the model, for the sentence."""
    import httpx
    import openai

    try:
        yield
    except openai.AuthenticationError as exc:
        raise LLMAuthError(
            f"{label} refused the API key. Correct OPENAI_API_KEY, or the key on the System page, and retry."
        ) from exc
    except openai.PermissionDeniedError as exc:
        raise LLMAuthError(
            f"{label} does not allow this key to use the model. Check LLM_MODEL and the key."
        ) from exc
    except openai.RateLimitError as exc:
        raise LLMRateLimitError(
            f"{label} is out of quota or asks to slow down. Wait {_wait_of(exc)} and retry."
        ) from exc
    except openai.NotFoundError as exc:
        raise LLMError(f"{label} is not known to its server. Correct LLM_MODEL or OPENAI_BASE_URL.") from exc
    except (openai.APITimeoutError, httpx.TimeoutException, TimeoutError) as exc:
        raise LLMTimeoutError(f"{label} did not answer in time. Retry, or check its server.") from exc
    except openai.APIStatusError as exc:
        raise LLMUnavailableError(
            f"{label} failed with status {exc.status_code}. Retry in a moment."
        ) from exc
    except httpx.RemoteProtocolError as exc:
        raise LLMStreamCutError(
            f"{label} closed the connection in the middle of the answer; what came is kept. Retry."
        ) from exc
    except (openai.APIConnectionError, httpx.TransportError) as exc:
        raise LLMUnavailableError(
            f"{label} can't be reached. Start its server or correct OPENAI_BASE_URL."
        ) from exc
    except (openai.APIError, json.JSONDecodeError) as exc:
        raise LLMError(f"{label} sent something that is no answer. Retry, or check its server.") from exc


def _wait_of(exc: openai.RateLimitError) -> str:
    """How long the server asks to wait, for the sentence. Only whole seconds are read."""
    text = exc.response.headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,6}", text) and 0 < int(text) <= MAX_RETRY_AFTER_S:
        return f"{int(text):,} s"
    return "a moment"

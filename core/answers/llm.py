"""The language model that answers: which it is, what it reads at once, and what watches over its stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from core.answers.llm_errors import llm_errors
from core.answers.llm_server import refuse_pages, window_in, window_urls, with_api_path
from core.answers.reasoning import CLOSE, OPEN
from core.config.settings import Settings
from core.errors import ConfigError, LLMError, LLMStreamCutError

if TYPE_CHECKING:
    import ssl

    import httpx
    from llama_index.core.llms import LLM, ChatResponse

DEFAULT_MODEL = "gpt-4o-mini"
# Time without any byte from the server; a local model may take long to load.
TIMEOUT_S = 60.0
LIST_TIMEOUT_S = 10.0
WINDOW_TIMEOUT_S = 2.0
# What a model is taken to read of which neither its server nor the settings tell: five passages of 512
# tokens fit, with rules and answer.
CONTEXT_TOKENS = 4096

# Why a server ended an answer before the model had, by its finish reason.
CUTS = {
    "length": "it reached the longest output that the model's server allows, or filled what the model reads. "
    "What came is kept. Ask for a part of it, or search for fewer passages.",
    "content_filter": "the server's content filter stopped it. What came is kept. Ask differently.",
    "tool_calls": "the model called a tool, and Overlap has none. Ask differently, or set another model.",
    "error": "the model's server failed in the middle of it. What came is kept. Retry.",
}
CUTS["function_call"] = CUTS["tool_calls"]
RETRIED_CUTS = {"error"}
# What a model is at while it answers.
Phase = Literal["begun", "thinking", "answering"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LLMLimits:
    """What is waited for and taken from a language model.

    Attributes:
        silence_s: Without any byte.
        total_s: For one answer, however steadily it comes.
        chars: Of one answer; the longest sensible one is far shorter.
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

    Nothing of it blocks the loop: the first import of its client takes a second, and a client of its own
    would read the trusted certificates for every answer, which takes tens of milliseconds.

    Args:
        settings: None gives None, for an extractive answer.
    """
    if settings is None or llm_label(settings) is None:
        yield None
        return
    async with await asyncio.to_thread(_http_client) as http_client:
        found = await asyncio.to_thread(with_api_path, settings)
        yield await asyncio.to_thread(build_llm, found, http_client=http_client)


def import_client() -> None:
    """Import what the first answer of a language model would wait for."""
    import openai  # noqa: F401

    _checked_class(LIMITS)


def _http_client() -> httpx.AsyncClient:
    import openai

    return openai.DefaultAsyncHttpxClient(
        verify=_trusted_certificates(), event_hooks={"response": [refuse_pages]}
    )


@cache
def _trusted_certificates() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def build_llm(
    settings: Settings, limits: LLMLimits = LIMITS, *, http_client: httpx.AsyncClient | None = None
) -> LLM | None:
    """The language model that the settings name, or None when answers are extractive.

    Makes no network call.

    Args:
        settings: They name the server, the model, its key and its context window.
        limits: What is waited for and taken from the model, at most.
        http_client: What it asks through; None for a client of its own.

    Raises:
        ConfigError: When a server is named but no model.
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
    window = settings.llm_context_tokens
    if window is None and not settings.openai_base_url:
        window = _openai_window(settings.llm_model or DEFAULT_MODEL)
    return _checked_class(limits)(
        model=settings.llm_model or DEFAULT_MODEL,
        # Local servers want no key, but the client refuses to start without one.
        api_key=settings.openai_api_key.value or "none",
        is_chat_model=True,
        context_window=window or CONTEXT_TOKENS,
        is_window_set=window is not None or not settings.openai_base_url,
        # Retries of two libraries multiply to minutes; a person presses Retry.
        max_retries=0,
        timeout=limits.silence_s,
        async_http_client=http_client or _http_client(),
        **options,
    )


def _openai_window(model: str) -> int | None:
    """How much one of OpenAI's models reads, which OpenAI itself does not tell."""
    from llama_index.llms.openai.utils import openai_modelname_to_contextsize

    with suppress(ValueError):
        return openai_modelname_to_contextsize(model)
    return None


def list_models(settings: Settings) -> list[str]:
    """The names of the models that the configured server has, sorted.

    Asks the server, within `LIST_TIMEOUT_S`; blocks.

    Raises:
        LLMError: With a sentence.
    """
    import openai

    settings = with_api_path(settings)
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

        # Whether somebody said what the model reads.
        is_window_set: bool = False

        async def aask_window(self) -> int:
            """How many tokens the model reads, asked of its server where nobody said it."""
            window: int = self.metadata.context_window
            if not self.is_window_set:
                window = await _asked_window(self) or window
                self.context_window, self.is_window_set = window, True
            return window

        async def achat(self, messages: Any, **kwargs: Any) -> ChatResponse:
            with _nonsense():
                async with asyncio.timeout(limits.total_s):
                    return await super().achat(messages, **kwargs)

        async def astream_chat(self, messages: Any, **kwargs: Any) -> AsyncGenerator[ChatResponse, None]:
            with _nonsense():
                return _checked(await super().astream_chat(messages, **kwargs), limits)

    return CheckedOpenAILike


async def _asked_window(llm: Any) -> int | None:
    import httpx
    import openai

    client = llm._get_aclient()
    for url in window_urls(str(client.base_url)):
        with suppress(openai.OpenAIError, httpx.HTTPError, ValueError, TimeoutError):
            async with asyncio.timeout(WINDOW_TIMEOUT_S):
                response = await client.get(url, cast_to=httpx.Response)
            if tokens := window_in(response.json(), llm.model):
                return tokens
    return None


async def window_of(llm: LLM, needed: int) -> int:
    """How many tokens the model reads; its server is asked only where `needed` is more than is assumed."""
    window = llm.metadata.context_window
    ask = getattr(llm, "aask_window", None)
    return window if needed <= window or ask is None else int(await ask())


async def _checked(
    responses: AsyncGenerator[ChatResponse, None], limits: LLMLimits
) -> AsyncGenerator[ChatResponse, None]:
    until_s = asyncio.get_running_loop().time() + limits.total_s
    phase: Phase = "begun"
    finish_reason, num_chars = None, 0
    async with aclosing(responses):
        while (response := await _next(responses, until_s, limits)) is not None:
            choices = getattr(response.raw, "choices", None) or []
            finish_reason = next(
                (each.finish_reason for each in choices if each.finish_reason), finish_reason
            )
            phase = _tag_reasoning(response, phase)
            num_chars += len(response.delta or "")
            yield response
            if num_chars > limits.chars:
                await _break_off(responses)
                raise _endless(f"{limits.chars:,} characters")
    if finish_reason is None:
        raise LLMStreamCutError(
            "The language model's server ended the answer too early; what came is kept. Retry."
        )
    if reason := CUTS.get(finish_reason):
        raise LLMStreamCutError(f"The answer is cut: {reason}", can_retry=finish_reason in RETRIED_CUTS)


def _tag_reasoning(response: ChatResponse, phase: Phase) -> Phase:
    """Write reasoning that comes beside the answer as other servers do: in the text, between tags.

    What LlamaIndex hands on is text alone. Returns what the model is at; thoughts after the answer's first
    words are left out, for no tag is read there.

    Raises:
        TypeError: When the server sent something else than text.
    """
    thought, words = response.additional_kwargs.get("thinking_delta") or "", response.delta or ""
    if not (isinstance(thought, str) and isinstance(words, str)):
        raise TypeError("text expected")
    text = words
    if phase != "answering" and thought:
        text = (
            f"{OPEN if phase == 'begun' else ''}{thought.replace(CLOSE, '')}{CLOSE if words else ''}{words}"
        )
    elif phase == "thinking" and words:
        text = f"{CLOSE}{words}"
    response.delta = text
    if phase == "answering" or words.strip():
        return "answering"
    return "thinking" if (thought or phase == "thinking") and not words else "begun"


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
    """Turn what the client stumbles over, where a server sends something else than an answer, into LLMError.

    Raises:
        LLMError: When the block raises AttributeError, TypeError, LookupError or ValueError.
    """
    try:
        yield
    except (AttributeError, TypeError, LookupError, ValueError) as exc:
        raise LLMError(
            "The language model's server sent something that is no answer. Retry, or check its server."
        ) from exc


def _endless(limit: str) -> LLMStreamCutError:
    return LLMStreamCutError(f"The answer did not end within {limit} and was cut; what came is kept. Retry.")

"""Which language model answers, and its server's errors as sentences."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
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

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

DEFAULT_MODEL = "gpt-4o-mini"
# Time without any byte from the server; a local model may take long to load.
TIMEOUT_S = 60.0
LIST_TIMEOUT_S = 10.0
# What an unknown model is assumed to read: five passages of 256 tokens fit many times over.
CONTEXT_TOKENS = 8192


def llm_label(settings: Settings) -> str | None:
    """What answers, for people: "gpt-4o-mini (OpenAI)"; None when answers are extractive."""
    if settings.openai_base_url:
        return f"{settings.llm_model or 'no model named'} ({settings.openai_base_url})"
    if settings.openai_api_key:
        return f"{settings.llm_model or DEFAULT_MODEL} (OpenAI)"
    return None


def build_llm(settings: Settings) -> LLM | None:
    """The language model that the settings name, or None when answers are extractive.

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
    return _checked_class()(
        model=settings.llm_model or DEFAULT_MODEL,
        # Local servers want no key, but the client refuses to start without one.
        api_key=settings.openai_api_key.value or "none",
        is_chat_model=True,
        context_window=CONTEXT_TOKENS,
        # Retries of two libraries multiply to minutes; a person presses Retry.
        max_retries=0,
        timeout=TIMEOUT_S,
        **options,
    )


def list_models(settings: Settings) -> list[str]:
    """The names of the models that the configured server has, sorted.

    Asks the server, within `LIST_TIMEOUT_S`; blocks. Raises LLMError with a sentence.
    """
    import openai

    server = settings.openai_base_url or "OpenAI"
    client = openai.OpenAI(
        api_key=settings.openai_api_key.value or "none",
        base_url=settings.openai_base_url,
        timeout=LIST_TIMEOUT_S,
        max_retries=0,
    )
    with llm_errors(f"The server {server}"), client:
        return sorted(model.id for model in client.models.list())


def _checked_class() -> type[LLM]:
    from llama_index.core.llms import ChatResponse
    from llama_index.llms.openai_like import OpenAILike

    class CheckedOpenAILike(OpenAILike):
        """An OpenAI-compatible model that notices a stream cut before its end.

        The client takes a closed connection for the end of the answer; only a finish reason proves it.
        """

        async def astream_chat(self, messages: Any, **kwargs: Any) -> AsyncGenerator[ChatResponse, None]:
            responses = await super().astream_chat(messages, **kwargs)

            async def checked() -> AsyncGenerator[ChatResponse, None]:
                is_finished = False
                async for response in responses:
                    choices = getattr(response.raw, "choices", None) or []
                    is_finished = is_finished or any(choice.finish_reason for choice in choices)
                    yield response
                if not is_finished:
                    raise LLMStreamCutError(
                        "The language model's server ended the answer too early; what came is kept. Retry."
                    )

            return checked()

    return CheckedOpenAILike


@contextmanager
def llm_errors(label: str) -> Iterator[None]:
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
            f"{label} is out of quota or asks to slow down. Wait a moment and retry."
        ) from exc
    except openai.NotFoundError as exc:
        raise LLMError(f"{label} is not known to its server. Correct LLM_MODEL or OPENAI_BASE_URL.") from exc
    except (openai.APITimeoutError, httpx.TimeoutException) as exc:
        raise LLMTimeoutError(
            f"{label} did not answer within {TIMEOUT_S:.0f} s. Retry, or check its server."
        ) from exc
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

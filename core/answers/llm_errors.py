"""What a language model's server says when it fails, as a sentence with what to do."""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import (
    LLMAuthError,
    LLMError,
    LLMRateLimitError,
    LLMStreamCutError,
    LLMTimeoutError,
    LLMUnavailableError,
)
from core.runtime.logs import kinds

if TYPE_CHECKING:
    import httpx
    import openai

logger = logging.getLogger(__name__)

MAX_RETRY_AFTER_S = 3600
MAX_REASON_CHARS = 200
_TAG = re.compile(r"<(style|script)\b.*?</\1>|<[^<>]*>", re.DOTALL | re.IGNORECASE)
# Keys, addresses and paths are nobody's business but the host's.
_SECRET = re.compile(
    r"\b(?:sk|gsk|hf)[-_][\w*-]{3,}|Bearer \S+|[\w*-]{32,}|https?://\S+|\b\d+(?:\.\d+){3}(?::\d+)?|(?<!\w)/\w+/\S+"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """A failure that servers report in many ways.

    Attributes:
        seen: In what the server says, whatever the status.
        statuses: That mean it without a word.
        says: What stands before the server's own reason.
        then: What stands after it.
    """

    seen: str
    says: str
    then: str
    statuses: tuple[int, ...] = ()
    can_retry: bool = False
    error: type[LLMError] = LLMError


_KINDS = (
    _Kind(
        seen=r"context[ _-]?(?:length|size|window)|maximum (?:context|prompt|input)|max_model_len|n_ctx"
        r"|prompt is too long|input is too long|too many tokens|reduce the length",
        says="can't read so much at once",
        then="Search for fewer passages, set LLM_CONTEXT_WINDOW to what it reads, or give it a larger "
        "context at its server, and retry.",
        can_retry=True,
    ),
    _Kind(
        seen=r"content[ _-]?(?:filter|policy|management)|responsible ?ai|content_violation|moderation",
        says="did not answer, by the content filter of its server",
        then="Ask differently.",
    ),
    _Kind(
        seen=r"system[ _-]?(?:role|message|prompt|instruction)s?\b.{0,40}(?:not|n't|unsupported)"
        r"|(?:not|n't|unsupported|unexpected).{0,30}\bsystem\b(?! memory)|roles must alternate"
        r"|developer instruction is not",
        says="takes no system message, and that carries the rules for its answers",
        then="Set another model.",
    ),
    _Kind(
        seen=r"unsupported[ _](?:parameter|value)|unrecognized (?:request )?argument|extra (?:inputs|fields)"
        r"|unknown (?:parameter|field)|does not support (?:the )?(?:'?temperature|stream|parameter)",
        says="does not take what Overlap sends with a question",
        then="Set another model.",
    ),
    _Kind(
        seen=r"out of memory|\boom\b|more (?:system )?memory|insufficient memory|cannot allocate"
        r"|failed to allocate",
        says="is out of memory",
        then="Free some where its server runs, or set a smaller model, and retry.",
        can_retry=True,
        error=LLMUnavailableError,
    ),
    _Kind(
        seen=r"loading model|model is (?:still |currently )?(?:loading|being loaded)|is currently loading"
        r"|warming up",
        says="is still being loaded",
        then="Wait a moment and retry.",
        can_retry=True,
        error=LLMUnavailableError,
    ),
    _Kind(
        seen=r"insufficient[ _](?:quota|balance|credits?|funds)|exceeded your current quota"
        r"|billing (?:hard )?limit|more credits|payment required",
        says="has no credit left at its provider",
        then="Add some there, or set another model.",
        statuses=(402,),
        error=LLMRateLimitError,
    ),
    _Kind(
        seen=r"(?:request|payload|body).{0,20} too large",
        says="takes no request of this size",
        then="Search for fewer passages and retry.",
        statuses=(413,),
        can_retry=True,
    ),
    _Kind(
        seen=r"model_not_found|no such model|model .{0,80}(?:not found|does not exist|is not loaded)",
        says="is not known to its server",
        then="Correct LLM_MODEL or OPENAI_BASE_URL, and retry.",
        statuses=(404,),
        can_retry=True,
    ),
)


class NoApiError(Exception):
    """Something answered that does not speak OpenAI's protocol; the message says what it sent."""


@contextmanager
def llm_errors(label: str) -> Iterator[None]:
    """Turn what the OpenAI client raises into our errors, and log one line for whoever runs the app.

    Args:
        label: What the model is called in the sentence.

    Raises:
        LLMError: When asking the model fails; its subclass tells a timeout, a cut stream and a server that
            can't be reached apart.
    """
    try:
        with _mapped(label):
            yield
    except LLMError as exc:
        logger.warning("Language model: %s", kinds(exc))
        raise


@contextmanager
def _mapped(label: str) -> Iterator[None]:
    """Turn what the OpenAI client raises into our errors.

    Args:
        label: What the model is called in the sentence.

    Raises:
        LLMError: When the server answers with an error, or with something that is no answer.
        LLMTimeoutError: When it does not answer in time.
        LLMStreamCutError: When it closes the connection in the middle of an answer.
        LLMUnavailableError: When it can't be reached.
    """
    import httpx
    import openai

    try:
        yield
    except openai.APIStatusError as exc:
        raise _of_status(exc, label) from exc
    except (openai.APITimeoutError, httpx.TimeoutException, TimeoutError) as exc:
        raise LLMTimeoutError(f"{label} did not answer in time. Retry, or check its server.") from exc
    except httpx.RemoteProtocolError as exc:
        raise LLMStreamCutError(
            f"{label} closed the connection in the middle of the answer; what came is kept. Retry."
        ) from exc
    except (openai.APIConnectionError, httpx.TransportError) as exc:
        if isinstance(exc.__cause__, NoApiError):
            raise LLMError(
                f"At the address of {label} something else answers: {_sentence(str(exc.__cause__))} "
                "Correct OPENAI_BASE_URL; it mostly ends in /v1."
            ) from exc
        raise LLMUnavailableError(f"{label} can't be reached{_unreached(exc)}") from exc
    except (openai.APIError, json.JSONDecodeError) as exc:
        body = getattr(exc, "body", None)
        if known := _known(body, 0, label):
            raise known from exc
        if reason := reason_of(body):
            raise LLMError(f"{label} failed in the middle of the answer: {reason} Retry.") from exc
        raise LLMError(f"{label} sent something that is no answer. Retry, or check its server.") from exc


def _unreached(exc: BaseException | None) -> str:
    """Why there was no connection, where a cause tells it, and what to do."""
    while exc is not None:
        if isinstance(exc, socket.gaierror):
            return ": its address is not found. Check the internet connection, or correct OPENAI_BASE_URL."
        if isinstance(exc, ssl.SSLCertVerificationError):
            return (
                ": its certificate is not trusted here. Check this machine's clock and certificates, "
                "or correct OPENAI_BASE_URL."
            )
        if isinstance(exc, ssl.SSLError):
            return " by https. Where its server speaks http, begin OPENAI_BASE_URL with http://."
        exc = exc.__cause__ or exc.__context__
    return ". Start its server or correct OPENAI_BASE_URL."


def _of_status(exc: openai.APIStatusError, label: str) -> LLMError:
    status, reason = exc.status_code, reason_of(exc.body)
    if status == 401:
        return LLMAuthError(
            f"{label} refused the API key. Correct OPENAI_API_KEY, or the key on the System page, and retry."
        )
    if known := _known(exc.body, status, label):
        return known
    said = f": {reason}" if reason else "."
    if status == 403:
        return LLMAuthError(
            f"{label} does not allow this key to use the model{said} Check LLM_MODEL and the key."
        )
    if status == 429:
        return LLMRateLimitError(
            f"{label} is out of quota or asks to slow down{said} Wait {_wait_of(exc.response)} and retry."
        )
    if status >= 500 or status in {408, 409, 425}:
        return LLMUnavailableError(f"{label} failed with status {status}{said} Retry in a moment.")
    return LLMError(
        f"{label} refused the question with status {status}{said} Set another model, or correct its server.",
        can_retry=False,
    )


def _known(body: object, status: int, label: str) -> LLMError | None:
    """The error of a kind that is told apart by the server's words or by its status."""
    reason, words = reason_of(body), f"{_codes(body)} {_message(body)}"
    # A server that is asked too often speaks of tokens, too.
    kinds = [kind for kind in _KINDS if status != 429 or kind.error is LLMRateLimitError]
    by_words = (kind for kind in kinds if re.search(kind.seen, words, re.IGNORECASE | re.DOTALL))
    by_status = (kind for kind in kinds if status in kind.statuses)
    kind = next(by_words, None) or next(by_status, None)
    if kind is None:
        return None
    said = f": {reason}" if reason else "."
    return kind.error(f"{label} {kind.says}{said} {kind.then}", can_retry=kind.can_retry)


def reason_of(body: object) -> str:
    """The server's own words as one sentence without keys, addresses and paths; "" when it said none."""
    return _sentence(_SECRET.sub("…", _TAG.sub(" ", _message(body))))


def _sentence(text: str) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(text) > MAX_REASON_CHARS:
        return text[:MAX_REASON_CHARS].rsplit(" ", 1)[0] + " …"
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _message(body: object) -> str:
    """The text in any of the forms in which servers send it."""
    if isinstance(body, str):
        return body
    if isinstance(body, Mapping):
        found = (_message(body[key]) for key in ("error", "message", "detail", "msg") if body.get(key))
        return next((text for text in found if text), "")
    return "; ".join(filter(None, map(_message, body[:3]))) if isinstance(body, list) else ""


def _codes(body: object) -> str:
    return " ".join(str(body.get(key)) for key in ("code", "type")) if isinstance(body, Mapping) else ""


def _wait_of(response: httpx.Response) -> str:
    """How long the server asks to wait, for the sentence. Only whole seconds are read."""
    text = response.headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,6}", text) and 0 < int(text) <= MAX_RETRY_AFTER_S:
        return f"{int(text):,} s"
    return "a moment"

"""Every failure that servers of language models report is said with their reason and what to do."""

from __future__ import annotations

from socket import gaierror
from ssl import SSLCertVerificationError

import httpx
import pytest

from core.answers.llm import build_llm
from core.answers.llm_errors import MAX_REASON_CHARS, llm_errors, reason_of
from core.config.settings import Settings
from core.errors import LLMError, LLMUnavailableError
from tests.openai_server import OpenAIServer


async def _error(server: OpenAIServer, status: int, failure: object) -> LLMError:
    server.behaviour, server.failure = str(status), failure  # type: ignore[assignment]
    llm = build_llm(Settings.from_env({"OPENAI_BASE_URL": server.base_url, "LLM_MODEL": "m"}))
    assert llm is not None
    with pytest.raises(LLMError) as caught, llm_errors("The model"):
        await llm.acomplete("How high?")
    return caught.value


OPENAI_CONTEXT = (
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000."
)
CASES: list[tuple[int, object, str, bool]] = [
    (400, {"error": {"message": OPENAI_CONTEXT, "code": "context_length_exceeded"}}, "so much at once", True),
    (400, {"object": "error", "message": OPENAI_CONTEXT, "code": 400}, "so much at once", True),
    (
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size (4096 tokens), try increasing it",
                "type": "exceed_context_size_error",
            }
        },
        "so much at once",
        True,
    ),
    (400, {"error": {"message": "System role not supported"}}, "takes no system message", False),
    (
        400,
        {"message": "Conversation roles must alternate user/assistant/user/assistant/..."},
        "takes no system message",
        False,
    ),
    (
        400,
        {
            "error": {
                "message": "Unsupported value: 'temperature' does not support 0.1",
                "code": "unsupported_value",
            }
        },
        "does not take what Overlap sends",
        False,
    ),
    (
        400,
        {"error": {"message": "The response was filtered", "code": "content_filter"}},
        "content filter",
        False,
    ),
    (402, {"error": {"message": "Insufficient credits", "code": 402}}, "no credit left", False),
    (402, "", "no credit left", False),
    (
        429,
        {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
        "no credit left",
        False,
    ),
    (429, {"message": "Rate limit reached, too many tokens: see https://x/billing"}, "slow down", True),
    (500, {"error": "could not allocate system memory: cannot allocate"}, "out of memory", True),
    (413, "<html><h1>413 Request Entity Too Large</h1></html>", "takes no request of this size", True),
    (500, {"error": "model requires more system memory (5.6 GiB) than is available"}, "out of memory", True),
    (500, {"error": {"message": "CUDA out of memory. Tried to allocate 2 GiB"}}, "out of memory", True),
    (503, {"error": {"code": 503, "message": "Loading model"}}, "still being loaded", True),
    (404, {"error": "model 'm' not found, try pulling it first"}, "not known to its server", True),
    (500, {"detail": "boom"}, "failed with status 500: boom. Retry in a moment.", True),
    (422, {"detail": [{"msg": "Input should be a text"}]}, "status 422: Input should be a text.", False),
    (418, "", "refused the question with status 418.", False),
]


@pytest.mark.parametrize(("status", "failure", "sentence", "can_retry"), CASES)
async def test_failure_is_told_by_its_kind(
    status: int, failure: object, sentence: str, can_retry: bool, openai_server: OpenAIServer
) -> None:
    error = await _error(openai_server, status, failure)
    assert sentence in str(error)
    assert error.can_retry == can_retry
    assert reason_of(failure) in str(error)
    assert "\n" not in str(error) and "<" not in str(error)


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (gaierror(-2, "Name or service not known"), "Check the internet connection"),
        (SSLCertVerificationError(1, "self-signed certificate"), "its certificate is not trusted here"),
        (ConnectionRefusedError(111, "refused"), "Start its server or correct OPENAI_BASE_URL"),
    ],
)
def test_server_that_is_not_reached_is_told_by_why(cause: OSError, sentence: str) -> None:
    """A laptop without internet has no server to start."""
    with pytest.raises(LLMUnavailableError, match=sentence), llm_errors("The model"):
        raise httpx.ConnectError("All connection attempts failed") from cause


async def test_server_that_speaks_http_where_https_is_set_is_told(openai_server: OpenAIServer) -> None:
    https = openai_server.base_url.replace("http://", "https://")
    llm = build_llm(Settings.from_env({"OPENAI_BASE_URL": https, "LLM_MODEL": "m"}))
    assert llm is not None
    with pytest.raises(LLMUnavailableError, match="begin OPENAI_BASE_URL with http://"), llm_errors("It"):
        await llm.acomplete("How high?")


def test_reason_has_no_key_no_address_no_path_and_no_end() -> None:
    said = (
        "Key sk-abcdef123 at https://u:p@10.0.0.7:8000/v1 in /srv/models/x\x1b[1m\n10.0.0.8:9 " + "word " * 99
    )
    reason = reason_of({"error": {"message": said}})
    for secret in ("sk-abc", "u:p", "10.0", "/srv", "\x1b", "\n"):
        assert secret not in reason
    assert len(reason) <= MAX_REASON_CHARS + 2


@pytest.mark.parametrize("body", [None, 7, [], {}, [[]], {"error": None}, {"error": {"message": {"a": 1}}}])
def test_server_that_gives_no_reason_is_given_none(body: object) -> None:
    assert reason_of(body) == ""

from __future__ import annotations

import pytest

from core.config.settings import Settings
from core.hosting.identity import is_secret, new_secret, visitor_of_account, visitor_of_browser

pytestmark = pytest.mark.portable


def test_visitor_is_the_same_for_the_same_secret_and_does_not_hold_it() -> None:
    secret = new_secret()
    visitor = visitor_of_browser(secret)
    assert visitor == visitor_of_browser(secret)
    assert visitor not in secret and secret[:8] not in visitor
    assert Settings.from_env({}).for_visitor(visitor).visitor == visitor


def test_visitors_differ() -> None:
    assert len({visitor_of_browser(new_secret()) for _ in range(100)}) == 100
    accounts = [("a", "bc"), ("ab", "c"), ("https://one.example", "1"), ("https://two.example", "1")]
    assert len({visitor_of_account(*account) for account in accounts}) == len(accounts)


def test_account_is_no_browser() -> None:
    secret = new_secret()
    assert visitor_of_account("browser", secret) != visitor_of_browser(secret)


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "a" * 32 + "\n", "../" * 8])
def test_text_that_is_no_secret_is_refused(text: str) -> None:
    assert not is_secret(text)
    with pytest.raises(ValueError, match="not a secret"):
        visitor_of_browser(text)

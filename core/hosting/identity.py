"""Who a visitor of a shared app is: an account, or else a secret that only their browser has.

A visitor is named by a hash in every file, collection and key, so that none of these names is a key
to anything: neither the account nor the cookie can be had from it.
"""

from __future__ import annotations

import hashlib
import re
import secrets

COOKIE = "overlap_visitor"
_SECRET = re.compile(r"[0-9a-f]{32}")
_VISITOR_CHARS = 24


def new_secret() -> str:
    """What a browser that comes for the first time gets: 128 random bits."""
    return secrets.token_hex(16)


def is_secret(text: str) -> bool:
    """Whether a cookie's value is one that `new_secret` could have made."""
    return _SECRET.fullmatch(text) is not None


def visitor_of_browser(secret: str) -> str:
    """The visitor whose browser has this secret.

    Raises:
        ValueError: When `secret` has not the form of one.
    """
    if not is_secret(secret):
        raise ValueError("this is not a secret of a browser")
    return _hash("browser", secret)


def visitor_of_account(issuer: str, subject: str) -> str:
    """The visitor who has signed in: `subject` as the provider `issuer` names the account."""
    return _hash("account", issuer, subject)


def _hash(*parts: str) -> str:
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:_VISITOR_CHARS]

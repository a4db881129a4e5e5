"""A self-contained HTML page: opens offline, asks nothing of any network, runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape


def self_contained(title: str, style: str, body: str, scripts: Sequence[str]) -> str:
    """The page's text; it lets the browser run `scripts` and no other, which it knows by their hashes.

    Args:
        title: Plain text, escaped here.
        style: CSS.
        body: HTML whose texts are escaped.
        scripts: JavaScript, in the order in which it runs.
    """
    # A browser reads every line's end as "\n" before it takes the hash.
    scripts = [script.replace("\r", "") for script in scripts]
    allowed = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head>",
            f"<body><main>{body}</main>",
            *(f"<script>{script}</script>" for script in scripts),
            "</body></html>",
        ]
    )


def data_block(text: str, element_id: str) -> str:
    """JSON for a page's script. Only "<" could end the element."""
    safe = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{escape(element_id)}">{safe}</script>'


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

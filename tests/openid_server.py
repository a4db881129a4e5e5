"""A small real OpenID provider: discovery, keys, authorization code with PKCE, tokens signed with RS256."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "overlap", "marker-client-secret"


class OpenIDServer:
    """Signs everybody in as `account` without asking.

    account: the subject of the next sign-in. key: signs the tokens; another one than is published makes
        tokens that must not be believed. problems: what a client did wrong, as sentences.
    """

    def __init__(self) -> None:
        self.account = "ann"
        self.problems: list[str] = []
        self.published = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
        self.key = self.published
        self._codes: dict[str, dict[str, str]] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def secrets_toml(self) -> str:
        """What the host of an app writes into .streamlit/secrets.toml."""
        return (
            '[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            'cookie_secret = "marker-cookie-secret-of-enough-length"\n'
            f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\n'
            f'server_metadata_url = "{self.issuer}/.well-known/openid-configuration"\n'
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/authorize":
                    server._authorize(self, _flat(parts.query))
                elif parts.path == "/jwks":
                    key = server.published.as_dict(private=False)
                    _send(self, 200, {"keys": [key]})
                else:
                    _send(self, 200, server._metadata())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                server._token(self, _flat(body))

            def log_message(self, *args: Any) -> None:
                return

        return Handler

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "email", "profile"],
        }

    def _authorize(self, handler: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        for name in ("state", "nonce", "code_challenge", "redirect_uri"):
            if not asked.get(name):
                self.problems.append(f"authorize came without {name}")
        if asked.get("client_id") != CLIENT_ID:
            self.problems.append("authorize came from another client")
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "sub": self.account}
        handler.send_response(302)
        answer = urlencode({"code": code, "state": asked.get("state", "")})
        handler.send_header("Location", f"{asked['redirect_uri']}?{answer}")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _token(self, handler: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        begun = self._codes.pop(asked.get("code", ""), None)
        if begun is None or not self._is_right(handler, asked, begun):
            self.problems.append("token was asked for wrongly")
            _send(handler, 400, {"error": "invalid_grant"})
            return
        now_s = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": begun["sub"],
            "email": f"{begun['sub']}@example.org",
            "nonce": begun.get("nonce", ""),
            "iat": now_s,
            "exp": now_s + 600,
        }
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        _send(
            handler,
            200,
            {
                "access_token": "marker-access-token",
                "token_type": "Bearer",
                "id_token": token,
                "expires_in": 600,
            },
        )

    def _is_right(
        self, handler: BaseHTTPRequestHandler, asked: dict[str, str], begun: dict[str, str]
    ) -> bool:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        is_client = handler.headers.get("Authorization") == f"Basic {basic}" or (
            asked.get("client_secret") == CLIENT_SECRET
        )
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = asked.get("redirect_uri") == begun["redirect_uri"]
        return is_client and same and challenge == begun.get("code_challenge")


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query).items()}


def _send(handler: BaseHTTPRequestHandler, status: int, value: dict[str, Any]) -> None:
    body = json.dumps(value).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)

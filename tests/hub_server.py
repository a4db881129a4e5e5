"""A real HTTP server that speaks as much of the Hugging Face hub's protocol as a download needs."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from huggingface_hub import close_session

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer:
    """Serves the files of `folder` as the model `name`.

    requests: "METHOD path" of each request, in order.
    broken_file: its content breaks off half-way, and is refused from then on.
    is_gated: files need a login.
    """

    def __init__(self, folder: Path, name: str = "tests/tiny") -> None:
        self.folder, self.name = folder, name
        self.requests: list[str] = []
        self.broken_file: str | None = None
        self.is_gated = False

        class Handler(_Handler):
            hub = self

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._http.shutdown()
        self._thread.join()
        close_session()  # the client's connections are kept alive, and the server waits for their threads
        self._http.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def files(self) -> dict[str, bytes]:
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}


def file_path(hub: HubServer, file: str) -> str:
    """Where the hub serves `file`."""
    return f"/{hub.name}/resolve/{COMMIT}/{file}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read `requests`."""

    def _serve(self) -> None:
        hub = self.hub
        path = unquote(urlsplit(self.path).path)
        hub.requests.append(f"{self.command} {path}")
        if path == f"/api/models/{hub.name}":
            self._answer_json({"id": hub.name, "sha": COMMIT, "siblings": self._siblings()})
        elif path == f"/api/models/{hub.name}/tree/{COMMIT}":
            self._answer_json(self._tree())
        elif path.startswith(f"/{hub.name}/resolve/{COMMIT}/"):
            self._answer_file(path.split(f"/{COMMIT}/", 1)[1])
        else:
            self._answer(401, b"", {"X-Error-Message": "Invalid username or password."})

    def _siblings(self) -> list[dict[str, object]]:
        return [{"rfilename": path, "size": len(data)} for path, data in self.hub.files().items()]

    def _tree(self) -> list[dict[str, object]]:
        return [
            {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
            for path, data in self.hub.files().items()
        ]

    def _answer_file(self, path: str) -> None:
        hub = self.hub
        data = hub.files().get(path)
        if hub.is_gated:
            self._answer(403, b"", {"X-Error-Code": "GatedRepo"})
        elif data is None:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
        else:
            headers = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": COMMIT}
            if path == hub.broken_file and self.command == "GET":
                self._break_off(path, data, headers)
            else:
                self._answer(200, data, headers)

    def _break_off(self, path: str, data: bytes, headers: dict[str, str]) -> None:
        self.close_connection = True
        if self.hub.requests.count(f"GET {file_path(self.hub, path)}") > 1:
            self._answer(503, b"", {})
        else:
            self._answer(200, data, headers, num_bytes=len(data) // 2)

    def _answer_json(self, value: object) -> None:
        self._answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str], *, num_bytes: int | None = None
    ) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:num_bytes])

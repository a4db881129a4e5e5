"""Documents from web addresses: a real server on this machine, which only an injected rule lets through."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from core.documents.sources.paths import files_of
from core.documents.sources.web import Fetcher, IPAddress, file_name_of, is_public, web_files
from core.errors import DocumentError, FileTooLargeError

HERE = ipaddress.ip_address("127.0.0.1")
PAGES = {
    "/page": ("text/html; charset=utf-8", b"<p>A page.</p>"),
    "/report.pdf": ("application/pdf", b"%PDF-1.7"),
    "/notes.md": ("text/plain", b"# Notes"),
    "/big": ("text/plain", b"x" * 5000),
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])  # type: ignore[attr-defined]
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to?"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path in PAGES:
            kind, body = PAGES[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.hosts = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _fetcher(**settings: int | float) -> Fetcher:
    """Every name that begins with "docs" is this machine, others are its neighbour; only it is allowed."""

    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host.startswith("docs") else ["127.0.0.2"]

    return Fetcher(resolve=resolve, is_allowed=lambda address: address == HERE, **settings)  # type: ignore[arg-type]


def _url(server: ThreadingHTTPServer, path: str, host: str = "docs.example") -> str:
    return f"http://{host}:{server.server_port}{path}"


@pytest.mark.parametrize(
    ("path", "name"), [("/page", "page.html"), ("/report.pdf", "report.pdf"), ("/notes.md", "notes.md")]
)
def test_document_is_fetched_from_the_checked_address_and_named_by_its_type(
    path: str, name: str, server: ThreadingHTTPServer
) -> None:
    # No resolver knows docs.example: only a connection to the checked address can have come here.
    found = _fetcher().fetch(_url(server, path))
    assert (found.name, found.data) == (name, PAGES[path][1])
    assert server.hosts == [f"docs.example:{server.server_port}"]  # type: ignore[attr-defined]


def test_host_is_looked_up_once_so_that_a_second_answer_leads_nowhere(server: ThreadingHTTPServer) -> None:
    answers = ["127.0.0.1", "127.0.0.2"]

    def resolve(host: str, port: int) -> list[str]:
        return [answers.pop(0)]

    fetcher = Fetcher(resolve=resolve, is_allowed=lambda address: address == HERE)
    assert fetcher.fetch(_url(server, "/page")).data == b"<p>A page.</p>"
    assert answers == ["127.0.0.2"]


def test_redirect_is_followed_and_names_the_document(server: ThreadingHTTPServer) -> None:
    assert _fetcher().fetch(_url(server, "/to?/report.pdf")).name == "report.pdf"


def test_host_with_letters_of_any_script_is_asked_as_browsers_do(server: ThreadingHTTPServer) -> None:
    assert _fetcher().fetch(_url(server, "/page", "docs.münchen.example")).name == "page.html"
    assert server.hosts == [f"docs.xn--mnchen-3ya.example:{server.server_port}"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", ["http://[x/", "http://docs.example:no/"])
def test_redirect_to_what_is_no_address_is_a_sentence(target: str, server: ThreadingHTTPServer) -> None:
    with pytest.raises(DocumentError):
        _fetcher().fetch(_url(server, f"/to?{target}"))


def test_redirect_into_a_private_network_is_refused(server: ThreadingHTTPServer) -> None:
    with pytest.raises(DocumentError, match="leads into a private network"):
        _fetcher().fetch(_url(server, f"/to?{_url(server, '/page', host='inside.example')}"))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://docs.example/a", "gopher://docs.example"])
def test_redirect_to_another_scheme_is_refused(target: str, server: ThreadingHTTPServer) -> None:
    with pytest.raises(DocumentError, match="begins with http"):
        _fetcher().fetch(_url(server, f"/to?{target}"))


def test_endless_redirects_end(server: ThreadingHTTPServer) -> None:
    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    again = _url(server, "/to?")
    url = again
    for _ in range(7):
        url = f"{again}{url}"
    with pytest.raises(DocumentError, match="redirected more than 5 times"):
        Fetcher(resolve=resolve, is_allowed=lambda address: True).fetch(url)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    fetcher = Fetcher(resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(DocumentError, match="leads into a private network"):
        fetcher.fetch("http://mixed.example/")


def test_document_over_the_limit_is_refused(server: ThreadingHTTPServer) -> None:
    with pytest.raises(FileTooLargeError, match="is larger than"):
        _fetcher(max_bytes=4000).fetch(_url(server, "/big"))


DRIPS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
    "a header": (b"HTTP/1.1 200 OK\r\nX-Drip: ", b"1"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "chunk extensions": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "the document": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "nothing": (b"", b""),
}


class _Dripping(BaseRequestHandler):
    def handle(self) -> None:
        begin, drop = DRIPS[self.request.recv(4096).split()[1].decode().strip("/").replace("-", " ")]
        with suppress(ConnectionError):
            self.request.sendall(begin)
            while not self.server.is_over.wait(0.02):  # type: ignore[attr-defined]
                self.request.sendall(drop)


@pytest.mark.parametrize("what", DRIPS)
def test_fetch_ends_in_time_whatever_the_server_drips(what: str) -> None:
    with ThreadingTCPServer(("127.0.0.1", 0), _Dripping) as server:
        server.is_over = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        end = threading.Timer(10, server.is_over.set)  # type: ignore[attr-defined]
        end.start()
        try:
            with pytest.raises(DocumentError, match=r"did not arrive within 0\.5 s"):
                _fetcher(timeout_s=0.5).fetch(
                    f"http://docs.example:{server.server_address[1]}/{what}".replace(" ", "-")
                )
            assert not server.is_over.is_set()  # type: ignore[attr-defined]
        finally:
            end.cancel()
            server.is_over.set()  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()


def test_fetch_ends_in_time_when_a_name_is_looked_up_for_long() -> None:
    is_over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        is_over.wait(10)
        return []

    try:
        with pytest.raises(DocumentError, match=r"did not arrive within 0\.5 s"):
            Fetcher(resolve=resolve, timeout_s=0.5).fetch("http://docs.example/")
    finally:
        is_over.set()


def test_missing_page_says_what_the_server_answered(server: ThreadingHTTPServer) -> None:
    with pytest.raises(DocumentError, match="the server answered 404"):
        _fetcher().fetch(_url(server, "/nothing"))


def test_server_that_is_not_there_is_a_sentence(server: ThreadingHTTPServer) -> None:
    url = _url(server, "/page")
    server.server_close()
    with pytest.raises(DocumentError, match="can't be fetched"):
        _fetcher(timeout_s=5.0).fetch(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(DocumentError, match="leads into a private network"):
        Fetcher(resolve=lambda host, port: [address]).fetch(f"http://{host}/")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_public_address_is_allowed(address: str) -> None:
    found: IPAddress = ipaddress.ip_address(address)
    assert is_public(found)


@pytest.mark.parametrize("number", ["http://2130706433/", "http://0x7f.1/", "http://localhost/"])
def test_other_spellings_of_this_machine_are_refused(number: str) -> None:
    with pytest.raises(DocumentError, match=r"private network|can't be found"):
        Fetcher().fetch(number)


def test_lines_become_files_of_which_nothing_is_fetched_yet() -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["10.0.0.1"]

    text = "https://a.example/x.pdf\n\n https://a.example/x.pdf \nnot an address\nhttps://me:pw@b.example/"
    files = web_files(text, Fetcher(resolve=resolve))
    assert [file.name for file in files[:1]] == ["x.pdf"]
    assert len(files) == 3
    assert asked == []
    with pytest.raises(DocumentError, match="private network"):
        files[0].read()
    with pytest.raises(DocumentError, match="begins with http"):
        files[1].read()
    with pytest.raises(DocumentError, match="has a user name in it") as refused:
        files[2].read()
    assert "pw" not in str(refused.value) + files[2].name


def test_no_address_is_refused() -> None:
    with pytest.raises(DocumentError, match="There is no address"):
        web_files(" \n ")


@pytest.mark.parametrize(
    ("url", "content_type", "name"),
    [
        ("https://a.example/", "text/html", "a.example.html"),
        ("https://a.example/docs/guide", "text/html; charset=utf-8", "guide.html"),
        ("https://a.example/a.pdf", "application/octet-stream", "a.pdf"),
        ("https://a.example/download?id=7", "application/pdf", "download.pdf"),
        ("https://a.example/data.csv", "text/plain", "data.csv"),
        ("https://a.example/index.php", "text/html", "index.php.html"),
        ("https://a.example/%D7%A9.txt", "text/plain", "ש.txt"),
        ("https://a.example/movie.mp4", "video/mp4", "movie.mp4"),
    ],
)
def test_name_follows_the_address_and_the_type(url: str, content_type: str, name: str) -> None:
    assert file_name_of(url, content_type) == name


def test_menus_and_banners_are_left_out_of_web_pages_unless_somebody_wants_them() -> None:
    (page,), (whole,) = web_files("https://x.org/a"), web_files("https://x.org/a", main_only=False)
    assert (page.main_only, whole.main_only) == (True, False)
    (asked,) = files_of(["https://x.org/a"], whole_pages=True)
    assert not asked.main_only

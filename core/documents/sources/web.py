"""Documents from web addresses, fetched only when somebody asks for it.

A visitor names the addresses, the machine that runs the app fetches them: so it must not reach what only
that machine can reach. A host is looked up once, every address that it has is checked, and the
connection goes to the checked address itself, so that a second look-up can't lead elsewhere. Each
redirect is checked in the same way. Proxies and credentials of the environment are not used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from core.documents.formats import SUPPORTED_SUFFIXES, suffix_of
from core.documents.sources.incoming import IncomingFile, NamedBytes, failing_file, origin_of
from core.errors import DocumentError, FileTooLargeError, UnsupportedFileError
from core.runtime.words import MB, file_size

if TYPE_CHECKING:
    import httpx

IPAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

MAX_URLS = 200
MAX_WEB_BYTES = 50 * MB
MAX_REDIRECTS = 5
CONNECT_TIMEOUT_S = 10.0
FETCH_TIMEOUT_S = 60.0
_REDIRECTS = {301, 302, 303, 307, 308}
_SUFFIX_OF_TYPE = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/markdown": "md",
    "text/csv": "csv",
    "application/json": "json",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/epub+zip": "epub",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/x-ndjson": "jsonl",
    "message/rfc822": "eml",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "application/vnd.ms-word.document.macroenabled.12": "docm",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": "pptm",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsm",
    "text/tab-separated-values": "tsv",
}
# Servers send many things under these; a name that says more is believed.
_VAGUE_TYPES = {"", "application/octet-stream", "text/plain", "binary/octet-stream"}
# Not private by their number, yet served inside of a cloud only, or not to be reached at all.
_REFUSED_NETWORKS = [
    ipaddress.ip_network(network)
    for network in ("168.63.129.16/32", "192.0.0.0/24", "100.64.0.0/10", "fec0::/10", "64:ff9b:1::/48")
]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def system_resolve(host: str, port: int) -> list[str]:
    """All addresses that the system's resolver has for a host.

    Raises:
        OSError: The host's name can't be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: IPAddress) -> bool:
    """Whether an address is one of the public internet, also when it is wrapped into an IPv6 one."""
    inner = _unwrapped(address)
    if inner is not None:
        return is_public(inner)
    if any(address in network for network in _REFUSED_NETWORKS if network.version == address.version):
        return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special


def _unwrapped(address: IPAddress) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    is_compatible = 1 < int(address) < 2**32
    if address in _NAT64 or is_compatible:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetcher:
    """How addresses are fetched.

    Attributes:
        resolve: Host and port to addresses.
        is_allowed: Which addresses may be connected to.
        max_bytes: How large one document may be.
        timeout_s: For one document with all its redirects.
    """

    resolve: Resolve = system_resolve
    is_allowed: Callable[[IPAddress], bool] = is_public
    max_bytes: int = MAX_WEB_BYTES
    timeout_s: float = FETCH_TIMEOUT_S

    def fetch(self, url: str) -> NamedBytes:
        """The document at an http or https address, named by its address and its type. Blocks.

        Raises:
            DocumentError: With the address and what to do.
        """
        import httpx

        try:
            # On a loop of its own, since only there a deadline ends whatever is waited for: a look-up, a
            # handshake, headers or chunks that drip. A limit on each read would begin anew with every byte.
            return asyncio.run(asyncio.wait_for(self._fetch(url), self.timeout_s))
        except (TimeoutError, httpx.TimeoutException) as exc:
            raise self._too_slow(url) from exc
        # ValueError: a redirect to what is no address.
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as exc:
            raise DocumentError(
                f"{_shown(url)} can't be fetched: the server does not answer as it should. "
                "Open it in a browser, save it and upload the file."
            ) from exc

    async def _fetch(self, url: str) -> NamedBytes:
        import httpx

        # trust_env: a proxy from the environment would look hosts up by itself.
        async with httpx.AsyncClient(
            trust_env=False, follow_redirects=False, timeout=CONNECT_TIMEOUT_S
        ) as client:
            for _ in range(MAX_REDIRECTS + 1):
                response = await client.send(await self._request(client, url), stream=True)
                try:
                    if response.status_code not in _REDIRECTS:
                        return await self._document(url, response)
                    url = urljoin(url, response.headers.get("location", ""))
                finally:
                    await response.aclose()
        raise DocumentError(
            f"{_shown(url)} is redirected more than {MAX_REDIRECTS} times. Use its last address."
        )

    async def _request(self, client: httpx.AsyncClient, url: str) -> httpx.Request:
        """A request to the checked address of the URL's host, which still names that host."""
        import httpx

        _, port, is_https = checked_url(url)
        # In letters that may stand in a header: xn--mnchen-3ya.de.
        host = httpx.URL(url).raw_host.decode("ascii")
        address = await self._checked_address(url, host, port)
        parts = urlsplit(url)
        literal = f"[{address}]" if address.version == 6 else str(address)
        target = parts._replace(netloc=f"{literal}:{port}", fragment="").geturl()
        is_usual = port == (443 if is_https else 80)
        named = f"[{host}]" if ":" in host else host
        return client.build_request(
            "GET",
            target,
            headers={
                "Host": named if is_usual else f"{named}:{port}",
                "User-Agent": "Overlap",
                # What is packed could unpack to any size.
                "Accept-Encoding": "identity",
            },
            # The certificate has to be that of the host, not of the number.
            extensions={"sni_hostname": host},
        )

    async def _checked_address(self, url: str, host: str, port: int) -> IPAddress:
        # Not the loop's own threads: it would wait for a look-up that nobody wants any more.
        thread = ThreadPoolExecutor(1)
        try:
            texts = await asyncio.get_running_loop().run_in_executor(thread, self.resolve, host, port)
            found = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
        except (OSError, ValueError, UnicodeError) as exc:
            raise DocumentError(f"{_shown(url)} can't be found. Check the address.") from exc
        finally:
            thread.shutdown(wait=False)
        if not found:
            raise DocumentError(f"{_shown(url)} can't be found. Check the address.")
        # One bad address is enough: who mixes them is up to something.
        if not all(self.is_allowed(address) for address in found):
            raise DocumentError(
                f"{_shown(url)} leads into a private network, which is not fetched from. "
                "Save the document and upload the file."
            )
        return found[0]

    async def _document(self, url: str, response: httpx.Response) -> NamedBytes:
        if response.status_code != 200:
            raise DocumentError(
                f"{_shown(url)} can't be fetched: the server answered {response.status_code}. "
                "Check the address, or upload the file."
            )
        if response.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
            raise UnsupportedFileError(f"{_shown(url)} is sent packed only. Save it and upload the file.")
        claimed = response.headers.get("content-length", "")
        if claimed.isdecimal() and int(claimed) > self.max_bytes:
            raise self._too_large(url)
        data = bytearray()
        async for part in response.aiter_raw():
            data += part
            if len(data) > self.max_bytes:
                raise self._too_large(url)
        return NamedBytes(name=file_name_of(url, response.headers.get("content-type", "")), data=bytes(data))

    def _too_large(self, url: str) -> FileTooLargeError:
        return FileTooLargeError(
            f"{_shown(url)} is larger than {file_size(self.max_bytes)}. "
            "Save it, split it and upload the parts."
        )

    def _too_slow(self, url: str) -> DocumentError:
        return DocumentError(
            f"{_shown(url)} did not arrive within {self.timeout_s:,.3g} s. Try again, or upload the file."
        )


def checked_url(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether it is https.

    Raises:
        DocumentError: When it is no address to fetch, or has a user name or password in it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise DocumentError(f"{_shown(url)} is not a web address. Correct it.") from exc
    if parts.scheme not in {"http", "https"} or not host or not host.isprintable() or " " in url:
        raise DocumentError(
            f"{_shown(url)} is not an address that begins with http:// or https://. Correct it."
        )
    if parts.username is not None or parts.password is not None:
        raise DocumentError(
            f"{_shown(url)} has a user name in it, so it is not fetched. Save the document and upload it."
        )
    is_https = parts.scheme == "https"
    return host, port or (443 if is_https else 80), is_https


def web_files(text: str, fetcher: Fetcher | None = None, *, main_only: bool = True) -> list[IncomingFile]:
    """One file for each address in `text`, one address in a line; fetched when its turn comes.

    Raises:
        DocumentError: When there is none, or more than MAX_URLS.
    """
    urls = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not urls:
        raise DocumentError("There is no address. Write one in each line.")
    if len(urls) > MAX_URLS:
        raise DocumentError(f"These are more than {MAX_URLS} addresses. Add them in several rounds.")
    return [_web_file(url, fetcher or Fetcher(), main_only) for url in urls]


def _web_file(url: str, fetcher: Fetcher, main_only: bool) -> IncomingFile:
    try:
        checked_url(url)
    except DocumentError as exc:
        return failing_file(_shown(url).replace("/", " "), exc)
    return IncomingFile(
        name=file_name_of(url, ""),
        size_bytes=0,
        read=lambda: fetcher.fetch(url),
        main_only=main_only,
        origin=origin_of(url),
    )


def file_name_of(url: str, content_type: str) -> str:
    """A file name for what an address gave: its last part, or the host; with the suffix of its type."""
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parts.path)).name or (parts.hostname or "page")
    suffix = suffix_of(name) if parts.path.strip("/") else ""
    kind = content_type.partition(";")[0].strip().lower()
    if suffix in SUPPORTED_SUFFIXES and (kind in _VAGUE_TYPES or _SUFFIX_OF_TYPE.get(kind) == suffix):
        return name
    wanted = _SUFFIX_OF_TYPE.get(kind)
    if wanted is None:
        return name
    return name if suffix == wanted or (suffix, wanted) == ("htm", "html") else f"{name}.{wanted}"


def _shown(url: str) -> str:
    """The address for a sentence: short, and without a user's name and password."""
    text = "".join(char for char in url if char.isprintable())
    before, at, after = text.partition("@")
    scheme = before.partition("//")[0]
    text = f"{scheme}//{after}" if at and "//" in before and "/" not in before.partition("//")[2] else text
    return text if len(text) <= 100 else f"{text[:97]}…"

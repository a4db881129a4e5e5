"""A visitor without a browser: speaks Streamlit's own protocol over a real websocket.

It does what the page's JavaScript does: it keeps widgets, sends their values with every rerun, uploads
files over HTTP, and repeats fragments as often as the app asks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

MAX_MESSAGE_BYTES = 200_000_000
# Values that hold for one rerun; all others are sent again with every one.
TRIGGERS = ("trigger_value", "chat_input_value")


class StreamlitVisitor:
    """One open page of the app at `address`.

    widgets: elements with an id that the page has shown, by kind, the newest last.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._page = ""
        self._query = ""
        self._page_hash = ""
        self._page_hashes: dict[str, str] = {}
        self._session_id = ""
        self._values: dict[str, WidgetState] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._waiting: list[tuple[Callable[[bytes], bool], asyncio.Future[float]]] = []
        self._finished, self._changed = asyncio.Event(), asyncio.Event()
        self._file_urls: asyncio.Future[Any] | None = None
        self.widgets: dict[str, list[Any]] = {}
        self.exceptions: list[str] = []

    async def __aenter__(self) -> Self:
        host = urlsplit(self._address).netloc
        self._http = httpx.AsyncClient(base_url=self._address, timeout=60)
        await self._http.get("/_stcore/host-config")
        await self._http.get("/_stcore/health")
        self._socket = await websockets.connect(
            f"ws://{host}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=MAX_MESSAGE_BYTES,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._stop_timers()
        self._reader.cancel()
        with suppress(asyncio.CancelledError, websockets.ConnectionClosed):
            await self._reader
        await self._socket.close()
        await self._http.aclose()

    async def open(self, page: str, query: str = "", *, timeout_s: float = 60) -> None:
        """Go to a page ("" is the first one) and wait until it is drawn."""
        self._stop_timers()
        # Once the navigation is known, a link is followed by its hash; the server forgets the names.
        self._page, self._query, self._page_hash = page, query, self._page_hashes.get(page, "")
        self.widgets.clear()
        self._values.clear()
        await self.rerun(timeout_s=timeout_s)

    async def rerun(self, *changed: WidgetState, timeout_s: float = 60) -> None:
        """Send changed widgets and wait until the page's script has ended."""
        self._finished.clear()
        await self.send(*changed)
        async with asyncio.timeout(timeout_s):
            await self._finished.wait()

    async def send(self, *changed: WidgetState, fragment_id: str = "") -> None:
        """Send changed widgets without waiting."""
        state = ClientState(
            query_string=self._query, fragment_id=fragment_id, is_auto_rerun=bool(fragment_id)
        )
        # The first page is entered by its name; from then on the server knows it by the hash that it sent.
        if self._page_hash:
            state.page_script_hash = self._page_hash
        else:
            state.page_name = self._page
        pressed = [each for each in changed if each.WhichOneof("value") in TRIGGERS]
        self._values |= {each.id: each for each in changed if each not in pressed}
        state.widget_states.widgets.extend([*self._values.values(), *pressed])
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())

    def seen(self, *texts: str) -> asyncio.Future[float]:
        """When, on the performance counter, the server will next send something with one of these texts."""
        wanted = [text.encode() for text in texts]
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda data: any(text in data for text in wanted), future))
        return future

    async def find(
        self, kind: str, label: str = "", *, is_enabled: bool = False, timeout_s: float = 60
    ) -> Any:
        """The newest widget of a kind whose label has this in it, once the page has it.

        is_enabled: wait until it can be used. The app ignores what comes from a disabled one, as it must:
            no browser would send it. Raises TimeoutError.
        """
        async with asyncio.timeout(timeout_s):
            while True:
                # Not every widget has a label.
                widgets = reversed(self.widgets.get(kind, []))
                widget = next(
                    (each for each in widgets if getattr(each, "label", "").startswith(label)), None
                )
                if widget is not None and not (is_enabled and widget.disabled):
                    return widget
                self._changed.clear()
                await self._changed.wait()

    async def upload(self, label: str, name: str, data: bytes) -> WidgetState:
        """Upload a file to the uploader whose label begins so; returns its new value, for `rerun`."""
        uploader = await self.find("file_uploader", label)
        self._file_urls = asyncio.get_running_loop().create_future()
        request = BackMsg()
        request.file_urls_request.request_id = name
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._session_id
        await self._socket.send(request.SerializeToString())
        urls = await asyncio.wait_for(self._file_urls, 60)
        answer = await self._http.put(
            urls.upload_url,
            files={"file": (name, data)},
            headers={"X-Xsrftoken": self._http.cookies.get("_streamlit_xsrf") or ""},
        )
        answer.raise_for_status()
        state = WidgetState(id=uploader.id)
        info = state.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(data), file_id=urls.file_id
        )
        info.file_urls.CopyFrom(urls)
        return state

    async def _read(self) -> None:
        async for data in self._socket:
            assert isinstance(data, bytes)
            now = time.perf_counter()
            for is_it, future in list(self._waiting):
                if not future.done() and is_it(data):
                    future.set_result(now)
            self._waiting = [each for each in self._waiting if not each[1].done()]
            self._handle(ForwardMsg.FromString(data))

    def _handle(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session_id = message.new_session.initialize.session_id or self._session_id
            self._page_hash = message.new_session.page_script_hash
        elif kind == "navigation":
            # The whole page is run anew, and says again what is to be repeated.
            self._stop_timers()
            self._page_hash = message.navigation.page_script_hash
            pages = message.navigation.app_pages
            self._page_hashes = {
                "" if page.is_default else page.url_pathname: page.page_script_hash for page in pages
            }
        elif kind == "script_finished":
            # One that ended early is followed by the run that it was ended for.
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._finished.set()
        elif kind == "file_urls_response" and self._file_urls is not None:
            self._file_urls.set_result(message.file_urls_response.file_urls[0])
        elif kind == "auto_rerun":
            repeat = message.auto_rerun
            if repeat.fragment_id not in self._timers:
                task = asyncio.create_task(self._repeat(repeat.fragment_id, repeat.interval))
                self._timers[repeat.fragment_id] = task
        elif kind == "stop_auto_rerun":
            for fragment_id in message.stop_auto_rerun.fragment_ids:
                if timer := self._timers.pop(fragment_id, None):
                    timer.cancel()
        elif kind == "delta":
            self._keep(message.delta)

    def _keep(self, delta: Any) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type")
        element = getattr(delta.new_element, kind)
        if kind == "exception":
            self.exceptions.append(f"{element.type}: {element.message}")
        if getattr(element, "id", ""):
            self.widgets.setdefault(kind, []).append(element)
            self._changed.set()

    async def _repeat(self, fragment_id: str, interval_s: float) -> None:
        while True:
            await asyncio.sleep(interval_s)
            await self.send(fragment_id=fragment_id)

    def _stop_timers(self) -> None:
        for task in self._timers.values():
            task.cancel()
        self._timers.clear()

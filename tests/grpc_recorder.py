"""A real gRPC server between a client and a real Milvus: it hands every call on, and keeps what was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc

MAX_AT_ONCE = 64
# Each call takes so much longer: what may be under way together is, on a busy machine too.
LATENCY_S = 0.05


@dataclass(frozen=True, slots=True)
class Call:
    """method: Its last name, such as "Search"; at_once: how many calls of it were under way when it began."""

    method: str
    request: bytes
    at_once: int


class GrpcRecorder(grpc.GenericRpcHandler):
    """Use as a context manager; `uri` is where clients connect to, `calls` what they have asked so far."""

    def __init__(self, uri: str) -> None:
        self.calls: list[Call] = []
        self._under_way: dict[str, int] = {}
        self._lock, self._never = threading.Lock(), threading.Event()
        size = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = grpc.insecure_channel(uri.removeprefix("http://"), options=size)
        self._server = grpc.server(ThreadPoolExecutor(MAX_AT_ONCE), handlers=[self], options=size)
        port = self._server.add_insecure_port("127.0.0.1:0")
        self.uri = f"http://127.0.0.1:{port}"

    def __enter__(self) -> GrpcRecorder:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(None).wait()
        self._channel.close()

    def take(self) -> list[Call]:
        """What was asked since the last time."""
        with self._lock:
            taken, self.calls = self.calls, []
        return taken

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        path = handler_call_details.method
        forward = self._channel.unary_unary(path)
        return grpc.unary_unary_rpc_method_handler(self._handing_on(path.rpartition("/")[2], forward))

    def _handing_on(self, method: str, forward: Callable[..., bytes]) -> Callable[[bytes, Any], bytes]:
        def hand_on(request: bytes, context: grpc.ServicerContext) -> bytes:
            with self._lock:
                at_once = self._under_way[method] = self._under_way.get(method, 0) + 1
                self.calls.append(Call(method, request, at_once))
            try:
                self._never.wait(LATENCY_S)
                return forward(request, metadata=context.invocation_metadata())
            except grpc.RpcError as exc:
                context.abort(exc.code(), exc.details())
                raise
            finally:
                with self._lock:
                    self._under_way[method] -= 1

        return hand_on

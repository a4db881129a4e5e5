"""Downloads against a real HTTP server that speaks the hub's protocol."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.settings import Settings
from core.embedding.download import MARKER, fetch_model
from core.embedding.model import load_embedder
from core.errors import ModelUnavailableError
from tests.hub_server import HubServer, file_path
from tests.tiny_model import DIM, save_tiny_model

pytestmark = pytest.mark.slow

NAME = "tests/tiny"
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("hub") / "tiny")


@pytest.fixture(autouse=True)
def logged_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No login of the developer reaches the test's server."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))


@pytest.fixture
def hub(tiny_model: Path) -> Iterator[HubServer]:
    with HubServer(tiny_model, NAME) as server:
        yield server


def test_fetch_downloads_a_model_that_loads(hub: HubServer, tmp_path: Path) -> None:
    folder = fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)

    embedder = load_embedder(Settings.from_env({"EMBED_MODEL": str(folder)}))

    assert embedder.dim == DIM
    assert embedder.embed(["async overlaps waiting"]).shape == (1, DIM)


def test_fetch_reports_bytes_up_to_the_sum_of_all_files(hub: HubServer, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []

    fetch_model(NAME, tmp_path, lambda done, total: seen.append((done, total)), endpoint=hub.endpoint)

    size = sum(len(data) for data in hub.files().values())
    assert {total for _, total in seen} == {size}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[0][0] < size
    assert seen[-1][0] == size


def test_fetch_makes_no_request_when_the_model_is_there(hub: HubServer, tmp_path: Path) -> None:
    first = fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)
    hub.requests.clear()

    second = fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)

    assert second == first
    assert hub.requests == []


def test_fetch_skips_the_weights_of_other_frameworks(tiny_model: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for path in ("onnx/model.onnx", "tf_model.h5", "pytorch_model.bin", "2_Dense/pytorch_model.bin"):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(b"weights")
    (source / WEIGHTS).write_bytes(b"weights")

    with HubServer(source, NAME) as hub:
        folder = fetch_model(NAME, tmp_path / "models", None, endpoint=hub.endpoint)

    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {path for path in found if not path.startswith(".cache/")} == {
        WEIGHTS,
        "2_Dense/pytorch_model.bin",
        MARKER,
    }


def test_fetch_names_a_model_that_the_hub_does_not_have(hub: HubServer, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"nobody/nothing is not a model on Hugging Face"):
        fetch_model("nobody/nothing", tmp_path, None, endpoint=hub.endpoint)

    assert len(hub.requests) == 1


@pytest.mark.parametrize("name", ["a/b/c", "with space", "../up", "x--y"])
def test_fetch_refuses_what_can_be_no_name_without_a_request(
    name: str, hub: HubServer, tmp_path: Path
) -> None:
    with pytest.raises(ModelUnavailableError, match="is not a model on Hugging Face"):
        fetch_model(name, tmp_path / "models", None, endpoint=hub.endpoint)

    assert hub.requests == []
    assert not (tmp_path / "models").exists()


def test_fetch_tells_to_accept_the_terms_of_a_gated_model(hub: HubServer, tmp_path: Path) -> None:
    hub.is_gated = True

    with pytest.raises(ModelUnavailableError, match=f"Accept them at {hub.endpoint}/{NAME} and set HF_TOKEN"):
        fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)


def test_fetch_gives_up_after_one_attempt_when_the_hub_hangs_up(tmp_path: Path) -> None:
    with _HangingUp() as server:
        with pytest.raises(ModelUnavailableError) as caught:
            fetch_model(NAME, tmp_path, None, endpoint=f"http://127.0.0.1:{server.port}")

        assert server.num_connections == 1
    assert str(caught.value) == (
        f"{NAME} can't be downloaded: 127.0.0.1:{server.port} does not answer. Connect once, "
        "point EMBED_MODEL at a local folder, or unset it to use the bundled model."
    )


def test_fetch_says_that_the_hub_does_not_answer_when_refused(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"

        with pytest.raises(ModelUnavailableError, match="does not answer"):
            fetch_model(NAME, tmp_path, None, endpoint=endpoint)


def test_fetch_goes_on_after_a_download_that_broke_off(hub: HubServer, tmp_path: Path) -> None:
    hub.broken_file = WEIGHTS
    with pytest.raises(ModelUnavailableError, match=r"broke off\. Try again"):
        fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)
    hub.broken_file = None
    hub.requests.clear()

    folder = fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)

    contents = [request for request in hub.requests if request.startswith("GET") and "/resolve/" in request]
    assert contents == [f"GET {file_path(hub, WEIGHTS)}"]
    assert (folder / WEIGHTS).read_bytes() == hub.files()[WEIGHTS]


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_fetch_repairs_a_copy_that_lost_a_file(damage: str, hub: HubServer, tmp_path: Path) -> None:
    folder = fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)
    if damage == "missing":
        (folder / WEIGHTS).unlink()
    else:
        (folder / WEIGHTS).write_bytes(b"cut")

    fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)

    assert (folder / WEIGHTS).read_bytes() == hub.files()[WEIGHTS]


def test_fetch_says_that_the_folder_is_not_writable(hub: HubServer, tmp_path: Path) -> None:
    blocked = tmp_path / "models"
    blocked.write_text("a file where the folder should be")

    with pytest.raises(ModelUnavailableError, match=f"{blocked}.* can't be written"):
        fetch_model(NAME, blocked, None, endpoint=hub.endpoint)


class _HangingUp:
    """Accepts connections, counts them, and closes each at once."""

    num_connections = 0

    def __enter__(self) -> _HangingUp:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.num_connections += 1
            connection.close()


class StopItError(Exception):
    """Somebody does not want to wait any longer."""


def test_download_that_is_stopped_by_whoever_watches_goes_on_the_next_time(
    hub: HubServer, tmp_path: Path
) -> None:
    def stop(done: int, total: int | None) -> None:
        raise StopItError

    with pytest.raises(StopItError):
        fetch_model(NAME, tmp_path, stop, endpoint=hub.endpoint)

    folder = fetch_model(NAME, tmp_path, None, endpoint=hub.endpoint)
    assert load_embedder(Settings.from_env({"EMBED_MODEL": str(folder)})).dim == DIM

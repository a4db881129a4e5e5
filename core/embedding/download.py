"""Embedding models from Hugging Face: downloaded once into the data folder, used offline from then on."""

from __future__ import annotations

import errno
import fnmatch
import glob
import json
import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.errors import ModelUnavailableError
from core.runtime.event_loop import in_background

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

    from core.embedding.model import DownloadProgress

logger = logging.getLogger(__name__)

# The one request that tells whether the hub answers. The hub's own calls would retry for over a minute.
REQUEST_TIMEOUT_S = 5.0
# On top of it, because a name look-up and several addresses in turn are not part of that timeout.
DEADLINE_S = 8.0
# Written last, with the sizes of all files: without it a folder is an unfinished download.
MARKER = "overlap.json"
# The same weights for other frameworks, and pictures.
SKIPPED = (
    "onnx/*",
    "openvino/*",
    "coreml/*",
    "*.onnx",
    "*.h5",
    "*.msgpack",
    "*.ot",
    "*.mlmodel",
    "*.gguf",
    "*.png",
    "*.jpg",
    ".git*",
)
INSTEAD = "point EMBED_MODEL at a local folder, or unset it to use the bundled model."


def fetch_model(
    name: str, cache_dir: Path, on_download: DownloadProgress | None, *, endpoint: str | None = None
) -> Path:
    """The folder of model `name`; downloads it when `cache_dir` has no complete copy. Blocks.

    A complete copy needs no network call. What a broken download has finished is kept for the next try.

    Args:
        name: As the hub has it, such as "intfloat/multilingual-e5-small".
        cache_dir: Where models are kept, each in a folder of its own.
        on_download: Told of bytes done and in total, from the downloading threads, one call at a time. What
            it raises ends the download. None where nobody asks.
        endpoint: The hub's address; None for Hugging Face, or what HF_ENDPOINT says.

    Raises:
        ModelUnavailableError: When the hub can't be reached or has no such model, or the download breaks off.
    """
    folder = cache_dir / name.replace("/", "--")
    if not _is_complete(folder):
        info = _look_up(name, endpoint)
        sizes = {file.rfilename: int(file.size or 0) for file in info.siblings or ()}
        files = _needed(sizes)
        _download(name, str(info.sha), {file: sizes[file] for file in files}, folder, on_download, endpoint)
    return folder


def _is_complete(folder: Path) -> bool:
    try:
        sizes: dict[str, int] = json.loads((folder / MARKER).read_text(encoding="utf-8"))["files"]
        return all((folder / path).stat().st_size == size for path, size in sizes.items())
    except (OSError, ValueError, KeyError):
        return False


def _needed(paths: Iterable[str]) -> list[str]:
    """The files that sentence-transformers loads, of all that a model's repository holds."""
    files = [path for path in paths if not any(fnmatch.fnmatch(path, pattern) for pattern in SKIPPED)]
    # Per folder: a module without safetensors is loaded from its pytorch_model.bin.
    has_safetensors = {_parent(path) for path in files if path.endswith(".safetensors")}
    return [
        path
        for path in files
        if not (fnmatch.fnmatch(path, "*pytorch_model*.bin*") and _parent(path) in has_safetensors)
    ]


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _look_up(name: str, endpoint: str | None) -> ModelInfo:
    """One request, not repeated, for the model's current commit and files.

    Raises:
        ModelUnavailableError: When the hub can't be reached, has no such model, or refuses it.
    """
    import httpx2
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    api = HfApi(endpoint=endpoint)
    try:
        # Where the deadline passes, the thread is left behind and ends by itself.
        asked = in_background(lambda: api.model_info(name, timeout=REQUEST_TIMEOUT_S, files_metadata=True))
        return asked.result(DEADLINE_S)
    except HFValidationError as exc:
        raise _not_a_model(name) from exc
    except OfflineModeIsEnabled as exc:
        raise ModelUnavailableError(
            f"{name} can't be downloaded: HF_HUB_OFFLINE is set. Unset it, {INSTEAD}"
        ) from exc
    except HfHubHTTPError as exc:
        status = exc.response.status_code
        # The hub answers 401 for what does not exist, too, when nobody is logged in.
        is_unknown = status == 404 or (status == 401 and get_token() is None)
        if is_unknown or isinstance(exc, RepositoryNotFoundError):
            raise _not_a_model(name) from exc
        raise _refused(name, status, api.endpoint) from exc
    except (httpx2.TransportError, TimeoutError) as exc:
        raise ModelUnavailableError(
            f"{name} can't be downloaded: {_host(api.endpoint)} does not answer. Connect once, {INSTEAD}"
        ) from exc


def _download(
    name: str,
    commit: str,
    sizes: dict[str, int],
    folder: Path,
    on_download: DownloadProgress | None,
    endpoint: str | None,
) -> None:
    import httpx2
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    total = sum(sizes.values())
    try:
        present = _size_present(folder, sizes)
        logger.info("Downloading %s, %d bytes of %d", name, total - present, total)
        snapshot_download(
            name,
            revision=commit,
            local_dir=folder,
            allow_patterns=[glob.escape(path) for path in sizes],
            tqdm_class=_progress_class(on_download, present, total),
            endpoint=endpoint,
        )
        _mark_complete(folder, commit, sizes)
    # RuntimeError is what the hub's Rust transport raises.
    except (OSError, RuntimeError, httpx2.HTTPError) as exc:
        if isinstance(exc, HfHubHTTPError) and exc.response.status_code in {401, 403}:
            raise _refused(name, exc.response.status_code, HfApi(endpoint=endpoint).endpoint) from exc
        raise _broken_off(name, exc, folder) from exc
    if on_download is not None:
        on_download(total, total)


def _size_present(folder: Path, sizes: dict[str, int]) -> int:
    """Bytes of the files that are there already; removes damaged ones, which the hub would keep."""
    num_bytes = 0
    for path, size in sizes.items():
        file = folder / path
        if file.is_file():
            if file.stat().st_size == size:
                num_bytes += size
            else:
                file.unlink()
    return num_bytes


def _mark_complete(folder: Path, commit: str, sizes: dict[str, int]) -> None:
    found = {path: (folder / path).stat().st_size for path in sizes}
    partial = folder / f"{MARKER}.partial"
    partial.write_text(json.dumps({"commit": commit, "files": found}, indent=1), encoding="utf-8")
    partial.replace(folder / MARKER)


def _progress_class(on_download: DownloadProgress | None, present: int, total: int) -> Any:
    """A progress bar class that draws nothing and reports the sum over all files instead."""
    from huggingface_hub.utils.tqdm import tqdm

    lock = threading.Lock()
    done = present

    class Progress(tqdm):
        """The hub's bar, which draws nothing and tells `on_download`."""

        monitor_interval = 0  # or tqdm starts a thread of its own

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            # The hub makes three bars: bytes received, bytes written, and files.
            self._counts = kwargs.get("unit") == "B" and "transfer" not in (kwargs.get("name") or "")
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> None:
            nonlocal done
            if not self._counts or on_download is None:
                return
            with lock:
                done += int(n or 0)
                on_download(max(0, min(done, total)), total)

    return Progress


def _not_a_model(name: str) -> ModelUnavailableError:
    return ModelUnavailableError(
        f"{name} is not a model on Hugging Face, or a private one. Correct EMBED_MODEL "
        "(organisation/name, such as BAAI/bge-base-en-v1.5), or unset it to use the bundled model."
    )


def _refused(name: str, status: int, endpoint: str) -> ModelUnavailableError:
    if status in {401, 403}:
        return ModelUnavailableError(
            f"{name} can't be downloaded: Hugging Face wants you to be logged in and to accept its terms. "
            f"Accept them at {endpoint}/{name} and set HF_TOKEN, or {INSTEAD}"
        )
    return ModelUnavailableError(
        f"{name} can't be downloaded: {_host(endpoint)} answers with error {status}. "
        f"Try again later, {INSTEAD}"
    )


def _broken_off(name: str, exc: Exception, folder: Path) -> ModelUnavailableError:
    if isinstance(exc, OSError) and exc.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ModelUnavailableError(
            f"{name} can't be downloaded: the disk is full. Free space for {folder} and try again; "
            "what has arrived is kept."
        )
    if isinstance(exc, (PermissionError, FileExistsError, NotADirectoryError)):
        return ModelUnavailableError(
            f"{name} can't be downloaded: {folder} can't be written. Correct its rights, or OVERLAP_DATA_DIR."
        )
    return ModelUnavailableError(
        f"The download of {name} broke off. Try again: it goes on with the files that are missing."
    )


def _host(endpoint: str) -> str:
    return urlsplit(endpoint).netloc

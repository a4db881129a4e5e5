"""Fixtures: a clean environment, the real bundled model once, a real Milvus Lite per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from core.config.settings import Settings
from core.config.shared_limits import setting_names
from core.documents.chunking import Cutter
from core.embedding.model import Embedder, shared_embedder
from core.store import KnowledgeStore
from tests.openai_server import OpenAIServer

# Two processes must not start the local Milvus, or take its port, at once.
USE_THE_SERVERS_PORT = (
    "tests/integration/",
    "tests/core/servers/test_standalone.py",
    "tests/pages/test_system.py",
)
# Their models run in torch, whose import takes a process as long as many tests: one process does it for all.
IMPORT_TORCH = ("tests/core/embedding/", "tests/core/documents/sandbox/")
SETTINGS = (
    "MILVUS_URI",
    "MILVUS_TOKEN",
    "EMBED_MODEL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "LLM_MODEL",
    "OVERLAP_DATA_DIR",
    "OVERLAP_SHARED",
    *setting_names(),
)


# What makes a test slow: a Milvus of its own, a page, a browser, a server, a process that is killed.
SLOW_FOLDERS = {"browser", "faults", "fuzz", "integration", "pages"}
SLOW_FIXTURES = {"lite", "openai_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what can be told by its place and its fixtures; modules mark what else is."""
    tests = Path(__file__).parent
    for item in items:
        folder = Path(item.path).relative_to(tests).parts[0]
        fixtures = set(getattr(item, "fixturenames", ()))
        if folder in SLOW_FOLDERS or fixtures & SLOW_FIXTURES:
            item.add_marker(pytest.mark.slow)
    # With `-n`, what takes longest begins first, so that nobody waits for it at the end.
    items.sort(key=lambda item: (not _uses_the_server(item), "browser" not in Path(item.path).parts))


def _uses_the_server(item: pytest.Item) -> bool:
    return item.nodeid.startswith(USE_THE_SERVERS_PORT)


class ModuleScheduling(LoadScopeScheduling):
    """With `-n`, a module runs in one process: its fixtures are an app, a browser, the one local server."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::")[0]
        if module.startswith(IMPORT_TORCH):
            return "torch"
        return "local server" if module.startswith(USE_THE_SERVERS_PORT) else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ModuleScheduling:
    return ModuleScheduling(config, log)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's machine reaches a test, and no test writes into the project."""
    for key in SETTINGS:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("OVERLAP_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"OVERLAP_DATA_DIR": str(tmp_path / "data")})


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model; loading takes seconds, so all tests share it."""
    return shared_embedder(Settings.from_env({}))


@pytest.fixture(scope="session")
def cutter(embedder: Embedder) -> Cutter:
    """What cuts texts for the bundled model."""
    return Cutter.of(embedder.tokenization)


@pytest.fixture
def lite(settings: Settings) -> Iterator[Settings]:
    """Settings whose Milvus Lite server is stopped after the test."""
    yield settings
    release_lite(settings.target.uri)


@pytest.fixture
def shared(lite: Settings) -> Settings:
    """The settings of a shared app."""
    return replace(lite, is_shared=True)


def release_lite(uri: str) -> None:
    """Stop the embedded server of a Lite file, as the end of its process would."""
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_server(uri)


@pytest.fixture
async def store(lite: Settings, embedder: Embedder) -> AsyncIterator[KnowledgeStore]:
    opened = KnowledgeStore.open(lite.target, "default", model=embedder.name, dim=embedder.dim)
    yield opened
    await opened.aclose()


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    """A real HTTP server that speaks the OpenAI chat protocol."""
    with OpenAIServer() as server:
        yield server

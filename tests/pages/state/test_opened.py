from __future__ import annotations

import gc
from concurrent.futures import Future

from core.config.settings import Settings
from core.knowledge_base import KnowledgeBase
from pages.state import opened
from pages.state.opened import open_knowledge_base
from tests.pages.conftest import OpenPage


def test_garbage_collector_passes_over_what_stays_for_good(open_page: OpenPage, kb: KnowledgeBase) -> None:
    open_page("documents")
    assert open_knowledge_base(Settings.from_env()).result()
    assert gc.get_freeze_count() > 100_000


def test_opening_that_somebody_broke_off_is_tried_again(kb: KnowledgeBase) -> None:
    settings = Settings.from_env()
    broken_off: Future[KnowledgeBase] = Future()
    broken_off.cancel()
    opened._opened[opened._key(settings, "default")] = broken_off, 0.0
    assert open_knowledge_base(settings).result().store.info.name == "default"

"""What one visitor of a shared app may have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from core.config.settings import Settings
from core.config.shared_limits import SharedLimits
from core.embedding.model import Embedder
from core.errors import QuotaError
from core.store.collections import create_knowledge_base, knowledge_base_names
from pages.state.quota import room_for_knowledge_base
from tests.visitors import ANN


def test_knowledge_bases_made_at_once_stay_within_the_limit(lite: Settings, embedder: Embedder) -> None:
    settings = replace(lite, is_shared=True).for_visitor(ANN)
    settings = replace(settings, limits=SharedLimits(knowledge_bases=3))

    def make(number: int) -> str:
        try:
            with room_for_knowledge_base(settings):
                create_knowledge_base(
                    settings.target, f"number {number}", model=embedder.name, dim=embedder.dim
                )
        except QuotaError as exc:
            return str(exc)
        return ""

    with ThreadPoolExecutor(12) as threads:
        said = list(threads.map(make, range(12)))
    assert len(knowledge_base_names(settings.target)) == said.count("") == 3

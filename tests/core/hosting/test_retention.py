"""What is kept for visitors, what is deleted, and what one visitor's deletion leaves to the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.config.settings import Settings
from core.documents.originals import Originals
from core.embedding.model import Embedder
from core.errors import OverlapError
from core.hosting.retention import Visits, clear_idle, delete_visitor
from core.knowledge_base_deletion import delete_knowledge_base
from core.store.collections import document_ids, knowledge_base_names, overview
from core.store.owners import owners
from tests.visitors import ANN, BEN, HOUR_S, NOW_S, give


def test_original_of_a_visitor_is_in_the_visitors_folder_and_goes_with_it(
    shared: Settings, embedder: Embedder
) -> None:
    for visitor in (ANN, BEN):
        give(shared.for_visitor(visitor), embedder)
    (document,) = document_ids(shared.for_visitor(ANN).target, "default")
    delete_knowledge_base(shared.for_visitor(ANN), "default")
    assert Originals(shared.for_visitor(ANN).originals_dir).find(document) is None
    assert Originals(shared.for_visitor(BEN).originals_dir).find(document) is not None


def deleting(shared: Settings) -> Callable[[str], object]:
    return partial(delete_visitor, shared)


def test_idle_visitors_are_cleared_and_others_stay(shared: Settings, embedder: Embedder) -> None:
    for visitor in (ANN, BEN):
        give(shared.for_visitor(visitor), embedder)
        shared.for_visitor(visitor).runs_dir.mkdir(parents=True)
    give(shared, embedder, "the host's own")
    visits = Visits(shared.visitors_dir)
    later_s = NOW_S + 25 * HOUR_S
    visits.note(ANN, NOW_S)
    visits.note(BEN, later_s - HOUR_S)
    assert clear_idle(shared, later_s, delete=deleting(shared)) == [ANN]
    assert knowledge_base_names(shared.for_visitor(ANN).target) == []
    assert not (shared.visitors_dir / ANN).exists()
    assert [card.num_chunks for card in overview(shared.for_visitor(BEN).target)] == [2]
    assert shared.for_visitor(BEN).runs_dir.exists()
    assert knowledge_base_names(shared.target) == ["the host's own"]


def test_idle_visitor_whose_work_cannot_be_stopped_yet_holds_up_no_other(shared: Settings) -> None:
    for visitor in (ANN, BEN):
        Visits(shared.visitors_dir).note(visitor, NOW_S)

    def delete(visitor: str) -> None:
        if visitor == ANN:
            raise OverlapError("What you are adding could not be stopped yet.")
        delete_visitor(shared, visitor)

    assert clear_idle(shared, NOW_S + 25 * HOUR_S, delete=delete) == [BEN]
    assert list(Visits(shared.visitors_dir).known()) == [ANN]


def test_knowledge_base_whose_visitor_is_not_known_is_cleared_in_time(
    shared: Settings, embedder: Embedder
) -> None:
    give(shared.for_visitor(ANN), embedder)
    (made,) = owners(shared.target).values()
    assert made
    assert clear_idle(shared, NOW_S - 10_000 * HOUR_S, delete=deleting(shared)) == []
    assert clear_idle(shared, NOW_S + 10_000 * HOUR_S, delete=deleting(shared)) == [ANN]


def test_visit_is_noted_at_most_once_a_minute(tmp_path: Path) -> None:
    visits = Visits(tmp_path)
    assert visits.last_s(ANN) is None
    for now_s, noted_s in ((NOW_S, NOW_S), (NOW_S + 30, NOW_S), (NOW_S + 61, NOW_S + 61)):
        visits.note(ANN, now_s)
        assert visits.last_s(ANN) == noted_s
    assert list(visits.known()) == [ANN]


def test_folder_that_is_no_visitors_is_never_cleared(shared: Settings) -> None:
    (shared.visitors_dir / "lost+found").mkdir(parents=True)
    outside = shared.data_dir / "precious"
    outside.mkdir()
    (shared.visitors_dir / "link").symlink_to(outside)
    assert clear_idle(shared, NOW_S + 10_000 * HOUR_S, delete=deleting(shared)) == []
    assert outside.exists() and (shared.visitors_dir / "lost+found").exists()

"""The limits of a shared app, counted and told. Nothing here does anything in an app of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.config.settings import Settings
from core.errors import QuotaError
from core.hosting.quotas import switched_off
from pages.state.app_state import host_of

MAX_QUESTION_CHARS = 2000


def count_question(settings: Settings, question: str) -> None:
    """Count a question of the visitor.

    Raises:
        QuotaError: When it is too long, or no question may be asked now.
    """
    host = host_of(settings)
    if host is None:
        return
    if len(question) > MAX_QUESTION_CHARS:
        raise QuotaError(f"Questions have up to {MAX_QUESTION_CHARS:,} characters here. Ask a shorter one.")
    host.quotas.ask(settings.visitor)


def count_measurement(settings: Settings, sizes_bytes: Sequence[int] = ()) -> None:
    """Count a benchmark or an evaluation of the visitor.

    Args:
        settings: Of the visitor.
        sizes_bytes: Of the documents that are used.

    Raises:
        QuotaError: When nothing may be measured now, or no documents of these sizes may be used.
    """
    host = host_of(settings)
    if host is not None:
        host.quotas.measure(settings.visitor, sizes_bytes)


def count_upload(settings: Settings, sizes_bytes: Sequence[int]) -> None:
    """Count files of the visitor that are taken in.

    Raises:
        QuotaError: When files of these sizes may not be taken in now.
    """
    host = host_of(settings)
    if host is not None:
        host.quotas.add_documents(settings.visitor, sizes_bytes)


def upload_limit_mb(settings: Settings) -> int | None:
    """The largest file that a visitor may upload; None for the server's own limit."""
    return max(1, settings.limits.upload_mb) if settings.visitor else None


@contextmanager
def room_for_knowledge_base(settings: Settings) -> Iterator[None]:
    """While one is made: others of the same visitor, made in other tabs, wait and are counted then.

    Blocks.

    Raises:
        QuotaError: When the visitor has as many as are allowed.
        StoreError: Milvus refused or failed a call.
    """
    from core.store.collections import knowledge_base_names

    host = host_of(settings)
    if host is None:
        yield
        return
    with host.alone(settings.visitor):
        most = settings.limits.knowledge_bases
        if not most:
            raise QuotaError(switched_off("knowledge bases"))
        if len(knowledge_base_names(settings.target)) >= most:
            raise QuotaError(
                f"This shared app allows {most:,} knowledge bases for each visitor. "
                "Delete one, then make another."
            )
        host.keep(settings.visitor)
        yield

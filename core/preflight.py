"""Is everything ready? The same checks for ``python -m core doctor`` and the System page."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from core import __version__
from core.answers.llm import build_llm, llm_label
from core.config.settings import BUNDLED_MODEL, Settings
from core.documents.languages import language_names
from core.embedding.choices import misfit
from core.embedding.model import shared_embedder
from core.errors import OverlapError, StoreLockedError
from core.runtime.check import Check, disk_check
from core.store import knowledge_bases, languages_of_knowledge_bases, server_version
from core.store.names import KnowledgeBaseInfo


def preflight(settings: Settings) -> Iterator[Check]:
    """Each check as soon as it is done. Loads the embedding model, so it may take seconds."""
    yield Check(name="Overlap", ok=True, detail=__version__)
    yield _check_python()
    yield _check_data_dir(settings.data_dir)
    yield from _check_milvus(settings)
    yield _check_embedding(settings)
    yield from _check_languages(settings)
    yield _check_llm(settings)


def _check_python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    is_new_enough = sys.version_info >= (3, 11)
    return Check(
        name="Python",
        ok=is_new_enough,
        detail=version,
        what_to_do="" if is_new_enough else "Install Python 3.11 or newer.",
    )


def _check_data_dir(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-test"
        probe.write_bytes(b"")
        probe.unlink()
        free_bytes = shutil.disk_usage(folder).free
    except OSError as exc:
        return Check(
            name="Data folder",
            ok=False,
            detail=f"{folder}: {exc.strerror}",
            what_to_do="Give write access to it, or set OVERLAP_DATA_DIR to another folder.",
        )
    return disk_check("Data folder", f"{folder}, {free_bytes / 1e9:.1f} GB free", free_bytes)


def _check_milvus(settings: Settings) -> Iterator[Check]:
    try:
        version = server_version(settings.target)
        found = knowledge_bases(settings.target)
    except StoreLockedError:
        # Which works, so nothing is wrong with it.
        yield Check(
            name="Milvus",
            ok=None,
            detail=f"{settings.target.label}, in use by another process, such as the app",
            what_to_do="The app's System page checks it; close the app to have it checked here.",
        )
        return
    except OverlapError as exc:
        yield Check(name="Milvus", ok=False, detail=settings.target.label, what_to_do=str(exc))
        return
    yield Check(name="Milvus", ok=True, detail=f"{settings.target.label}, version {version}")
    yield Check(name="Knowledge bases", ok=True, detail=_summary(found))


def _summary(found: list[KnowledgeBaseInfo]) -> str:
    return "; ".join(f"{kb.name}: {kb.num_chunks} chunks, {kb.model}" for kb in found) or "none yet"


def _check_embedding(settings: Settings) -> Check:
    name = settings.embed_model or BUNDLED_MODEL
    try:
        embedder = shared_embedder(settings)
    except OverlapError as exc:
        return Check(name="Embedding model", ok=False, detail=name, what_to_do=str(exc))
    detail = f"{name}, {embedder.dim} dimensions, reads {embedder.max_tokens} tokens, {embedder.precision}"
    return Check(name="Embedding model", ok=True, detail=detail)


def _check_languages(settings: Settings) -> Iterator[Check]:
    """For each knowledge base whose documents its model was not made for."""
    try:
        found = languages_of_knowledge_bases(settings.target)
    except OverlapError:
        # Said by the check of Milvus.
        return
    for kb, documents in found:
        if sentence := misfit(kb.model, documents):
            languages = language_names({language for language, _ in documents}) or "language not clear"
            yield Check(
                name=f"Languages of {kb.name}",
                ok=None,
                detail=f"{languages}, with {kb.model}",
                what_to_do=sentence,
            )


def _check_llm(settings: Settings) -> Check:
    label = llm_label(settings)
    if label is None:
        return Check(
            name="Language model",
            ok=None,
            detail="none set: answers are the best-matching sentences of your documents",
            what_to_do="For written answers set OPENAI_API_KEY, or OPENAI_BASE_URL and LLM_MODEL.",
        )
    try:
        build_llm(settings)
    except OverlapError as exc:
        return Check(name="Language model", ok=False, detail=label, what_to_do=str(exc))
    return Check(name="Language model", ok=True, detail=f"{label}; asked only when you ask a question")

"""What people delete: documents and knowledge bases, with the kept PDFs that nothing needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.config.settings import Settings
from core.documents.originals import Originals
from core.store import KnowledgeStore, collections


def delete_documents(
    settings: Settings, store: KnowledgeStore, document_ids: Sequence[str]
) -> dict[str, int]:
    """Delete documents; returns for each id how many chunks it had.

    An original that no other knowledge base needs is removed too.

    Raises:
        StoreError: Milvus refused or failed a call.
    """
    deleted = {document_id: store.delete_document(document_id) for document_id in document_ids}
    store.flush()
    _forget_originals(settings, document_ids)
    return deleted


def empty_knowledge_base(settings: Settings, name: str) -> int:
    """Delete all documents of a knowledge base; returns how many chunks there were.

    Raises:
        StoreError: Milvus refused or failed a call.
    """
    documents = collections.document_ids(settings.target, name)
    num_chunks = collections.delete_all_chunks(settings.target, name)
    _forget_originals(settings, sorted(documents))
    return num_chunks


def delete_knowledge_base(settings: Settings, name: str) -> int:
    """Delete a knowledge base; returns how many chunks there were.

    Raises:
        StoreError: Milvus refused or failed a call.
    """
    documents = collections.document_ids(settings.target, name)
    num_chunks = collections.drop_knowledge_base(settings.target, name)
    _forget_originals(settings, sorted(documents))
    return num_chunks


def _forget_originals(settings: Settings, document_ids: Sequence[str]) -> None:
    """Remove the kept PDFs of these documents, except where a knowledge base still has the document."""
    needed_of = partial(collections.documents_anywhere, settings.target)
    Originals(settings.originals_dir).forget_unneeded(document_ids, needed_of)

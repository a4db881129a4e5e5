"""Milvus through MilvusVectorStore: the only package that knows pymilvus.

What stands here is what others need of several of its modules: stores, clients, errors. What belongs to one
subject is imported from its module, such as `core.store.collections` or `core.store.chunks`.

Heavy packages are imported inside functions: a page that only shows text must not wait for them.
Async methods belong to one event loop (`core.runtime.event_loop`); sync ones may be called from any thread.
"""

from core.config.environ import keep_from_pymilvus
from core.store.bench_store import (
    BENCH_PREFIX,
    Hits,
    aconnecting_s,
    asearch_batch,
    bench_collections,
    connecting_s,
    count_rows,
    drop_bench_collection,
    drop_left_collection,
    join_bench_store,
    open_bench_store,
    open_ingest_store,
    search_batch,
)
from core.store.chunks import Surroundings, passages, surroundings
from core.store.collections import knowledge_bases, languages_of_knowledge_bases
from core.store.connection import (
    aclose,
    close_all_lite,
    close_lite,
    connect,
    import_store_class,
    search_without_scipy,
    server_version,
)
from core.store.knowledge_store import KnowledgeStore
from core.store.lite_recovery import is_lite_held
from core.store.milvus_errors import store_errors
from core.store.names import collection_name
from core.store.schema import chunk_node

keep_from_pymilvus()

__all__ = [
    "BENCH_PREFIX",
    "Hits",
    "KnowledgeStore",
    "Surroundings",
    "aclose",
    "aconnecting_s",
    "asearch_batch",
    "bench_collections",
    "chunk_node",
    "close_all_lite",
    "close_lite",
    "collection_name",
    "connect",
    "connecting_s",
    "count_rows",
    "drop_bench_collection",
    "drop_left_collection",
    "import_store_class",
    "is_lite_held",
    "join_bench_store",
    "knowledge_bases",
    "languages_of_knowledge_bases",
    "open_bench_store",
    "open_ingest_store",
    "passages",
    "search_batch",
    "search_without_scipy",
    "server_version",
    "store_errors",
    "surroundings",
]

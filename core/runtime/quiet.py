"""Library loggers print tracebacks of errors that people get as a sentence: they are silenced here."""

from __future__ import annotations

import logging

# pymilvus sets the levels of its three when it is imported.
LOGGERS = (
    "pymilvus",
    "pymilvus.milvus_client",
    "pymilvus.bulk_writer",
    "milvus_lite",
    "grpc",
    "sentence_transformers",
)


def quiet_libraries() -> None:
    """Silence them from now on; call it again after importing one of them."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)

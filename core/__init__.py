"""Overlap's core: an async LlamaIndex and Milvus library without any user interface."""

import logging

# Whoever uses this as a library says where the lines go; until then they go nowhere.
logging.getLogger(__name__).addHandler(logging.NullHandler())

"""Overlap's core: an async LlamaIndex and Milvus library without any user interface."""

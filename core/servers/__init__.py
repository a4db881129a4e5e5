"""Milvus servers that are started on this machine."""

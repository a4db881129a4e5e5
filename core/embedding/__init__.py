"""Embedding models: the bundled one, any other of Hugging Face, and how their files are downloaded."""

"""From files to passages: reading, chunking, and the ingest into the knowledge base."""

"""Parts of the page knowledge_bases."""

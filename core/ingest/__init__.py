"""Files into a knowledge base: read, cut, embedded and inserted side by side."""

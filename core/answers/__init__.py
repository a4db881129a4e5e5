"""Questions answered from a knowledge base: search, then a language model or the documents' own sentences."""

"""Files of every format, read into pages of text."""

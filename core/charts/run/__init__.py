"""Charts of one run, each from its record."""

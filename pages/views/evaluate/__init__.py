"""Parts of the page evaluate."""

"""Parts of the page runs."""

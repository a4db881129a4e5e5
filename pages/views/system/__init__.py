"""Parts of the page system."""

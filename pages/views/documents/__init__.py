"""Parts of the page documents."""

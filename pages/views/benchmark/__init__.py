"""Parts of the page benchmark."""

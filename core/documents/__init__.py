"""From files to passages: where they come from, how each format is read, how pages are cut into chunks."""

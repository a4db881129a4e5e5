"""What outlives a rerun of a page."""

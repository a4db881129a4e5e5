"""What one page alone uses, a folder a page."""

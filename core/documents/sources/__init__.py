"""Where files come from: an upload, an archive, a web address."""

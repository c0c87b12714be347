"""Public evaluation sets, read from local files."""

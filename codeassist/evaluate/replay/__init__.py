"""A simulated user types a file or a commit, with an assistant at hand."""

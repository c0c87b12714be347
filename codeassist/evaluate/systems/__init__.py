"""What can be evaluated: our engine and its peers."""

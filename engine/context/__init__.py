"""What else of the repository the model should see: index, candidates, selection."""

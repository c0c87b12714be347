"""What a completion is worth: text metrics, pass@k, intervals."""

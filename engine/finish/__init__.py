"""From what the model says to what is shown: stop rules, trimming."""

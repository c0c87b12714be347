"""Tables, JSON and one page to look at."""

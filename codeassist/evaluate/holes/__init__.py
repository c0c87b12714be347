"""Holes cut out of any repository, and the view of it in which they are filled."""

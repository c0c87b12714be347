"""How good a completion is: holes, systems that fill them, metrics, reports."""

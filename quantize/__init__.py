"""Checkpoint to GGUF and back: convert, merge, quantise, verify."""

"""Corpus to tokens to decoder to checkpoint; torch lives here and nowhere else."""

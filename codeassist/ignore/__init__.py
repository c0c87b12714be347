"""What is never completed, read as context, indexed or trained on."""

from .names import is_secret

__all__ = ["is_secret"]

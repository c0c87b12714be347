"""Checkpoints of Hugging Face's transformers, read into ours."""

from .folder import Shards, from_hugging_face, open_hugging_face

__all__ = ["Shards", "from_hugging_face", "open_hugging_face"]

"""Checkpoints of Hugging Face's transformers, read into ours."""

from .folder import Shards, from_hugging_face, open_hugging_face, vocabulary_alone
from .identity import family_of, name_of

__all__ = ["Shards", "family_of", "from_hugging_face", "name_of", "open_hugging_face"]
__all__ += ["vocabulary_alone"]

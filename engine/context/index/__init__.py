"""What is known of all files of a repository, kept up to date in the background."""

from .model import Chunk, Place, Progress
from .repository import RepositoryIndex
from .snapshot import Snapshot

__all__ = ["Chunk", "Place", "Progress", "RepositoryIndex", "Snapshot"]

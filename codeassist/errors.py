"""Every error a user can meet, each with one line that says what to do.

::

    CodeassistError
    ├── InputError              what was asked cannot be answered
    │   ├── SourceFileError         missing, binary, undecodable, too large
    │   └── PositionError           outside the file
    ├── ConfigError             a setting that does not exist or does not fit
    ├── ModelError              the weights
    │   ├── UnknownModelError       not in the catalog, not a file
    │   ├── ModelMissingError       in the catalog, not on this machine
    │   ├── ModelFileError          truncated, foreign or unsupported GGUF
    │   ├── ChecksumError           bytes that are not the catalog's
    │   ├── DownloadError           no source brought the file
    │   ├── DiskSpaceError          no room for it
    │   ├── AdapterError            an adapter that does not fit its base
    │   └── FamilyError             FIM asked of a model that has none
    ├── ContextTooSmallError    the prompt does not fit into n_ctx
    ├── DecodeError             llama.cpp refused a batch
    ├── TrainingError           training cannot begin or go on
    │   └── MemoryShortError        less memory than it was estimated to need
    ├── CorpusError             nothing to learn from, or a damaged shard
    └── PortTakenError          another process listens there

Rooms add their own below these: `SetFileError` (an `InputError`), `SandboxError`,
`PeerError`, `AssistantError` and `ServerError` of evaluations.
"""

__all__ = [
    "AdapterError",
    "ChecksumError",
    "CodeassistError",
    "ConfigError",
    "ContextTooSmallError",
    "CorpusError",
    "DecodeError",
    "DiskSpaceError",
    "DownloadError",
    "FamilyError",
    "InputError",
    "MemoryShortError",
    "ModelError",
    "ModelFileError",
    "ModelMissingError",
    "PortTakenError",
    "PositionError",
    "SourceFileError",
    "TrainingError",
    "UnknownModelError",
    "installs",
]


def installs(extra: str) -> str:
    """The command that brings an extra: codeassist itself is on no package index."""
    return f"pip install -e '.[{extra}]' in the checkout of codeassist"


class CodeassistError(Exception):
    """Base of all errors that are shown to the user as one line."""

    exit_code = 1


class InputError(CodeassistError):
    """What was asked cannot be answered."""

    exit_code = 2


class SourceFileError(InputError):
    """A source file that cannot be completed."""


class PositionError(InputError):
    """A position that is not in the file."""


class ConfigError(CodeassistError):
    """A setting that does not exist or does not fit."""

    exit_code = 2


class ModelError(CodeassistError):
    """Something is wrong with the weights."""

    exit_code = 3


class UnknownModelError(ModelError):
    """Neither an id of the catalog nor a file."""


class ModelMissingError(ModelError):
    """A model of the catalog that is not on this machine."""


class ModelFileError(ModelError):
    """A file that llama.cpp cannot load."""


class ChecksumError(ModelError):
    """Bytes that are not those of the catalog."""


class DownloadError(ModelError):
    """No source brought the file."""


class DiskSpaceError(ModelError):
    """No room for the file."""


class AdapterError(ModelError):
    """An adapter that does not fit its base model."""


class FamilyError(ModelError):
    """FIM was asked of a model that was not trained for it."""


class ContextTooSmallError(CodeassistError):
    """The prompt does not fit into the model's context."""


class DecodeError(CodeassistError):
    """llama.cpp refused a batch."""


class TrainingError(CodeassistError):
    """Training cannot begin or go on."""


class MemoryShortError(TrainingError):
    """Less memory than the work was estimated to need."""


class CorpusError(InputError):
    """Nothing to learn from, or a damaged shard."""


class PortTakenError(CodeassistError):
    """Another process listens on the port."""

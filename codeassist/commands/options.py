"""What the commands that run a model have in common: options to settings."""

import argparse
from pathlib import Path

from codeassist.config import Settings, merge
from codeassist.errors import InputError
from codeassist.settings_files import load

__all__ = ["given", "settings_of", "working_folder"]


def working_folder() -> Path:
    """The folder that the command is run in, for the settings of its project.

    Raises:
        InputError: it has been deleted.
    """
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        msg = "the working folder has been deleted; change into one that is there"
        raise InputError(msg) from error


def settings_of(args: argparse.Namespace, project: Path | None = None) -> Settings:
    """Settings from the files, then from the command line.

    Args:
        args: With the options that `_model_options` of the command line adds.
        project: A folder of the project whose settings count.

    Raises:
        ConfigError: an unknown or unfit setting.
    """
    return merge(load(project), given(args), "command line")


def given(args: argparse.Namespace) -> dict[str, dict[str, object]]:
    """The settings that the command line names, as a nested table."""
    model = {
        "id": args.model,
        "adapter": args.adapter,
        "family": args.family,
        "n_ctx": args.n_ctx,
        "threads": args.threads,
    }
    return {"model": {key: value for key, value in model.items() if value is not None}}

"""Settings as a server has them that is told what ``--settings`` says."""

import argparse
import json
from pathlib import Path
from typing import NoReturn

from codeassist.config import Settings, Warn, merge
from codeassist.errors import ConfigError
from codeassist.lsp.configuring import Configuration
from codeassist.settings_files import load

from .options import given

__all__ = ["settings_told"]

EXAMPLE = '{"completion": {"lines": "one"}}'


def _refuse(problem: str) -> NoReturn:
    raise ConfigError(problem)


def settings_told(
    args: argparse.Namespace, project: Path, warn: Warn = _refuse
) -> Settings:
    """Settings of the files, then of ``--settings``, then of the other options.

    Args:
        args: With ``settings``, and what `arguments.common.model_options` adds.
        project: A folder of the project whose settings count.
        warn: Told of each bad setting, which then does not count.

    Raises:
        ConfigError: what is no JSON; without ``warn`` an unknown or unfit setting, too.
    """
    merge(Settings(), given(args), "command line")  # refused, not left out
    told = Configuration(load, given(args), warn)
    try:
        told.tell(json.loads(args.settings))
    except json.JSONDecodeError as error:
        msg = f"--settings is no JSON ({error}); write it as {EXAMPLE}"
        raise ConfigError(msg) from error
    return told.of(project)

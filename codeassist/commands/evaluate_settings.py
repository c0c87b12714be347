"""Settings of an evaluation: a project's own count where that project is evaluated."""

import argparse
from pathlib import Path

from codeassist.config import Settings
from codeassist.settings_files import PROJECT_FILE

from .options import settings_of

__all__ = ["project_settings"]


def project_settings(
    args: argparse.Namespace, project: Path
) -> tuple[Settings, tuple[str, ...]]:
    """What completes in a project as its user would have it, and what to tell of it.

    Args:
        args: As for `settings_of`; what the command line says comes first.
        project: A folder of the project that is evaluated.

    Returns:
        The settings, and a note on those that the project's own file has set, if any.

    Raises:
        ConfigError: an unknown or unfit setting.
    """
    settings = settings_of(args, project.resolve())
    without = settings_of(args).table()
    own = [
        f"{section}.{key} = {value!r}"
        for section, values in settings.table().items()
        for key, value in values.items()
        if value != without[section][key]
    ]
    note = f"set by the project's own {PROJECT_FILE}: {', '.join(own)}"
    return settings, (note,) if own else ()

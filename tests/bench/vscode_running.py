"""What VS Code's benches share: the browser, and what the logs say."""

import re
from pathlib import Path

from tests.e2e.vscode.serving import Served, get_chromium

__all__ = ["chromium", "faults_in_logs"]

FAULT = re.compile(r"ERROR|Traceback|\[error\]")


def chromium() -> Path:
    """The browser.

    Raises:
        SystemExit: there is none.
    """
    found = get_chromium()
    if found is None:
        msg = "chromium is missing; install it"
        raise SystemExit(msg)
    return found


def faults_in_logs(served: Served) -> list[str]:
    """Lines of the server's and the extension's logs that tell of an error."""
    logs = served.code.folder / "user" / "logs"
    files = [*logs.rglob("*codeassist*/*"), *logs.rglob("codeassist.log")]
    return [
        f"{file.name}: {line}"
        for file in sorted(set(files))
        if file.is_file()
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if FAULT.search(line)
    ]

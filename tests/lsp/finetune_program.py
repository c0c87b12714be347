"""A program that fine-tunes like `codeassist finetune`, but learns nothing.

It ends as the first line of the file ``fate`` in its folder says, as soon as that is
there: ``accept``, ``refuse``, or with an error. Its report is the folder's
``report.html``, or one that does not exist.
"""

import json
import sys
import time
from pathlib import Path

REPORT = "/reports/report.html"


def say(**told):
    """A line for the server."""
    sys.stderr.write(json.dumps(told) + "\n")
    sys.stderr.flush()


def main(folder):
    """Train until the fate is known."""
    fate = folder / "fate"
    try:
        (folder / "arguments").write_text(" ".join(sys.argv[1:]))
        say(stage="estimate", seconds=3)
        say(stage="training", done=3, total=10, percent=30)
        while not (end := fate.read_text().strip() if fate.exists() else ""):
            time.sleep(0.01)  # a file may be there before its text
    except KeyboardInterrupt:
        (folder / "saved").touch()
        return 130
    if end not in ("accept", "refuse"):
        sys.stderr.write(f"codeassist: {end}\n")
        return 1
    adapter = "mine" if end == "accept" else None
    told = {"accepted": end == "accept", "adapter": adapter, "reasons": ["3 % better"]}
    page = folder / "report.html"
    report = str(page) if page.exists() else REPORT
    sys.stdout.write(json.dumps(told | {"figures": {}, "report": report}) + "\n")
    return 0 if adapter else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[2])))

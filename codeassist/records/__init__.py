"""What became of requests and suggestions: a file on this machine, for its user alone.

`Recorder` writes (in a thread of its own), `Records` reads.
"""

from .entries import Asked, Checked, Entry, Shown, Taken, Texts, Told
from .figures import Figures
from .file import RecordsError, records_file
from .reading import Kept, Records
from .recorder import Recorder
from .still import CHECKS, still_there

__all__ = [
    "CHECKS",
    "Asked",
    "Checked",
    "Entry",
    "Figures",
    "Kept",
    "Recorder",
    "Records",
    "RecordsError",
    "Shown",
    "Taken",
    "Texts",
    "Told",
    "records_file",
    "still_there",
]

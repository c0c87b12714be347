"""Public evaluation sets, read from local files.

::

    load("humaneval-plus")              a named set of the evaluation folder
    load("path/to/HumanEval.jsonl.gz")  any file; its rows tell which set it is

A module for each kind of set turns a record into a hole; `registry` knows them all.
"""

from .programs import cut
from .records import SetFileError
from .registry import NAMES, load
from .sound import Sound, sound

__all__ = ["NAMES", "SetFileError", "Sound", "cut", "load", "sound"]

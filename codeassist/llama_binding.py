"""llama.cpp's library as llama-cpp-python binds it, without the package around that.

The package imports numpy, templates and caches for chats that nobody has here, a quarter
of the time that the server takes to start, and takes llama.cpp's log to itself.
"""

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any

__all__ = ["binding"]


@cache
def binding() -> Any:
    """The functions of llama.h."""
    name = "llama_cpp"
    spec = None if name in sys.modules else find_spec(name)
    if spec is None:  # imported by others, or not installed
        return import_module(f"{name}.llama_cpp")
    sys.modules[name] = module_from_spec(spec)
    try:
        return import_module(f"{name}.llama_cpp")
    finally:
        del sys.modules[name]  # whoever imports it gets all of it

"""A repository with all that an index and a server may meet, for the bench `loop`."""

import os
import shutil
import subprocess
from pathlib import Path

from tqdm import tqdm

from codeassist import config

__all__ = ["LONG", "MINIFIED", "ODD", "OTHER", "nasty"]

FILES, FOLDER, SWITCHED = 100_000, 100, 5_000
"""All files, those of a folder, and those that another branch has changed."""

LONG, MINIFIED = "long.py", "packed.js"
LONG_ROWS, MINIFIED_BYTES = 50_000, 10_000_000
OTHER = "other"
"""The branch."""

VERSION = 1

PYTHON = '''\
"""Part {n} of the whole."""

from folder_{f}.part_{m} import Part{m}, make_{m}


class Part{n}(Part{m}):
    """Holds the {n}th value."""

    def value_{n}(self, scale: float = 1.0) -> float:
        """Scale what the part before has."""
        return scale * make_{m}(self.size).value_{m}() + {n}


def make_{n}(size: int) -> Part{n}:
    return Part{n}(size)
'''
TYPESCRIPT = """\
import {{ make{m} }} from './part_{m}';

export interface Part{n} {{ size: number; before?: Part{n} }}

export function make{n}(size: number): Part{n} {{
  const before = make{m}(size);
  return {{ size: before.size + {n} }};
}}
"""
GO = """\
package part

// Part{n} holds a value.
type Part{n} struct {{
	size int
}}

func (p *Part{n}) Value{n}(scale int) int {{
	return scale * p.size + {n}
}}
"""
CPP = """\
#include "part_{m}.hpp"

namespace parts {{
class Part{n} : public Part{m} {{
 public:
  int value_{n}(int scale) const {{ return scale * size() + {n}; }}
}};
}}  // namespace parts
"""
BROKEN = "def broken_{n}(:\n    ((((\nclass\n  return [}} '\n"
FORMS = (
    *[("py", PYTHON)] * 4,
    *[("ts", TYPESCRIPT)] * 2,
    ("go", GO),
    ("cpp", CPP),
    ("py", BROKEN),
)

ODD: dict[str, bytes] = {
    "crlf.py": b"def first(a):\r\n\treturn a\r\n\r\n" * 400,
    "cr.py": b"def old_mac(a):\r    return a\r" * 100,
    "formfeed.py": b"def before(a):\n    return a\n\f\n" * 300,
    "latin.py": "# grüße\ndef latin(a):\n    return a\n".encode("latin-1") * 200,
    "wide.py": "def wide(a):\n    return a\n".encode("utf-16"),
    "astral.py": "smile = '\U0001f600e\u0301'\ndef astral(a):\n    pass\n".encode()
    * 900,
    "broken.ts": b"export class A { f( { if (x => { ]\n" * 800,
    "odd.cpp": b"template <class T> struct S { T f(T a) { return a; } };\n" * 600,
    "odd.scala": b"class A(x: Int) { def f(y: Int): Int = x + y }\n" * 300,
    "odd.swift": b"struct A { func f(_ y: Int) -> Int { return y } }\n" * 300,
    "zeros.py": b"def f(): ...\n\0\0\0",
}
"""Each of them is opened and typed in."""


def nasty() -> Path:
    """The repository, in the cache, on its main branch; built on first use."""
    root = config.cache_dir() / "bench" / f"nasty-{VERSION}-{FILES}"
    if not root.is_dir():
        part = root.with_name(f".{root.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        _write(part)
        _commit(part)
        part.rename(root)
    _git(root, "checkout", "--quiet", "--force", "main")
    return root


def _write(root: Path) -> None:
    for n in tqdm(range(FILES), "nasty repository", delay=2):
        name, text = _part(n)
        if n % FOLDER == 0:
            (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text, encoding="utf-8")
    for name, data in ODD.items():
        (root / name).write_bytes(data)
    rows = "".join(
        f"def function_{n}(a, b):\n    return make_{n}(a) + b\n"
        for n in range(LONG_ROWS // 2)
    )
    (root / LONG).write_text(rows, encoding="utf-8")
    piece = 'function f(a,b){return a?b:"x"};'
    (root / MINIFIED).write_text(piece * (MINIFIED_BYTES // len(piece)), "utf-8")
    (root / "folder_0" / "loop").symlink_to(root, target_is_directory=True)
    (root / "gone.py").symlink_to(root / "nothing.py")
    os.mkfifo(root / "pipe.py")


def _part(n: int) -> tuple[str, str]:
    """Path and text of a file, which uses the one before it."""
    m = max(0, n - 1)
    ending, form = FORMS[n % len(FORMS)]
    text = form.format(n=n, m=m, f=m // FOLDER)
    return f"folder_{n // FOLDER}/part_{n}.{ending}", text


def _commit(root: Path) -> None:
    """Two branches that differ in many files."""
    _git(root, "init", "--quiet", "--initial-branch", "main")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message", "main")
    _git(root, "checkout", "--quiet", "-b", OTHER)
    for n in range(0, FILES, FILES // SWITCHED):
        name, text = _part(n)
        (root / name).write_text(f"{text}\n# and more\n", encoding="utf-8")
    _git(root, "commit", "--quiet", "--all", "--message", "other")


def _git(root: Path, *command: str) -> None:
    own = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    quick = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
    subprocess.run(("git", *own, *quick, *command), cwd=root, check=True)

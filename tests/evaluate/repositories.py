"""Small repositories that tests make, and what they hold."""

import subprocess
from pathlib import Path

__all__ = ["SAMPLES", "commit", "git", "write"]

SAMPLES = {
    "python": (
        "a.py",
        (
            "import os\n\n\n# check it\ndef check(limit, count):\n"
            '    """Say it."""\n'
            "    if limit > count:\n"
            "        report(limit, count)\n"
            "        stop_all()\n"
        ),
    ),
    "javascript": (
        "a.js",
        (
            'import os from "os";\n// check it\nfunction check(limit, count) {\n'
            "  if (limit > count) {\n"
            "    report(limit, count);\n"
            "    stop_all();\n  }\n}\n"
        ),
    ),
    "typescript": (
        "a.ts",
        (
            'import os from "os";\n// check it\nfunction check(limit: number, count: any) {\n'
            "  if (limit > count) {\n"
            "    report(limit, count);\n"
            "    stop_all();\n  }\n}\n"
        ),
    ),
    "typescriptreact": (
        "a.tsx",
        (
            'import os from "os";\nfunction check(limit: number, count: any) {\n'
            "  if (limit > count) {\n"
            "    report(limit, count);\n"
            "    stop_all();\n  }\n  return <p>hello {limit}</p>;\n}\n"
        ),
    ),
    "go": (
        "a.go",
        (
            'package a\n\nimport "os"\n\nfunc check(limit, count int) {\n'
            "\tif limit > count {\n"
            "\t\treport(limit, count)\n"
            "\t\tstop_all()\n\t}\n}\n"
        ),
    ),
    "rust": (
        "a.rs",
        (
            "use std::fs;\n// check it\nfn check(limit: i32, count: i32) {\n"
            "    if limit > count {\n"
            "        report(limit, count);\n"
            "        stop_all();\n    }\n}\n"
        ),
    ),
    "java": (
        "A.java",
        (
            "package a;\nimport java.io.File;\nclass A {\n  void check(int limit, int count) {\n"
            "    if (limit > count) {\n"
            "      report(limit, count);\n"
            "      stop_all();\n    }\n  }\n}\n"
        ),
    ),
    "c": (
        "a.c",
        (
            "#include <stdio.h>\n/* check it */\nvoid check(int limit, int count) {\n"
            "  if (limit > count) {\n"
            "    report(limit, count);\n"
            "    stop_all();\n  }\n}\n"
        ),
    ),
    "cpp": (
        "a.cpp",
        (
            "#include <vector>\nusing namespace std;\nvoid check(int limit, int count) {\n"
            "  if (limit > count) {\n"
            "    report(limit, count);\n"
            "    stop_all();\n  }\n}\n"
        ),
    ),
    "csharp": (
        "A.cs",
        (
            "using System;\nclass A {\n  void Check(int limit, int count) {\n"
            "    if (limit > count) {\n"
            "      report(limit, count);\n"
            "      stop_all();\n    }\n  }\n}\n"
        ),
    ),
    "ruby": (
        "a.rb",
        (
            'require "set"\n# check it\ndef check(limit, count)\n'
            "  if limit > count\n"
            "    report(limit, count)\n"
            "    stop_all()\n  end\nend\n"
        ),
    ),
    "php": (
        "a.php",
        (
            "<?php\nnamespace A;\nuse B\\C;\nfunction check($limit, $count) {\n"
            "  if ($limit > $count) {\n"
            "    report($limit, $count);\n"
            "    stop_all();\n  }\n}\n"
        ),
    ),
    "lua": (
        "a.lua",
        (
            'local os = require("os")\nlocal function check(limit, count)\n'
            "  if limit > count then\n"
            "    report(limit, count)\n"
            "    stop_all()\n  end\nend\n"
        ),
    ),
    "shellscript": (
        "a.sh",
        (
            "#!/bin/sh\n. ./lib.sh\n"
            "while limit_above count; do\n"
            "  report limit count\n"
            "  stop_all\ndone\n"
        ),
    ),
    "kotlin": (
        "a.kt",
        (
            "package a\nimport b.c\nfun check(limit: Int, count: Int) {\n"
            "  if (limit > count) {\n"
            "    report(limit, count)\n"
            "    stop_all()\n  }\n}\n"
        ),
    ),
    "scala": (
        "a.scala",
        (
            "package a\nimport b.c\nobject A {\n  def check(limit: Int, count: Int) = {\n"
            "    if (limit > count) {\n"
            "      report(limit, count)\n"
            "      stop_all()\n    }\n  }\n}\n"
        ),
    ),
    "swift": (
        "a.swift",
        (
            "import Foundation\nfunc check(limit: Int, count: Int) {\n"
            "  if limit > count {\n"
            "    report(limit, count)\n"
            "    stop_all()\n  }\n}\n"
        ),
    ),
}
"""Of each language with a grammar a file's name and text: one import, one condition,
one call with arguments, and a block of two calls inside it."""


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files under a folder, byte for byte."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        (root / path).write_bytes(raw)
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git as somebody whose settings do not matter."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    command = ["git", "-C", str(root), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit(root: Path, files: dict[str, str | bytes]) -> str:
    """Write files and commit all there is; the hash of the commit."""
    write(root, files)
    if not (root / ".git").exists():
        git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "change")
    return git(root, "rev-parse", "HEAD").strip()

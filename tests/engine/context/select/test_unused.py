"""Which names a file imports and does not use yet."""

import pytest

from codeassist.engine.context.select.unused import unused
from codeassist.languages import of_path


def names(path, text):
    """What is unused at the cursor ┃ of a file."""
    before, _, after = text.partition("┃")
    language = of_path(path).name
    return set(unused(before, after, language))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "a.py",
            (
                "import os.path, sys\nimport numpy as np\nfrom a import (\n    Base,\n"
                "    Other as One,\n)\nfrom __future__ import annotations\n"
                "from b import *\n\nprint(sys.path)\n┃\n"
            ),
            {"os", "np", "Base", "One"},
        ),
        (
            "a.ts",
            (
                "import X, {a as b, type Shape} from './x';\nimport * as all from 'y';\n"
                "import './side.css';\nconst q = b(Shape);\n┃\n"
            ),
            {"all"},
        ),
        (
            "a.go",
            (
                'package a\n\nimport (\n\t"fmt"\n\t"net/http"\n\tother "x/y"\n)\n\n'
                "func f() {\n\t┃\n}\n"
            ),
            {"fmt", "http", "other"},
        ),
        (
            "v.go",
            (
                'package a\n\nimport (\n\t"github.com/redis/go-redis/v9"\n'
                '\t"gopkg.in/yaml.v3"\n\t"github.com/go-chi/chi/v5"\n'
                '\t"k8s.io/api/core/v1"\n\t"github.com/nats-io/nats.go"\n'
                '\t"github.com/hashicorp/go-plug-in"\n)\n\n'
                "func f() {\n\tyaml.Marshal(redis.New())\n\t┃\n}\n"
            ),
            {"chi", "v1", "nats"},
        ),
        ("a.rs", "use std::io::{File, Write};\nfn f() {\n┃}\n", set()),
        (
            "a.tsx",
            "import React, {useState} from 'react';\nexport function A() {\n  ┃\n}\n",
            {"useState"},
        ),
        ("b.py", "from a import B  # noqa: F401\nfrom a import Cart\n┃\n", {"Cart"}),
        ("b.go", 'package a\n\nimport (\n\t_ "side"\n\t"os"\n)\n┃\n', {"os"}),
        ("A.java", "import java.util.List;\nclass A {\n┃}\n", {"List"}),
        ("a.c", "#include <stdio.h>\nint main() {\n┃}\n", set()),
    ],
)
def test_what_is_imported_and_used_nowhere(path, text, expected):
    """Names and aliases of the statements; what is mentioned once is used, and what
    works without its name is not expected."""
    assert names(path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "from a import One, T┃\n",
        "from a import (\n    One,\n    ┃\n)\n",
        "import os\nfrom b import ┃\n",
    ],
)
def test_an_import_is_no_use_of_others(text):
    """While a line of imports is written nothing that is imported is expected."""
    assert names("a.py", text) == set()


def test_a_use_below_the_cursor_counts():
    """The whole file is looked at, and a name within a longer one is none."""
    text = "from a import One, Two\n\n┃\n\nprint(Two)\nOnes = 1\n"
    assert names("a.py", text) == {"One"}


def test_half_of_a_surrogate_pair():
    """One that an editor sent hides no import."""
    assert names("a.py", "import os  # \ud83d\nimport sys\n┃\n") == {"os", "sys"}


def test_imports_far_down_are_none_at_all():
    """Only the top of a file is looked at; what is used in the rest of it counts."""
    far = "x = 1\n" * 500
    assert names("a.py", f"import os, sys\n{far}import re\nprint(sys)\n┃\n") == {"os"}

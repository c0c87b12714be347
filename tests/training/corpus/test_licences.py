import json

import pytest

from codeassist.training.corpus.licence_texts import licences_in
from codeassist.training.corpus.licences import Permissions, is_licence_file
from codeassist.training.corpus.metadata import read_manifest
from codeassist.training.corpus.recipe import PERMISSIVE
from tests.training.corpus.packages import MIT

GPL_HEAD = """# This program is free software; you can redistribute it
# and/or modify it under the terms of the GNU General
# Public License.
import os
"""


def permissions(**files: str) -> Permissions:
    """Of a package with these manifests and licence files; __ is a slash."""
    found = Permissions(PERMISSIVE)
    for name, text in files.items():
        path = (
            name.replace("__", "/")
            .replace("_dot_", ".")
            .replace("PKG_INFO", "PKG-INFO")
        )
        said = read_manifest(path, text) if not is_licence_file(path) else None
        if said is not None:
            found.add_manifest(path, said)
        elif is_licence_file(path):
            found.add_text(path, text)
    return found


@pytest.mark.parametrize(
    ("path", "text", "licence"),
    [
        ("PKG-INFO", "Name: a\nLicense-Expression: MIT\n", "MIT"),
        ("PKG-INFO", "Name: a\nLicense: Apache License 2.0\n", "Apache-2.0"),
        (
            "PKG-INFO",
            "Name: a\nClassifier: License :: OSI Approved :: ISC License (ISCL)\n",
            "ISC",
        ),
        (
            "pyproject.toml",
            '[project]\nname = "a"\nlicense = "BSD-3-Clause"\n',
            "BSD-3-Clause",
        ),
        ("package.json", '{"name": "a", "license": "MIT"}', "MIT"),
        (
            "Cargo.toml",
            '[package]\nname = "a"\nlicense = "MIT/Apache-2.0"\n',
            "MIT OR Apache-2.0",
        ),
        ("copyright", "Format: x\n\nFiles: *\nLicense: Expat\n full text\n", "MIT"),
    ],
)
def test_each_manifest_says_its_licence(path: str, text: str, licence: str) -> None:
    """The manifests of five worlds are read, in old and new spellings."""
    said = read_manifest(path, text)
    assert said is not None
    assert said.licence == licence


def test_a_manifest_names_its_owner() -> None:
    """The owner at a forge is found among the links."""
    text = "Name: a\nProject-URL: Source, https://github.com/Pallets/click/\n"
    said = read_manifest("PKG-INFO", text)
    assert said is not None
    assert said.owners == {"pallets"}


@pytest.mark.parametrize(
    "link",
    [
        "github:Acme/foo",
        "gitlab:acme/foo",
        "acme/foo",
        "https://github.com/acme",
        "git+ssh://git@github.com/acme/foo.git",
        "git@github.com:acme/foo.git",
    ],
)
def test_every_way_to_name_a_repository_names_its_owner(link: str) -> None:
    """Short forms, and a link to the owner himself, tell the owner, too."""
    said = read_manifest("package.json", json.dumps({"repository": link}))
    assert said is not None
    assert said.owners == {"acme"}


@pytest.mark.parametrize(
    ("expression", "granted"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("LicenseRef-Own", False),
        ("see the file", False),
    ],
)
def test_an_expression_needs_an_allowed_choice(expression: str, granted: bool) -> None:
    """Of a choice one side must be allowed, of a conjunction all."""
    head = f"# SPDX-License-Identifier: {expression}\nx = 1\n"
    assert permissions().of("a.py", head).granted is granted


def test_the_nearest_words_count() -> None:
    """The file's own head is before its folder's licence, that before the package's."""
    found = permissions(LICENSE=MIT, plugin__COPYING="GNU General Public License v3")
    assert found.of("a.py", "x = 1\n").granted
    assert not found.of("plugin/deep/a.py", "x = 1\n").granted
    assert not found.of("b.py", GPL_HEAD).granted
    own = "# SPDX-License-Identifier: MIT\n"
    assert found.of("plugin/b.py", own).granted


def test_a_vendored_folder_needs_a_licence_of_its_own() -> None:
    """What holds for a package does not hold for what it carries along."""
    found = permissions(LICENSE=MIT, _vendor__two__LICENSE=MIT)
    assert not found.of("_vendor/one/a.py", "x = 1\n").granted
    assert found.of("_vendor/two/a.py", "x = 1\n").granted


def test_manifest_and_licence_file_must_agree() -> None:
    """A package that says MIT and carries the GPL is out, unless MIT is a choice."""
    gpl = "GNU General Public License, version 2"
    said = "Name: a\nLicense-Expression: MIT\n"
    assert not permissions(PKG_INFO=said, LICENSE=gpl).of("a.py", "").granted
    choice = "Name: a\nLicense-Expression: MIT OR GPL-2.0-only\n"
    assert permissions(PKG_INFO=choice, LICENSE=gpl).of("a.py", "").granted


def test_nothing_said_is_out() -> None:
    """A package without a licence is not learned from, and the report says so."""
    found = permissions().of("a.py", "x = 1\n")
    assert (found.granted, found.licence) == (False, "LicenseRef-unknown")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (MIT, {"MIT"}),
        ("Licensed under the Apache License, Version 2.0", {"Apache-2.0"}),
        ("/* Use of this source code is governed by nothing */", set()),
        (MIT + "The Software shall be used for Good, not Evil.", {"MIT", "JSON"}),
        ("for non-commercial use only; licence below", {"LicenseRef-non-commercial"}),
        ("GPL-compatible, says the license of Python", set()),
    ],
)
def test_texts_are_known_by_their_grant(text: str, found: set[str]) -> None:
    """A text has each licence that it grants; a mention in passing is none."""
    assert licences_in(text) == found


def test_a_licence_in_the_code_is_not_the_files_licence() -> None:
    """Words on licences below the head do not change a file's licence."""
    text = 'import os\nNAMES = ["GNU General Public License"]\n'
    assert permissions(LICENSE=MIT).of("a.py", text).granted


GPL = "Free software under the terms of the\nGNU General Public License."


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("a.lua", f"--[[\n{GPL}\n]]\nlocal x = 1\n"),
        ("a.lua", f"--[==[\n{GPL}\n]==]\n"),
        ("a.rb", f"=begin\n{GPL}\n=end\nx = 1\n"),
        ("a.html", f"<!--\n{GPL}\n-->\n<p>\n"),
        ("a.ps1", f"<#\n{GPL}\n#>\n"),
        ("a.ml", f"(*\n{GPL}\n*)\nlet x = 1\n"),
        ("a.hs", f"{{-\n{GPL}\n-}}\nmodule A where\n"),
        ("a.js", f"'use strict';\n/*\n{GPL}\n*/\nvar x\n"),
        ("a.js", f"'use strict'; /* {GPL} */\n"),
        ("a.java", f"package a;\n/*\n * {GPL}\n */\nclass A {{}}\n"),
        ("a.py", f'r"""\n{GPL}\n"""\nx = 1\n'),
        ("a.py", "from __future__ import annotations\n" + GPL_HEAD),
        ("a.py", "import os\n\n" + GPL_HEAD),
        ("a.c", "// SPDX-License-Identifier: MIT\n" + f"/* {GPL} */"),
        (
            "a.c",
            "// SPDX-License-Identifier: MIT\n// SPDX-License-Identifier: GPL-2.0-only",
        ),
        ("a.py", GPL_HEAD + "HEADER = 'SPDX-License-Identifier: MIT'\n"),
    ],
)
def test_a_comment_of_any_language_refuses(path: str, head: str) -> None:
    """A licence that is not permissive counts in every comment of a file's head."""
    assert not permissions(LICENSE=MIT).of(path, head).granted


@pytest.mark.parametrize(
    ("head", "granted"),
    [
        (f"'use strict';\n/* {MIT} */\n", True),
        (f"package a;\n\n/* {MIT} */\n", True),
        ("<!-- SPDX-License-Identifier: MIT -->\n", True),
        (f"int x;\n/* {MIT} */\n", False),
        ("x = 'SPDX-License-Identifier: MIT'\n", False),
        (f'x = """\n{MIT}\n"""\n', False),
    ],
)
def test_a_grant_stands_before_the_code(head: str, granted: bool) -> None:
    """What only a part of a file is under, or a string says, frees no file."""
    assert permissions().of("a.js", head).granted is granted


def test_a_side_of_a_choice_may_be_spelled_out() -> None:
    """A file under either of two licences may carry the text of the refused one."""
    head = f"// SPDX-License-Identifier: MIT OR GPL-2.0-only\n/* {GPL} */\n"
    assert permissions().of("a.c", head).granted


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        *((name, True) for name in ("LICENSE", "COPYING", "a/LICENCE.md")),
        *((name, True) for name in ("LICENSE-MIT", "licenses/zlib.txt")),
        *((name, False) for name in ("src/License.java", "app/licenses/page.tsx")),
        *((name, False) for name in ("copyright.rb", "license_key.cs", "licence.kt")),
    ],
)
def test_code_is_no_licence(path: str, is_one: bool) -> None:
    """A source that is called License says nothing of what it stands beside."""
    assert is_licence_file(path) is is_one


ACME = "ACME Licence. All rights reserved. You may not copy this; see LICENSE-MIT."


@pytest.mark.parametrize(
    "others",
    [
        {"LICENSE-3rdparty.txt": MIT},
        {"licenses/zlib.txt": MIT},
        {"THIRD-PARTY-LICENSE": MIT},
        {"LICENSE-MIT": MIT},
        {"package.json": '{"name": "a", "license": "ISC"}'},
    ],
)
def test_an_unknown_licence_is_refused_whatever_stands_beside_it(
    others: dict[str, str],
) -> None:
    """Notices of third parties and defaults of tools free no proprietary package."""
    found = permissions(LICENSE=ACME, **others).of("a.py", "")
    assert (found.granted, found.licence) == (False, "LicenseRef-unknown")


@pytest.mark.parametrize(
    ("files", "granted"),
    [
        ({"LICENSE": MIT, "licenses/own.txt": "Words of nobody."}, True),
        ({"LICENSE": MIT, "THIRD-PARTY-LICENSE": "Words of nobody."}, True),
        ({"LICENSE": MIT, "COPYRIGHT": "2027 by somebody"}, True),
        ({"LICENSE": MIT, "licenses/gpl.txt": GPL}, False),
        ({"LICENSES/MIT.txt": MIT}, True),
        ({"logo.svg.license": "SPDX-License-Identifier: MIT"}, False),
        (
            {
                "LICENSE": "Under the terms of either LICENSE.MIT or LICENSE.TXT.",
                "LICENSE.MIT": MIT,
            },
            True,
        ),
    ],
)
def test_notices_of_others_only_count_alone(
    files: dict[str, str], granted: bool
) -> None:
    """A package's own licence counts, with those of its guests where it is good."""
    assert permissions(**files).of("a.py", "").granted is granted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", '{"name": "a", "license": "SEE LICENSE IN LICENSE"}'),
        ("pyproject.toml", '[project]\nname = "a"\nlicense = "MIT License"\n'),
        ("PKG-INFO", "Name: a\nLicense: Dual License\n"),
        (
            "PKG-INFO",
            "License: LICENSE.txt\nClassifier: License :: OSI Approved :: MIT License\n",
        ),
    ],
)
def test_a_manifest_that_points_elsewhere_refuses_nothing(path: str, text: str) -> None:
    """What only hints at a licence leaves the word to the licence file."""
    assert permissions(**{"LICENSE": MIT, path: text}).of("a.py", "").granted


@pytest.mark.parametrize("licence", ["UNLICENSED", "Proprietary", "see EULA.txt"])
def test_a_manifest_that_refuses_does(licence: str) -> None:
    """A package that says it is not free is not, with an MIT file in it or without."""
    said = f'{{"name": "a", "license": "{licence}"}}'
    assert not permissions(**{"LICENSE": MIT, "package.json": said}).of("a", "").granted


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("The Software may not be used for commercial purposes.", True),
        ("Only for non-commercial research.", True),
        ("Redistribution is permitted for academic research only.", True),
        ("For any purpose, commercial or non-commercial.", False),
        ("This library is free for commercial and non-commercial use.", False),
        ("For both noncommercial and commercial use.", False),
        ("For any purpose, including commercial applications.", False),
    ],
)
def test_what_keeps_commerce_out_is_not_permissive(words: str, refused: bool) -> None:
    """A grant with a bound on its use is none, however the bound is said."""
    assert permissions(LICENSE=MIT + words).of("a.py", "").granted is not refused


def test_ones_own_code_needs_no_licence() -> None:
    """Who allows what nobody says learns from code without a licence, not the GPL's."""
    own = Permissions(("LicenseRef-unknown", "MIT"))
    assert own.of("a.py", "x = 1\n").granted
    assert not own.of("b.py", GPL_HEAD).granted
    own.add_text("LICENSE", ACME)
    assert own.of("a.py", "x = 1\n").granted

"""Imports of real layouts find their files."""

import pytest

from codeassist import languages
from codeassist.engine.context.outline import outline
from codeassist.engine.context.outline.resolve import Resolver, is_config

LAYOUTS = {
    "python src layout": (
        {
            "src/pkg/__init__.py": "",
            "src/pkg/core.py": "",
            "src/pkg/sub/__init__.py": "",
            "src/pkg/sub/deep.py": "",
            "src/pkg/logging.py": "",
            "space/plugins/one.py": "",
            "tests/helpers.py": "",
            "tests/test_core.py": "import pkg.core, helpers\nfrom pkg import sub, core\n"
            "from pkg.sub import deep as d, VALUE\nfrom space.plugins import one\n"
            "import logging, numpy\n",
        },
        "tests/test_core.py",
        {
            "pkg.core": ("src/pkg/core.py",),
            "helpers": ("tests/helpers.py",),
            "pkg": ("src/pkg/sub/__init__.py", "src/pkg/core.py"),
            "pkg.sub": ("src/pkg/sub/deep.py", "src/pkg/sub/__init__.py"),
            "space.plugins": ("space/plugins/one.py",),
            "logging": (),
            "numpy": (),
        },
    ),
    "python standard library beside a package's own": (
        {
            "pkg/__init__.py": "",
            "pkg/types.py": "",
            "pkg/other.py": "",
            "pkg/core.py": "import types\nimport pkg.types\nimport other\n",
        },
        "pkg/core.py",
        {"types": (), "pkg.types": ("pkg/types.py",), "other": ("pkg/other.py",)},
    ),
    "python scripts": (
        {"bin/types.py": "", "bin/run.py": "import types\n"},
        "bin/run.py",
        {"types": ("bin/types.py",)},
    ),
    "python relative": (
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "",
            "pkg/sub/__init__.py": "",
            "pkg/sub/b.py": "from . import c\nfrom .c import x\nfrom ..a import y\n"
            "from .... import z\n",
            "pkg/sub/c.py": "",
        },
        "pkg/sub/b.py",
        {"": (), "c": ("pkg/sub/c.py",), "a": ("pkg/a.py",)},
    ),
    "typescript aliases": (
        {
            "tsconfig.json": '{ // comment\n "compilerOptions": {"baseUrl": ".",'
            ' "paths": {"@app/*": ["src/app/*"], "config": ["src/conf.ts"]},}}',
            "src/app/view/index.tsx": "",
            "src/app/user.ts": "",
            "src/conf.ts": "",
            "src/main.ts": "import a from '@app/view';\nimport b from './app/user.js';\n"
            "import c from 'config';\nimport d from 'src/app/user';\n"
            "import e from 'react';\nimport f from './app/view/';\n",
        },
        "src/main.ts",
        {
            "@app/view": ("src/app/view/index.tsx",),
            "./app/user.js": ("src/app/user.ts",),
            "config": ("src/conf.ts",),
            "src/app/user": ("src/app/user.ts",),
            "react": (),
            "./app/view/": ("src/app/view/index.tsx",),
        },
    ),
    "typescript aliases behind a comma and a comment": (
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"], // ,}'
            '\n /* none */ }, // "strict": true\n}, "extends": "//no,}", }',
            "lib/a.ts": "",
            "main.ts": "import a from '@lib/a';\n",
        },
        "main.ts",
        {"@lib/a": ("lib/a.ts",)},
    ),
    "typescript aliases of a project referred to": (
        {
            "tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.app.json"}]}',
            "tsconfig.app.json": '{"compilerOptions": {"paths": {"@/*": ["./source/*"]}}}',
            "tsconfig.node.json": '{"compilerOptions": {"noEmit": true}}',
            "source/a.ts": "",
            "main.ts": "import a from '@/a';\n",
        },
        "main.ts",
        {"@/a": ("source/a.ts",)},
    ),
    "typescript aliases that are extended": (
        {
            "tsconfig.json": '{"extends": "./tsconfig.paths.json",'
            ' "compilerOptions": {"baseUrl": "parts"}}',
            "tsconfig.paths.json": '{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}',
            "tsconfig.build.json": '{"compilerOptions": {"paths": {"@lib/*": ["./out/*"]}}}',
            "lib/a.ts": "",
            "out/a.ts": "",
            "parts/b.ts": "",
            "main.ts": "import a from '@lib/a';\nimport b from 'b';\n",
        },
        "main.ts",
        {"@lib/a": ("lib/a.ts",), "b": ("parts/b.ts",)},
    ),
    "npm internal imports": (
        {
            "package.json": '{"imports": {"#lib/*": "./src/lib/*", "#db": {"node":'
            ' "./dist/db.js"}}}',
            "src/lib/a.ts": "",
            "src/db.ts": "",
            "src/main.ts": "import a from '#lib/a.js';\nimport b from '#db';\n"
            "import c from '#none';\n",
        },
        "src/main.ts",
        {"#lib/a.js": ("src/lib/a.ts",), "#db": ("src/db.ts",), "#none": ()},
    ),
    "npm workspace": (
        {
            "packages/ui/package.json": '{"name": "@org/ui", "main": "dist/index.js",'
            ' "exports": {".": {"types": "./dist/index.d.ts"}, "./*": "./src/*.ts"}}',
            "packages/ui/src/index.ts": "",
            "packages/ui/src/button.ts": "",
            "packages/old/package.json": '{"name": "old", "main": "entry.js"}',
            "packages/old/entry.js": "",
            "packages/old/lib/part.js": "",
            "app/main.js": "const ui = require('@org/ui');\n"
            "import b from '@org/ui/button';\nimport o from 'old';\n"
            "import p from 'old/lib/part';\n",
        },
        "app/main.js",
        {
            "@org/ui": ("packages/ui/src/index.ts",),
            "@org/ui/button": ("packages/ui/src/button.ts",),
            "old": ("packages/old/entry.js",),
            "old/lib/part": ("packages/old/lib/part.js",),
        },
    ),
    "go modules": (
        {
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "cart/cart.go": "package cart\n",
            "cart/price.go": "package cart\n",
            "cart/cart_test.go": "package cart\n",
            "tools/go.mod": "module example.org/shop/tools\n",
            "tools/gen/gen.go": "package gen\n",
            "cmd/other.go": "package main\n",
            "cmd/main.go": 'package main\nimport (\n\t"fmt"\n\t"example.org/shop/cart"\n'
            '\tg "example.org/shop/tools/gen"\n)\n',
        },
        "cmd/main.go",
        {
            "main": ("cmd/other.go",),
            "fmt": (),
            "example.org/shop/cart": ("cart/cart.go", "cart/price.go"),
            "example.org/shop/tools/gen": ("tools/gen/gen.go",),
        },
    ),
    "rust workspace": (
        {
            "core/Cargo.toml": '[package]\nname = "my-core"\n',
            "core/src/lib.rs": "",
            "core/src/shape/mod.rs": "",
            "core/src/shape/round.rs": "",
            "app/Cargo.toml": '[package]\nname = "app"\n',
            "app/src/main.rs": "",
            "app/src/ui.rs": "mod panel;\nuse my_core::shape::round::Circle;\n"
            "use crate::state::State;\nuse super::state;\nuse self::panel::Panel;\n"
            "use std::fmt;\n",
            "app/src/ui/panel.rs": "",
            "app/src/state.rs": "",
        },
        "app/src/ui.rs",
        {
            "panel": ("app/src/ui/panel.rs",),
            "my_core::shape::round": ("core/src/shape/round.rs",),
            "crate::state": ("app/src/state.rs",),
            "super": ("app/src/state.rs",),
            "self::panel": ("app/src/ui/panel.rs",),
            "std": (),
        },
    ),
    "java packages": (
        {
            "lib/src/main/java/org/x/Shape.java": "",
            "lib/src/main/java/org/x/Maths.java": "",
            "lib/src/main/kotlin/org/y/Tool.kt": "",
            "app/src/main/java/org/a/Other.java": "",
            "app/src/main/java/org/a/App.java": "package org.a;\n"
            "import org.x.Shape;\nimport static org.x.Maths.sum;\nimport org.y.*;\n"
            "import java.util.List;\n",
        },
        "app/src/main/java/org/a/App.java",
        {
            "org.a": ("app/src/main/java/org/a/Other.java",),
            "org.x": ("lib/src/main/java/org/x/Shape.java",),
            "org.x.Maths": ("lib/src/main/java/org/x/Maths.java",),
            "org.y": ("lib/src/main/kotlin/org/y/Tool.kt",),
            "java.util": (),
        },
    ),
    "c includes": (
        {
            "include/lib/list.h": "",
            "include/config.h": "",
            "src/inner.h": "",
            "vendor/x/string.h": "",
            "src/main.c": '#include "inner.h"\n#include "lib/list.h"\n'
            "#include <config.h>\n#include <string.h>\n",
        },
        "src/main.c",
        {
            "inner.h": ("src/inner.h",),
            "lib/list.h": ("include/lib/list.h",),
            "config.h": ("include/config.h",),
            "string.h": (),
        },
    ),
    "c# namespaces": (
        {
            "src/Shop.Core/Cart/Item.cs": "",
            "src/Shop.Core/Cart/Price.cs": "",
            "src/Shop.Web/Start.cs": "using System;\nusing Shop.Core.Cart;\n",
        },
        "src/Shop.Web/Start.cs",
        {
            "System": (),
            "Shop.Core.Cart": (
                "src/Shop.Core/Cart/Item.cs",
                "src/Shop.Core/Cart/Price.cs",
            ),
        },
    ),
    "ruby gem": (
        {
            "lib/shop.rb": "",
            "lib/shop/cart.rb": "",
            "spec/helper.rb": "",
            "spec/cart_spec.rb": "require 'shop/cart'\nrequire_relative 'helper'\n"
            "require 'json'\n",
        },
        "spec/cart_spec.rb",
        {
            "shop/cart": ("lib/shop/cart.rb",),
            "helper": ("spec/helper.rb",),
            "json": (),
        },
    ),
    "php psr-4": (
        {
            "composer.json": '{"autoload": {"psr-4": {"App\\\\": "src/"}}}',
            "src/Cart/Item.php": "",
            "src/boot.php": "",
            "public/index.php": "<?php\nuse App\\Cart\\Item;\n"
            "require __DIR__ . '/../src/boot.php';\nuse Other\\Thing;\n",
        },
        "public/index.php",
        {
            "App\\Cart": ("src/Cart/Item.php",),
            "/../src/boot.php": ("src/boot.php",),
            "Other": (),
        },
    ),
    "lua modules": (
        {
            "lua/tool/init.lua": "",
            "lua/tool/run.lua": "",
            "plugin/tool.lua": "local t = require('tool')\nlocal r = require 'tool.run'\n",
        },
        "plugin/tool.lua",
        {"tool": ("lua/tool/init.lua",), "tool.run": ("lua/tool/run.lua",)},
    ),
    "shell scripts": (
        {
            "lib/log.sh": "",
            "bin/run.sh": '#!/bin/sh\n. "$ROOT/lib/log.sh"\nsource ./own.sh\n',
            "bin/own.sh": "",
        },
        "bin/run.sh",
        {"/lib/log.sh": ("lib/log.sh",), "./own.sh": ("bin/own.sh",)},
    ),
    "swift package": (
        {
            "Sources/Shapes/Circle.swift": "",
            "Sources/App/main.swift": "import Foundation\nimport Shapes\n",
        },
        "Sources/App/main.swift",
        {"Foundation": (), "Shapes": ("Sources/Shapes/Circle.swift",)},
    ),
}


def written(root, texts):
    """The layout as files, read back as the index would."""
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return sorted(
        p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()
    )


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name, tmp_path):
    """Each import of a file finds the files that the language would load."""
    texts, path, expected = LAYOUTS[name]
    paths = written(tmp_path, texts)
    configs = {p: t for p, t in texts.items() if is_config(p)}
    resolver = Resolver(paths, configs)

    found = outline((tmp_path / path).read_bytes(), languages.of_path(path).name)

    assert {i.module: resolver.resolve(path, i) for i in found.imports} == expected


def test_paths_come_and_go():
    """A file that is added is found, one that is removed is not, its folder neither."""
    resolver = Resolver(["app/main.py"], {})
    found = outline(b"from pkg.sub import part\n", "python").imports[0]

    assert resolver.resolve("app/main.py", found) == ()
    resolver.add("pkg/sub/part.py")
    assert resolver.resolve("app/main.py", found) == ("pkg/sub/part.py",)
    resolver.add("pkg/sub/__init__.py")
    resolver.remove("pkg/sub/part.py")
    assert resolver.resolve("app/main.py", found) == ("pkg/sub/__init__.py",)
    resolver.remove("pkg/sub/__init__.py")
    resolver.remove("pkg/sub/__init__.py")
    assert resolver.resolve("app/main.py", found) == ()


def test_configuration_can_change():
    """New aliases count from the moment they are told."""
    resolver = Resolver(["src/a.ts", "main.ts"], {})
    found = outline(b"import a from '#a';\n", "typescript").imports[0]

    assert resolver.resolve("main.ts", found) == ()
    paths = '{"compilerOptions": {"paths": {"#*": ["./src/*"]}}}'
    resolver.configure({"tsconfig.json": paths})
    assert resolver.resolve("main.ts", found) == ("src/a.ts",)


def test_damaged_configuration_says_nothing():
    """Files that do not parse, or hold something else, change no answer."""
    configs = {
        "package.json": "[1, 2",
        "tsconfig.json": '{"compilerOptions": {"paths": ["x"]}, "extends": "./tsconfig"}',
        "Cargo.toml": "[package\nname = 3",
        "composer.json": '{"autoload": {"psr-4": {"A\\\\": [1]}}}',
        "go.mod": "\x00",
    }
    resolver = Resolver(["b.ts", "a.ts"], configs)
    found = outline(b"import b from './b';\n", "typescript").imports[0]

    assert resolver.resolve("a.ts", found) == ("b.ts",)


def test_every_import_gets_an_answer():
    """Odd imports (empty, upwards out of the root, very deep) find nothing and fail not."""
    paths = [f"d/{'x/' * depth}f{end}" for depth in range(4) for end in ENDS]
    resolver = Resolver(paths, {})
    texts = {
        ".py": b"from ...... import a\nfrom . import *\nimport .\n",
        ".js": b"import a from '';\nimport b from '../../../../../x';\nrequire('/');\n",
        ".c": b'#include ""\n#include "../../../../x.h"\n#include </>\n',
        ".rs": b"use super::super::super::super::x;\nuse ::{};\nmod r#x;\n",
        ".php": b"<?php use \\; require '';\n",
        ".lua": b"require('')\nrequire('..')\n",
        ".sh": b"source ''\n. /\n",
        ".go": b'package x\nimport ""\n',
        ".cs": b"using ;\nusing A..B;\n",
    }
    for end, text in texts.items():
        path = f"d/f{end}"
        for found in outline(text, languages.of_path(path).name).imports:
            assert set(resolver.resolve(path, found)) <= set(paths)


ENDS = (".py", ".js", ".c", ".rs", ".php", ".lua", ".sh", ".go", ".cs")

"""What is installed is what lies in the repository."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest

import codeassist

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["setuptools"]
BY_NAME = re.compile(
    r"pip install (-\S+ )*['\"]?codeassist\b(?![/-])|install codeassist\["
)


def test_version():
    """`codeassist.__version__` is the version that pip knows."""
    assert codeassist.__version__ == metadata.version("codeassist")


@pytest.mark.parametrize("name", PACKAGES["packages"])
def test_each_package_is_its_folder(name):
    """A declared package is imported from the folder that the mapping names."""
    folder = (ROOT / PACKAGES["package-dir"][name]).resolve()

    assert Path(import_module(name).__file__).resolve().parent == folder


def test_no_package_is_forgotten():
    """Every folder with an `__init__.py` is declared, or a wheel would lack it."""
    declared = {
        (ROOT / folder).resolve() for folder in PACKAGES["package-dir"].values()
    }
    tops = {ROOT / folder.split("/")[0] for folder in PACKAGES["package-dir"].values()}
    found = {p.parent.resolve() for top in tops for p in top.glob("**/__init__.py")}

    assert found == declared


def brought(extra):
    """The requirements of an extra, with those of the extras that it names."""
    for line in PROJECT["project"]["optional-dependencies"][extra]:
        if line.startswith("codeassist["):
            for name in line[len("codeassist[") : -1].split(","):
                yield from brought(name)
        else:
            yield line


def test_one_extra_is_enough_to_fine_tune():
    """What learns is proved by measuring, so training's extra brings what that needs."""
    assert {*brought("evaluate")} <= {*brought("train")}


def test_nobody_is_told_to_install_a_strangers_package():
    """No text has pip install codeassist by its name, which is another's on the index."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "README.md", "docs", "editors", "codeassist"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    texts = [ROOT / name for name in listed.stdout.split("\0") if name]
    told = [
        str(path)
        for path in texts
        if path.is_file() and BY_NAME.search(path.read_text(errors="replace"))
    ]

    assert BY_NAME.search("run pip install 'codeassist[train]'")
    assert len(texts) > 100
    assert told == []


def loaded(module, names):
    """Those of the names that are imported with a module."""
    code = f"import sys, {module}; print(*sorted({set(names)!r} & {{*sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_command_line_starts_light():
    """Importing the command line loads no model runtime, no numpy and no network."""
    heavy = {"torch", "llama_cpp", "numpy", "pygls", "huggingface_hub"}

    assert loaded("codeassist.cli", heavy) == []


def test_the_server_starts_light():
    """Importing the server loads of llama.cpp's package the binding and no more."""
    heavy = {"torch", "jinja2", "llama_cpp.llama", "llama_cpp.llama_cpp"}

    assert loaded("codeassist.commands.lsp", heavy) == ["llama_cpp.llama_cpp"]


def test_no_file_is_too_long():
    """Source files stay short enough to be read in one go."""
    sources = [
        path
        for folder in ("codeassist", "engine", "lsp", "training", "quantize")
        for path in (ROOT / folder).rglob("*.py")
    ]
    long = {str(p): n for p in sources if (n := len(p.read_text().split("\n"))) > 400}

    assert long == {}

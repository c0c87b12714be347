"""`.ci/setup` with a stand-in for Python: what is installed belongs to its folder."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = """bash cat cut cp dirname env getconf grep mkdir mktemp mv rm sed sh sha256sum
touch uname"""


def stand_in(prefix):
    """A Python whose venv holds it alone, and whose pip writes down what it is told."""
    return f"""#!/bin/sh
for last; do :; done
case "$*" in
  *base_prefix*) echo {prefix} ;;
  -c*) ;;
  *"-m venv"*) rm -rf "$last"; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
  *" wheel "*)
    echo "wheel $CMAKE_ARGS" >>"$SAID"
    while [ "$1" != --wheel-dir ]; do shift; done
    touch "$2/llama_cpp_python-${{last#*==}}-py3-none-any.whl" ;;
  *) echo "$*" >>"$SAID"; exit "${{PIP_STATUS:-0}}" ;;
esac
"""


class Checkout:
    """A clone's setup, on a machine with little on it."""

    def __init__(self, home):
        self.home = home
        self.folder = home / "clone"
        self.said = home / "said"
        self.bin = home / "bin"
        for folder in (self.folder / ".ci", self.bin):
            folder.mkdir(parents=True)
        shutil.copy(ROOT / ".ci/setup", self.folder / ".ci/setup")
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        self.tool("python3", stand_in("/usual"))
        self.tool("cmake")
        self.tool("g++")
        for name in TOOLS.split():
            (self.bin / name).symlink_to(shutil.which(name))

    def tool(self, name, text="#!/bin/sh\n"):
        """A program of ours."""
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def setup(self, status=0, **env):
        """Run it; what pip was asked for, and what was said."""
        self.said.write_text("")
        env |= {"PATH": str(self.bin), "HOME": str(self.home), "SAID": str(self.said)}
        command = [str(self.folder / ".ci/setup"), "user"]
        ran = subprocess.run(command, env=env, capture_output=True, text=True)
        assert ran.returncode == status, ran.stderr
        return self.said.read_text(), ran.stderr


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def test_a_second_setup_touches_nothing(checkout):
    """What is there is not asked of pip again."""
    asked, _ = checkout.setup()
    assert "--editable ." in asked

    assert checkout.setup() == ("", "")


@pytest.mark.parametrize("carried", [shutil.move, shutil.copytree])
def test_a_carried_clone_is_set_up_anew(checkout, carried):
    """Scripts name the folder that they were made in: a moved clone gets its own."""
    checkout.setup()
    there = checkout.home / "there"
    carried(checkout.folder, there)
    checkout.folder = there
    left = there / ".venv/bin/codeassist"
    left.write_text("of the other folder")

    asked, _ = checkout.setup()

    assert "--editable ." in asked
    assert not left.exists()


def test_an_environment_without_its_python_is_made_anew(checkout):
    """Where the Python of an environment is gone, another takes its place."""
    checkout.setup()
    python = checkout.folder / ".venv/bin/python"
    python.unlink()
    python.symlink_to(checkout.home / "gone")

    asked, _ = checkout.setup()

    assert "--editable ." in asked
    assert python.is_file()


def test_another_python_is_taken_and_kept(checkout):
    """PYTHON= makes the environment anew, and holds where it is named no more."""
    checkout.setup()
    python = checkout.tool("other", stand_in("/other"))

    assert "--editable ." in checkout.setup(PYTHON=str(python))[0]
    assert checkout.setup() == ("", "")
    assert (checkout.folder / ".venv/bin/python").read_text() == python.read_text()


def test_another_build_is_made_and_kept(checkout):
    """CMAKE_ARGS= builds again, and that wheel goes over one of the same version."""
    checkout.setup()
    asked, _ = checkout.setup(CMAKE_ARGS="-DGGML_CUDA=on")
    built, *installed = asked.splitlines()[1:]

    assert built.startswith("wheel ")
    assert built.endswith(" -DGGML_CUDA=on")
    assert "--force-reinstall --no-deps" in installed[0]
    assert installed[0].endswith(".whl")
    assert installed[1].endswith("--editable .")
    assert checkout.setup() == ("", "")
    assert "--force-reinstall" in checkout.setup(CMAKE_ARGS="")[0]


@pytest.mark.parametrize(
    ("lacks", "says"), [("cmake", "cmake is needed"), ("g++", "C++ compiler is needed")]
)
def test_what_cannot_be_built_is_said_before_anything_is_fetched(checkout, lacks, says):
    """Without a tool nothing is asked of the network."""
    (checkout.bin / lacks).unlink()
    asked, said = checkout.setup(status=1)

    assert asked == ""
    assert says in said
    assert said.count("\n") == 1


def test_without_a_network_the_last_line_is_ours(checkout):
    """Where pip fails it is said what that means, and the next setup goes on."""
    said = checkout.setup(status=1, PIP_STATUS="1")[1]

    assert "it takes a network" in said.splitlines()[-1]
    assert "--editable ." in checkout.setup()[0]

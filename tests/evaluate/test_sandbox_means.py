"""Whether there is a sandbox is found out by trying; where there is none, nothing runs."""

import os
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from codeassist.evaluate.sandbox import Sandbox, SandboxError, available
from codeassist.evaluate.sandbox.bubblewrap import Bubblewrap
from codeassist.evaluate.sandbox.run import _tried
from tests.conftest import ROOT


def refused(monkeypatch, folder):
    """The line with which everything is refused where only ``folder`` is in PATH."""
    monkeypatch.setenv("PATH", str(folder))
    reason = available()
    assert reason is not None
    assert "\n" not in reason
    with pytest.raises(SandboxError) as raised:
        Sandbox().run(["/bin/true"])
    assert str(raised.value) == reason
    return reason


def test_without_bubblewrap_nothing_runs(monkeypatch, tmp_path):
    """The line says what to install."""
    assert "apt-get install bubblewrap" in refused(monkeypatch, tmp_path)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "echo 'bwrap: No permissions to create new namespace' >&2; exit 1",
            "No permissions",
        ),
        ("exit 0", "ended at once"),
        ('echo "bwrap: Unknown option --size" >&2; exit 1', "Unknown option"),
    ],
)
def test_with_a_bubblewrap_that_cannot_confine_nothing_runs(
    monkeypatch, tmp_path, script, said
):
    """Its own words stand in the line, and what to allow."""
    bwrap = tmp_path / "bwrap"
    bwrap.write_text(f"#!/bin/sh\n{script}\n")
    bwrap.chmod(0o755)
    reason = refused(monkeypatch, tmp_path)
    assert said in reason
    assert "namespaces" in reason


def test_where_processes_are_not_bounded_there_is_no_sandbox():
    """Root in a user namespace may fork without end: the trial finds out."""
    if (reason := available()) or os.geteuid() != 0:
        pytest.skip(reason or "only root has no limit on processes")
    with pytest.raises(SandboxError, match="not bounded"):
        _tried(Bubblewrap(shutil.which("bwrap"), own_user=False))


def test_an_ordinary_user_has_a_sandbox_too():
    """Without being root, by a user namespace, and processes are bounded there."""
    python = shutil.which("python3", path="/usr/bin")
    if os.geteuid() != 0 or python is None or available():
        pytest.skip("needs root, who becomes nobody, and the system's Python")
    code = (
        "from codeassist.evaluate.sandbox import *\n"
        "print(available())\n"
        "s = Sandbox(Limits(wall_s=5, processes=24))\n"
        "print(s.run(['cat'], stdin='in').stdout)\n"
        "bomb = 'for n in $(seq 50); do sleep 60 & done'\n"
        "print(s.run(['sh', '-c', bomb]).status != 0)\n"
        "for folder in ('/', '/dev', '/usr', '/etc', '/proc/sys/kernel'):\n"
        "    print(s.run(['touch', f'{folder}/x']).status)"
    )
    packages = Path(psutil.__file__).parents[1]
    ran = subprocess.run(
        [python, "-B", "-c", code],
        user="nobody",
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{packages}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "ModuleNotFoundError" in ran.stderr or "ImportError" in ran.stderr:
        pytest.skip("the system's Python cannot read or use these packages")
    assert ran.stdout.split() == ["None", "in", "True", *"11111"], ran.stderr

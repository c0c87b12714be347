"""Which folders a server takes for its user's work."""

import logging
from pathlib import Path

import pytest

from tests.lsp.session import Session
from tests.lsp.test_context import Opened, repository


@pytest.mark.parametrize("root", [{"rootPath": ""}, {"rootUri": ""}, {}])
def test_a_root_without_a_name(root):
    """An empty root is none, and not the whole disk."""
    session = Session()
    session.begin(**root)

    assert session.server.roots == []


def test_the_whole_disk_is_no_project(tmp_path, monkeypatch, caplog):
    """Neither the disk nor the user's home is indexed, be it opened or a repository."""
    home, work = repository(tmp_path / "home"), repository(tmp_path / "work")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    opened = Opened(tmp_path / "cache")
    try:
        with caplog.at_level(logging.INFO, "codeassist"):
            for _ in range(2):
                opened.repositories.open([home, work, Path(home.anchor)])
                opened.repositories.changed(str(home / "main.py"), "far_away(")

                assert opened.roots == {work}
    finally:
        opened.repositories.end()
    said = [each for each in caplog.messages if "is not indexed" in each]
    assert len(said) == 2
    assert said[0].startswith(f"{home} ")

"""Where the server's settings come from, and what becomes of bad ones."""

import json

import pytest

from codeassist.settings_files import PROJECT_FILE
from tests.lsp.client import ECHO, connected


async def test_bad_options_are_shown_and_ignored():
    """A misspelt option is shown to the user; the server takes the others."""
    options = {"model": {"n_ctxx": 3, "id": "mine"}, "complete": 1}
    async with connected(ECHO, options=options) as client:
        client.open("a\n")

        assert await client.texts(0, 1) == ["<a|\n>"]
        shown = [message.message for message in client.messages]
        assert "no setting 'model.n_ctxx'" in shown[0]
        assert "no setting 'complete'" in shown[1]
        assert client.statuses[-1].model == "mine"


@pytest.mark.parametrize("last", range(4))
async def test_precedence_of_settings(last, tmp_path):
    """User file, project file, editor, command line: the last that speaks wins."""
    user, project = tmp_path / "user", tmp_path / "project"
    says = ["user", "project", "editor", "command-line"][: last + 1]
    for folder, name in ((user, "config.toml"), (project, PROJECT_FILE)):
        folder.mkdir()
        if folder.name in says:
            (folder / name).write_text(f'[model]\nid = "{folder.name}"\n')
    given = {"model": {"id": "command-line"}} if "command-line" in says else {}
    options = {"model": {"id": "editor"}} if "editor" in says else {}
    env = {"ECHO_CONFIG": str(user), "ECHO_GIVEN": json.dumps(given)}
    root = project.as_uri()
    async with connected(ECHO, env=env, options=options, root_uri=root) as client:
        assert client.statuses[-1].model == says[-1]
        assert client.messages == []


async def test_broken_files_do_not_stop_the_server(tmp_path):
    """What is wrong in a file is shown once; all the rest of the settings holds."""
    user, project = tmp_path / "user", tmp_path / "project"
    for folder in (user, project):
        folder.mkdir()
    (user / "config.toml").write_text("[model\n")
    lines = '[model]\nid = "fine"\nthreads = -1\nadapter = "evil.gguf"\n'
    (project / PROJECT_FILE).write_text(lines)
    env, root = {"ECHO_CONFIG": str(user)}, project.as_uri()
    async with connected(ECHO, env=env, root_uri=root) as client:
        client.open("a\n")

        assert await client.texts(0, 1) == ["<a|\n>"]
        assert client.statuses[-1].model == "fine"
        shown = [message.message for message in client.messages]
    assert len(shown) == 3
    assert "config.toml is not valid TOML" in shown[0]
    assert "a project may not choose files" in shown[1]
    assert "model.threads must be 0 or more" in shown[2]

"""Settings come from defaults, files and options, and bad ones are refused by name."""

import pytest

from codeassist import config
from codeassist.errors import ConfigError


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A configuration folder of its own."""
    monkeypatch.setattr(config, "config_dir", lambda: tmp_path / "user")
    (tmp_path / "user").mkdir()
    return tmp_path / "user" / "config.toml"


def test_defaults_without_files(user):
    """Without any file the defaults hold."""
    assert config.load() == config.Settings()


def test_project_goes_over_user(user, tmp_path):
    """A project's file wins over the user's, and leaves the rest of it alone."""
    user.write_text('[model]\nid = "mine"\nn_ctx = 1024\n')
    project = tmp_path / "project" / "deep"
    project.mkdir(parents=True)
    (tmp_path / "project" / config.PROJECT_FILE).write_text("[model]\nn_ctx = 2048\n")

    settings = config.load(project)

    assert (settings.model.id, settings.model.n_ctx) == ("mine", 2048)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"modle": {}}, "no setting 'modle'"),
        ({"model": {"n_ctxx": 1}}, "no setting 'model.n_ctxx'"),
        ({"model": {"n_ctx": "big"}}, "model.n_ctx takes int"),
        ({"model": {"n_ctx": True}}, "model.n_ctx takes int"),
        ({"model": {"n_ctx": 0}}, "model.n_ctx must be above 0"),
        ({"completion": {"lines": "two"}}, "completion.lines is one of"),
        ({"model": 3}, "'model' is a table"),
    ],
)
def test_bad_settings_are_refused_by_name(table, says):
    """A bad setting is refused with its name, its origin and what would fit."""
    with pytest.raises(ConfigError, match=says) as caught:
        config.merge(config.Settings(), table, "here")

    assert str(caught.value).startswith("here: ")


def test_broken_file_is_named(user):
    """A file that is no TOML is named in the error."""
    user.write_text("[model\n")

    with pytest.raises(ConfigError, match=r"config\.toml is not valid TOML"):
        config.load()

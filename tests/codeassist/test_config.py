"""Settings come from defaults, files and options, and bad ones are refused by name."""

from dataclasses import replace

import pytest

from codeassist import config
from codeassist.errors import ConfigError
from codeassist.settings_files import PROJECT_FILE, load


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A configuration folder of its own."""
    monkeypatch.setattr(config, "config_dir", lambda: tmp_path / "user")
    (tmp_path / "user").mkdir()
    return tmp_path / "user" / "config.toml"


def test_defaults_without_files(user):
    """Without any file the defaults hold."""
    assert load() == config.Settings()


def test_project_goes_over_user(user, tmp_path):
    """A project's file wins over the user's, and leaves the rest of it alone."""
    user.write_text('[model]\nid = "mine"\nn_ctx = 1024\n')
    project = tmp_path / "project" / "deep"
    project.mkdir(parents=True)
    (tmp_path / "project" / PROJECT_FILE).write_text("[model]\nn_ctx = 2048\n")

    settings = load(project)

    assert (settings.model.id, settings.model.n_ctx) == ("mine", 2048)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"modle": {}}, "no setting 'modle'"),
        ({"model": {"n_ctxx": 1}}, "no setting 'model.n_ctxx'"),
        ({"model": {"n_ctx": "big"}}, "model.n_ctx takes int"),
        ({"model": {"n_ctx": True}}, "model.n_ctx takes int"),
        ({"model": {"n_ctx": 2}}, "model.n_ctx must be 16 or more"),
        ({"completion": {"max_tokens": 0}}, "max_tokens must be above 0"),
        ({"completion": {"time_limit_ms": 10**400}}, "must be 2147483647 or less"),
        ({"model": {"threads": -1}}, "model.threads must be 0 or more"),
        ({"model": {"gpu_layers": -2}}, "model.gpu_layers must be -1 or more"),
        ({"completion": {"suffix_tokens": -1}}, "suffix_tokens must be 0 or more"),
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
        load()


def test_file_may_begin_with_a_byte_order_mark(user, tmp_path):
    """What an editor of Windows puts before the text is no mistake in it."""
    for file, line in (
        (user, "n_ctx = 512"),
        (tmp_path / PROJECT_FILE, 'id = "i"'),
    ):
        file.write_text(f"[model]\n{line}\n", "utf-8-sig")

    assert load(tmp_path).model == config.ModelSettings(id="i", n_ctx=512)


def test_unreadable_file_is_named(user):
    """A file that cannot be read as text is named in the error."""
    user.write_bytes(b'[model]\nid = "\xff"\n')

    with pytest.raises(ConfigError, match=r"config\.toml is not valid TOML"):
        load()


def test_folder_that_cannot_be_looked_into_is_named(tmp_path, monkeypatch):
    """A configuration folder that the system refuses is a bad setting, no crash."""
    monkeypatch.setattr(config, "config_dir", lambda: tmp_path / ("x" * 300))
    told = []

    assert load(tmp_path / ("y" * 300), told.append).model.id == ""
    assert len(told) == 1
    with pytest.raises(ConfigError, match=r"config\.toml cannot be read"):
        load()


def test_nothing_is_recorded_while_it_is_unknown_whether_it_may_be(user):
    """A file that cannot be read may forbid records, so none are kept until it can."""
    user.write_text("[records]\nenabled = false\n[model\n")
    settings = load(warn=lambda _line: None)

    assert settings == replace(
        config.Settings(), records=config.RecordsSettings(enabled=False)
    )


def test_bad_settings_are_told_and_the_others_count(user):
    """With someone to tell, a bad setting only fails to count."""
    user.write_text('more = 1\n[model]\nid = "mine"\nn_ctx = 0\n')
    told = []

    assert load(warn=told.append).model == config.ModelSettings(id="mine")
    assert len(told) == 2


def test_paths_are_seen_from_their_file(user, tmp_path):
    """A relative path of the user's file starts at that file, an id stays one."""
    user.write_text('[model]\nid = "weights/own.gguf"\nadapter = "lora.gguf"\n')
    model = load().model

    assert model.id == str(tmp_path / "user" / "weights" / "own.gguf")
    assert model.adapter == str(tmp_path / "user" / "lora.gguf")
    user.write_text('[model]\nid = "qwen2.5-coder-0.5b"\nadapter = "/a/lora.gguf"\n')
    model = load().model
    assert (model.id, model.adapter) == ("qwen2.5-coder-0.5b", "/a/lora.gguf")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "evil.gguf"),
        ("id", "evil.GGUF"),
        ("id", "./evil"),
        ("id", "/tmp/evil"),
        ("id", "~/evil"),
        ("id", "..\\\\evil"),
        ("id", "lies-in-the-project"),
        ("adapter", "evil"),
        ("adapter", "/tmp/evil.gguf"),
    ],
)
def test_project_does_not_choose_files(user, tmp_path, key, value):
    """A clone that nobody has looked at cannot have its own file loaded."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "lies-in-the-project").touch()
    (project / PROJECT_FILE).write_text(f'[model]\n{key} = "{value}"\n')

    with pytest.raises(ConfigError, match=f"may not choose files, and model.{key} is"):
        load(project)
    assert load(project, warn=lambda _line: None) == config.Settings()


def test_project_chooses_a_model_of_the_catalog(user, tmp_path):
    """A project may name a model by its id."""
    (tmp_path / PROJECT_FILE).write_text('[model]\nid = "qwen2.5-coder-1.5b"\n')

    assert load(tmp_path).model.id == "qwen2.5-coder-1.5b"


def test_project_finds_no_file_where_the_process_stands(user, tmp_path, monkeypatch):
    """A name that is a file in the current folder is a file, too."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / PROJECT_FILE).write_text('[model]\nid = "evil"\n')
    (tmp_path / "evil").touch()
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError, match="may not choose files"):
        load(tmp_path / "project")


def test_what_was_set_by_hand_is_known(user):
    """Every setting that counts is named, even at its default; a bad one is not."""
    user.write_text("[completion]\nprefix_tokens = 512\nmax_tokens = 0\n")
    told = []

    assert load(warn=told.append).named == {"completion.prefix_tokens"}
    assert len(told) == 1


def test_a_table_of_settings_makes_them_again():
    """What `table` gives is what `merge` takes."""
    own = config.merge(config.Settings(), {"model": {"n_ctx": 512}}, "here")

    assert config.merge(config.Settings(), own.table(), "table") == own


@pytest.mark.parametrize(
    ("section", "key", "off", "on"),
    [
        ("records", "enabled", "false", "true"),
        ("completion", "context_tokens", "0", "512"),
    ],
)
def test_project_switches_nothing_on_that_is_kept(
    user, tmp_path, section, key, off, on
):
    """What the user keeps off the disk stays off it, whatever a clone says."""
    user.write_text(f"[{section}]\n{key} = {off}\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / PROJECT_FILE).write_text(f"[{section}]\n{key} = {on}\n")
    told = []

    settings = load(project, warn=told.append)

    assert not getattr(getattr(settings, section), key)
    assert len(told) == 1
    assert f"may not switch on {section}.{key}" in told[0]


def test_project_switches_off_what_is_kept(user, tmp_path):
    """A project may be more careful than its user, and say either where he says none."""
    project = tmp_path / PROJECT_FILE
    project.write_text("[records]\nenabled = false\n")
    assert not load(tmp_path).records.enabled

    project.write_text("[records]\nenabled = true\n")
    assert load(tmp_path).records.enabled

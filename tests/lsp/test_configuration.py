"""What clients say of settings while they run, and what becomes of it."""

import asyncio

import pytest
from lsprotocol import types

from codeassist.config import Settings
from codeassist.lsp.configuring import Configuration
from codeassist.records import Records
from codeassist.settings_files import PROJECT_FILE
from tests.lsp.client import DEADLINE, ECHO, URI, connected
from tests.lsp.test_serving import ASKS, answers, changed


async def test_the_client_is_asked(tmp_path):
    """What the editor's settings say counts more than what it began with."""
    env = {"ECHO_GIVEN": '{"completion": {"max_tokens": 9}}'}
    options = {"model": {"id": "options"}, "completion": {"max_tokens": 5}}
    section = {"model": {"id": "asked"}, "completion": {"max_tokens": 7}}
    how = {"env": env, "options": options, "capabilities": ASKS, "section": section}
    async with connected(ECHO, **how) as client:
        client.open("settings\n")

        assert await client.texts(0, 8) == ["9 plain"]
        assert client.statuses[-1].model == "asked"
    assert client.stderr.count("LOADED") == 1


async def test_the_client_tells():
    """A client that cannot be asked sends its settings when they change."""
    async with connected(ECHO) as client:
        client.open("settings\n")
        changed(client, {"codeassist": {"completion": {"max_tokens": 7}}})
        await answers(client, "7 plain")
        changed(client, {"other": {"completion": {"max_tokens": 8}}})
        changed(client, None)

        assert await client.texts(0, 8) == ["7 plain"]
        assert client.messages == []


async def test_bad_settings_are_said_once():
    """What does not fit is warned of once and falls back; the rest counts."""
    section = {
        "completion": {"max_tokens": -1, "suffix_tokens": None, "lines": "two"},
        "model": {"id": "fine", "threads": None},
        "editor": {"color": "grey"},
        "enabled": True,
    }
    async with connected(ECHO, capabilities=ASKS, section=section) as client:
        client.open("settings\n")
        assert await client.texts(0, 8) == ["64 plain"]
        client.section = section | {"completion": {"max_tokens": -1}, "wrong": {}}
        changed(client)
        await client.until(lambda: len(client.messages) > 2)
        client.section = [3]
        changed(client)
        await client.until(lambda: len(client.messages) > 3)

        assert client.statuses[-1].model in ("fine", "echo")
        shown = [each.message for each in client.messages]
    assert "the editor: completion.max_tokens must be above 0, not -1" in shown[0]
    assert "the editor: completion.lines is one of auto, one, block" in shown[1]
    assert "the editor: there is no setting 'wrong'" in shown[2]
    assert "'codeassist' is a table of tables, not [3]" in shown[3]


@pytest.mark.parametrize("options", [{"completion": []}, {"codeassist": []}, []])
@pytest.mark.parametrize("section", [[], {"completion": [], "model": {"id": "told"}}])
def test_empty_tables_of_lua(options, section):
    """Neovim sends a table that says nothing as an empty list, which is no mistake."""
    warnings = []
    settings = Configuration(lambda _root, _warn: Settings(), {}, warnings.append)
    settings.begin(options)
    settings.tell(section)

    assert settings.of(None).model.id == ("told" if section else Settings().model.id)
    assert settings.said().get("completion", {}) == {}
    assert warnings == []


async def test_a_client_without_an_answer():
    """Who does not answer with his settings has a model all the same."""
    word = asyncio.Event()

    async def ignores(_params):
        await word.wait()
        return [{"completion": {"max_tokens": 7}}]

    answered = {types.WORKSPACE_CONFIGURATION: ignores}
    async with connected(ECHO, capabilities=ASKS, features=answered) as client:
        client.open("settings\n")
        assert await client.texts(0, 8) == ["64 plain"]
        word.set()

        await answers(client, "7 plain")


async def test_records_end_at_once(tmp_path):
    """Who turns the records off leaves nothing in them from then on."""
    records = tmp_path / "records.sqlite3"
    env = {"ECHO_RECORDS": str(records)}
    async with connected(ECHO, env=env, capabilities=ASKS) as client:
        client.open("settings\n")
        await client.texts(0, 8)
        client.section = {
            "records": {"enabled": False},
            "completion": {"max_tokens": 7},
        }
        changed(client)
        await answers(client, "7 plain")
        await client.texts(0, 0)

    assert {each.asked.characters for each in Records(records).last(99)} == {8}


@pytest.fixture
def roots(tmp_path):
    """Two folders that want answers of different lengths, with a file each."""
    for name, tokens in (("one", 11), ("two", 22)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / PROJECT_FILE).write_text(f"[completion]\nmax_tokens = {tokens}\n")
        (folder / "lib.py").write_text("def far_away(x):\n    return x\n")
    return tmp_path / "one", tmp_path / "two"


async def test_settings_of_each_folder(roots):
    """Each folder's own settings count for its files; other files have the first's."""
    one, two = ((root / "a.py").as_uri() for root in roots)
    async with connected(ECHO, folders=[root.as_uri() for root in roots]) as client:
        for uri in (one, two, URI):
            client.open("settings\n", uri)

        assert await client.texts(0, 8, uri=two) == ["22 plain"]
        assert await client.texts(0, 8, uri=one) == ["11 plain"]
        assert await client.texts(0, 8, uri=URI) == ["11 plain"]
    assert client.stderr.count("LOADED") == 1


async def test_settings_of_a_folder_while_others_come(roots, tmp_path):
    """What a folder wants counts while that of another one is looked into."""
    gate, three = tmp_path / "gate", tmp_path / "three"
    three.mkdir()
    (three / PROJECT_FILE).write_text("[completion]\nmax_tokens = 33\n")
    how = {"env": {"ECHO_FOLDER": str(gate)}}
    two, last = ((root / "a.py").as_uri() for root in (roots[1], three))
    async with connected(
        ECHO, folders=[each.as_uri() for each in roots], **how
    ) as client:
        client.open("settings\n", two)
        client.open("settings\n", last)
        moved(client, [types.WorkspaceFolder(three.as_uri(), "three")], [])
        async with asyncio.timeout(DEADLINE):
            while not gate.with_suffix(".said").exists():
                await client.texts(0, 0, uri=two)

        assert await client.texts(0, 8, uri=two) == ["22 plain"]
        gate.touch()
        await answers(client, "33 plain", uri=last)


async def test_the_inner_folder_counts(tmp_path):
    """A file of a folder within another one has the inner one's settings."""
    outer = tmp_path / "outer"
    folders = {outer / "app": 11, outer: 22, outer / "lib": 33}
    for folder, tokens in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PROJECT_FILE).write_text(f"[completion]\nmax_tokens = {tokens}\n")
    files = {(folder / "a.py").as_uri(): n for folder, n in folders.items()}
    async with connected(ECHO, folders=[each.as_uri() for each in folders]) as client:
        for uri in files:
            client.open("settings\n", uri)

        for uri, tokens in files.items():
            assert await client.texts(0, 8, uri=uri) == [f"{tokens} plain"]


@pytest.mark.parametrize(
    ("name", "neighbour"), [("c#", "c"), ("why?", "why"), ("a%20b", "a b")]
)
async def test_a_folder_of_any_name(name, neighbour, tmp_path):
    """A folder is opened itself, not the one that its name is when it is read again."""
    for each, tokens in ((name, 11), (neighbour, 22)):
        (tmp_path / each).mkdir()
        lines = f"[completion]\nmax_tokens = {tokens}\n"
        (tmp_path / each / PROJECT_FILE).write_text(lines)
    async with connected(ECHO, folders=[(tmp_path / name).as_uri()]) as client:
        client.open("settings\n")

        assert await client.texts(0, 8) == ["11 plain"]


async def test_a_folder_comes_and_goes(roots, tmp_path):
    """A folder that is opened later has its settings and its index, until it is closed."""
    one, two = roots
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    options = {"completion": {"context_tokens": 512}}
    uri = (two / "main.py").as_uri()
    how = {"env": env, "options": options, "folders": [one.as_uri()]}
    async with connected(ECHO, **how) as client:
        client.open("settings\nfar_away(1) # known", uri)
        assert await client.texts(0, 8, uri=uri) == ["11 plain"]
        folder = types.WorkspaceFolder(two.as_uri(), "two")
        moved(client, [folder], [])
        await answers(client, "22 plain", uri=uri)
        client.edit((1, 0), (1, 0), " ", uri)
        assert await client.texts(1, 20, uri=uri) == ["lib.py"]
        moved(client, [folder], [folder])  # it is told anew
        await answers(client, "22 plain", uri=uri)
        client.edit((1, 1), (1, 1), " ", uri)
        assert await client.texts(1, 21, uri=uri) == ["lib.py"]
        moved(client, [], [folder])

        await answers(client, "11 plain", uri=uri)
    assert "Traceback" not in client.stderr


@pytest.mark.parametrize("named", [True, False])
async def test_the_last_folder_goes(named, roots):
    """The folder that a client also names as its root is closed like any other."""
    root = roots[0].as_uri()
    how = {"root_uri": root, "folders": [root] if named else []}
    async with connected(ECHO, **how) as client:
        client.open("settings\n")
        assert await client.texts(0, 8) == ["11 plain"]
        moved(client, [], [types.WorkspaceFolder(root, "one")])

        await answers(client, "64 plain")


def moved(client, added, removed):
    """Folders were opened and closed."""
    event = types.WorkspaceFoldersChangeEvent(added=added, removed=removed)
    params = types.DidChangeWorkspaceFoldersParams(event)
    client.lsp.workspace_did_change_workspace_folders(params)


async def test_files_that_are_edited_count_at_once(roots, tmp_path):
    """The user's file and a folder's, changed, made and deleted, need no new session."""
    one, user = roots[0], tmp_path / "user"
    user.mkdir()
    how = {"env": {"ECHO_CONFIG": str(user)}, "folders": [one.as_uri()]}
    uri = (one / "a.py").as_uri()
    async with connected(ECHO, **how) as client:
        client.open("settings\n", uri)
        assert await client.texts(0, 8, uri=uri) == ["11 plain"]
        (one / PROJECT_FILE).write_text("[completion]\nmax_tokens = 12\n")
        await answers(client, "12 plain", uri=uri)
        (one / PROJECT_FILE).unlink()
        await answers(client, "64 plain", uri=uri)
        (user / "config.toml").write_text("[completion]\nmax_tokens = 13\n")

        await answers(client, "13 plain", uri=uri)
        assert client.messages == []
    assert client.stderr.count("LOADED") == 1


async def test_a_file_that_is_broken_by_an_edit(roots):
    """What it said before holds until it is mended; what is wrong is said once."""
    one = roots[0]
    file, uri = one / PROJECT_FILE, (one / "a.py").as_uri()
    async with connected(ECHO, folders=[one.as_uri()]) as client:
        client.open("settings\n", uri)
        file.write_text("[completion\n")
        await client.until(lambda: client.messages)
        assert await client.texts(0, 8, uri=uri) == ["11 plain"]
        file.write_text("[completion]\nmax_tokens = 12\nmin_tokens = 1\n")
        await answers(client, "12 plain", uri=uri)

        shown = [each.message for each in client.messages]
    assert len(shown) == 2
    assert "is not valid TOML" in shown[0]
    assert "no setting 'completion.min_tokens'" in shown[1]

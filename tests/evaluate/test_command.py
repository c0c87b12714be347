import json
import subprocess
from argparse import Namespace

import pytest

from codeassist.cli import main
from codeassist.commands.evaluate_settings import project_settings
from codeassist.commands.options import settings_of
from codeassist.engine.models import store
from codeassist.evaluate.hole import Output, Row
from codeassist.evaluate.report import Evaluation, load, place_of, save
from codeassist.evaluate.rows import Ran
from tests.conftest import absent
from tests.evaluate.fakes import hole_of
from tests.evaluate.peer_server import PeerServer

SOURCE = '''\
"""A few functions."""


def area(width, height):
    """The area of a rectangle."""
    result = width * height
    return result


def biggest(values):
    """The biggest of some values, 0 for none."""
    if not values:
        return 0
    return max(values)
'''


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "shapes"
    folder.mkdir()
    (folder / "shapes.py").write_text(SOURCE)
    return folder


@pytest.fixture
def tiny():
    path = store.path_of(store.find("smollm2-135m"))
    if not path.is_file():
        absent("smollm2-135m is absent; codeassist models pull smollm2-135m")
    return str(path)


def refused(capsys, *args):
    """The one line that a command with bad input says."""
    status = main(["evaluate", *map(str, args)])
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("codeassist:")]
    assert status != 0
    assert out == ""
    assert len(lines) == 1
    assert "internal error" not in err
    assert "Traceback" not in err
    return lines[0]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["repo", "absent"], "does not exist"),
        (["repo", "."], "no place for a hole"),
        (["repo", ".", "--since", "HEAD"], "--since"),
        (["repo", ".", "--kinds", "words"], "'words'"),
        (["repo", ".", "--holes", "0"], "--holes must be above 0"),
        (["repo", ".", "--samples", "0"], "--samples must be above 0"),
        (["repo", ".", "--json", "absent/a.json"], "absent is no folder"),
        (["repo", ".", "--json", "folder"], "folder is a folder; name a file"),
        (["set", "broken.jsonl", "--html", "folder"], "folder is a folder"),
        (["replay", "broken.jsonl", "--json", "/proc/a.json"], "cannot be written"),
        (["repo", ".", "--model", "gpt"], "gpt"),
        (["set", "no-set"], "no-set"),
        (["set", "broken.jsonl"], "broken.jsonl"),
        (["replay", "absent.py"], "absent.py"),
        (["replay", "empty.py"], "nothing to type"),
        (["replay", "."], "name a file in it"),
        (["replay", "bytes.py"], "is a binary file"),
        (["replay", "latin.py"], "is not UTF-8"),
        (["replay", "huge.py"], "larger than 2 MB"),
        (["replay", "broken.jsonl", "--speed", "0"], "--speed"),
        (["replay", "broken.jsonl", "--against", "x=y"], "llama.cpp=URL"),
        (["repo", ".", "--against", "openai=http://10.0.0.1"], "127.0.0.1"),
        (["repo", ".", "--against", "plain", "--against", "plain"], "twice"),
        (["compare", "absent.json", "absent.json"], "absent.json"),
        (["compare", "broken.jsonl", "broken.jsonl"], "no evaluation"),
    ],
)
def test_bad_input_is_one_line(capsys, tmp_path, monkeypatch, args, said):
    """Whatever is missing or broken: one line that says what, and no traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CODEASSIST_MODELS", str(tmp_path))
    entry = store.find("")
    with (tmp_path / entry.file).open("wb") as weights:
        weights.truncate(entry.size)  # it is never loaded
    (tmp_path / "broken.jsonl").write_text('{"prompt": \n')
    (tmp_path / "folder").mkdir()
    for name, content in (
        ("empty.py", b"\n"),
        ("bytes.py", b"\0\1"),
        ("latin.py", b"caf\xe9\n"),
        ("huge.py", b"x" * 2_000_001),
    ):
        (tmp_path / name).write_bytes(content)
    assert said in refused(capsys, *args)


def test_a_missing_model_is_one_line(capsys, repository, monkeypatch, tmp_path):
    """What is not here is told before a hole is cut."""
    monkeypatch.setenv("CODEASSIST_MODELS", str(tmp_path / "models"))
    said = refused(capsys, "repo", repository)
    assert "models pull" in said


PROJECT = "[model]\nn_ctx = 1024\n[completion]\nmax_tokens = 8\n"


def options(**given):
    names = ("model", "adapter", "family", "n_ctx", "threads")
    return Namespace(**dict.fromkeys(names) | given)


def test_a_projects_own_settings_count(repository):
    """What a user of the project gets is evaluated and told; the command line wins."""
    (repository / ".codeassist.toml").write_text(PROJECT)
    inside = repository / "inside"
    settings, notes = project_settings(options(n_ctx=2048), inside)
    assert (settings.completion.max_tokens, settings.model.n_ctx) == (8, 2048)
    assert notes == (
        "set by the project's own .codeassist.toml: completion.max_tokens = 8",
    )


def test_without_own_settings_there_is_nothing_to_tell(repository):
    """A project without a file, or with one that changes nothing, gets no note."""
    usual = settings_of(options())
    assert project_settings(options(), repository) == (usual, ())
    same = f"[completion]\nmax_tokens = {usual.completion.max_tokens}\n"
    (repository / ".codeassist.toml").write_text(same)
    assert project_settings(options(), repository) == (usual, ())


@pytest.mark.parametrize("action", ["repo", "replay"])
def test_a_projects_broken_settings_are_one_line(capsys, repository, action):
    """A setting that does not exist is refused, with the file it stands in."""
    (repository / ".codeassist.toml").write_text("[completion]\ntokens = 1\n")
    target = repository if action == "repo" else repository / "shapes.py"
    said = refused(capsys, action, target)
    assert ".codeassist.toml" in said
    assert "completion.tokens" in said


def test_compare_joins_what_both_have(capsys, tmp_path):
    """Two runs of one system are told apart by their files, on the holes both have."""
    holes = [hole_of(str(n)) for n in range(6)]

    def kept(name, right, part):
        rows = tuple(
            Row(h.id, "ours", Output(""), {"exact_match": float(h.id in right)})
            for h in part
        )
        places = tuple(map(place_of, part))
        save(
            Evaluation("t", places, (Ran("ours", {}, rows, 1.0, None),)),
            tmp_path / name,
        )
        return str(tmp_path / name)

    one = kept("before.json", {"0", "1", "2", "3"}, holes[:5])
    two = kept("after.json", {"1"}, holes[1:])
    joined = tmp_path / "joined.json"
    assert main(["evaluate", "compare", one, two, "--json", str(joined)]) == 0
    out = capsys.readouterr().out
    assert "ours - ours (after)" in out
    assert "+50.0" in out
    assert [run.name for run in load(joined).runs] == ["ours", "ours (after)"]
    assert len(load(joined).places) == 4
    other = kept("other.json", set(), [hole_of("elsewhere")])
    assert "share no hole" in refused(capsys, "compare", one, other)


@pytest.mark.model
def test_a_repository_is_evaluated_and_goes_on(capsys, repository, tiny, tmp_path):
    """Table, JSON, page, manifest and journal of one run; a second run asks nothing."""
    own = "[completion]\nmax_tokens = 8\nblock_max_tokens = 8\n"
    (repository / ".codeassist.toml").write_text(own)
    places = {name: tmp_path / f"kept.{name}" for name in ("json", "html")}
    with PeerServer() as server:
        command = ["evaluate", "repo", str(repository), "--model", tiny]
        command += ["--holes", "4", "--against", f"llama.cpp={server.url}"]
        command += ["--manifest", str(tmp_path / "manifest")]
        command += ["--journal", str(tmp_path / "journal")]
        for name, path in places.items():
            command += [f"--{name}", str(path)]
        assert main(command) == 0
        first, asked = load(places["json"]), len(server.asked)
        assert asked >= 4
        assert main(command) == 0
        assert len(server.asked) == asked
        out = capsys.readouterr().out
        (repository / "more.py").write_text("def shown_in_prompts(): ...\n")
        assert main(command) != 0  # the journal's rows are of another tree
        assert "another evaluation" in capsys.readouterr().err
    again = load(places["json"])
    assert [run.rows for run in again.runs] == [run.rows for run in first.runs]
    assert [run.name for run in first.runs] == ["codeassist", "llama.vim"]
    assert all(len(run.rows) == len(first.places) == 4 for run in first.runs)
    assert all("parses" in row.scores for run in first.runs for row in run.rows)
    assert "<svg" in places["html"].read_text(encoding="utf-8")
    assert "shapes: 4 holes" in out
    assert out.count("set by the project's own .codeassist.toml") == 2
    assert all(row.output.generated_tokens <= 8 for row in first.runs[0].rows)
    found = {path.name for path in repository.iterdir()}
    assert found == {"shapes.py", "more.py", ".codeassist.toml"}


@pytest.mark.model
def test_answers_do_not_depend_on_the_order(tiny):
    """With the cache cleared between holes, each answer stands for itself."""
    from codeassist.config import Settings, merge
    from codeassist.evaluate.systems import Ours

    settings = merge(Settings(), {"model": {"id": tiny}}, "test")
    holes = [hole_of(str(n), path=f"{n}.py") for n in range(2)]
    system = Ours(settings)
    try:
        forth = [system.complete(hole) for hole in holes]
        back = [system.complete(hole) for hole in reversed(holes)][::-1]
        drawn = [
            system.sample(holes[0], temperature=1.5, seed=seed)
            for seed in (0, 1, 2, 0, 1)
        ]
    finally:
        system.close()
    assert [each.text for each in forth] == [each.text for each in back]
    assert all(each.evaluated_tokens == each.prompt_tokens for each in forth)
    assert 0 < forth[0].busy_ms <= forth[0].ms + 1
    texts = [each.text for each in drawn]
    assert texts[:2] == texts[3:]
    assert len(set(texts)) > 1


@pytest.mark.model
def test_the_plain_peer_answers_and_its_death_is_one_line(tiny):
    """llama-cpp-python in a process of its own; killed, it is told in one line."""
    from codeassist.config import Settings, merge
    from codeassist.evaluate.systems import PeerError, Plain

    system = Plain(merge(Settings(), {"model": {"id": tiny, "n_ctx": 512}}, "test"))
    answer = system.complete(hole_of("1"))
    assert answer.prompt_tokens
    assert "\n" not in answer.text
    system._process.kill()
    with pytest.raises(PeerError, match="ended") as died:
        system.complete(hole_of("1"))
    assert "\n" not in str(died.value)
    system.close()


def test_a_plain_peer_with_broken_weights_does_not_start(tmp_path):
    """What llama-cpp-python refuses is told in one line."""
    from codeassist.config import Settings, merge
    from codeassist.evaluate.systems import PeerError, Plain

    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(PeerError, match="llama-cpp-python ended"):
        Plain(merge(Settings(), {"model": {"id": str(broken)}}, "test"))


@pytest.mark.model
def test_a_file_is_typed_with_our_server_and_a_peer(repository, tiny, tmp_path):
    """One table of both, from the same hands, with the project's own settings."""
    (repository / ".codeassist.toml").write_text("[completion]\nmax_tokens = 8\n")
    kept = tmp_path / "kept.json"
    with PeerServer() as server:
        command = ["evaluate", "replay", str(repository / "shapes.py")]
        command += ["--keystrokes", "25", "--speed", "20", "--model", tiny]
        command += ["--against", f"llama.cpp={server.url}", "--json", str(kept)]
        assert main(command) == 0
        assert server.asked
    whole = json.loads(kept.read_text(encoding="utf-8"))
    assert "completion.max_tokens = 8" in whole["notes"][0]
    told = whole["replays"]
    assert [each["assistant"] for each in told] == ["codeassist", "llama.vim"]
    assert told[0]["characters"] == told[1]["characters"] >= 25


def test_history_is_cut_after_a_revision(capsys, repository, monkeypatch, tmp_path):
    """--since of an unknown revision is one line, also in a real history."""
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    for revision, said in (("nowhere", "no revision"), ("HEAD", "added after")):
        assert said in refused(capsys, "repo", repository, "--since", revision)

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from codeassist.errors import CorpusError
from codeassist.training.corpus import build, documents
from codeassist.training.corpus.engines import Local
from codeassist.training.corpus.recipe import Filters, OptOut, Recipe
from codeassist.training.corpus.sources import Source, of_path
from tests.training.corpus.packages import MIT, RECIPE, archive, code, folder, git

T = TypeVar("T")
R = TypeVar("R")
GPL = "# under the terms of the GNU General Public License\n\n"
KEY = "ghp_" + "q7Rz2mK9vXc4Lp8TnB3yWd6HsJ1fGu5EaQkV"
PRIVATE = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0B\n" * 6
SAME = ("manifest.jsonl", "dropped.jsonl", "corpus.json", "shard-00000.jsonl.zst")


def sources(place: Path) -> list[Source]:
    """Two packages with one file for each way out."""
    one = {
        "LICENSE": MIT,
        "a.py": code("apples"),
        "gpl.py": GPL + code("grapes"),
        "key.py": code("keys") + f'\nTOKEN = "{KEY}"\n',
        "pem.py": code("pems") + f'\nPEM = """{PRIVATE}"""\n',
        "exam.py": code("exams"),
        "notes.md": "# Notes\n",
        "sub/a_again.py": code("apples").replace("\n\n\n", "\n\n"),
        "near.py": code("apples").replace("number 3", "figure 3"),
    }
    two = {f"two-2.0/{name}.py": code(name).encode() for name in ("bears", "bees")}
    two["two-2.0/PKG-INFO"] = b"Name: two\nVersion: 2.0\nLicense-Expression: MIT\n"
    place.mkdir(parents=True, exist_ok=True)
    return [
        folder(place / "one", one),
        of_path(archive(place / "two-2.0.tar.gz", two)),
    ]


def recipe(place: Path) -> Recipe:
    """Against one problem."""
    exam = place / "evaluation"
    exam.mkdir()
    (exam / "problem.py").write_text(code("exams", 2))
    return replace(RECIPE, against=(str(exam),))


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_file_leaves_where_it_must_and_is_named(tmp_path: Path) -> None:
    """The stages take what is theirs, and the list of dropped files says why."""
    build(sources(tmp_path), recipe(tmp_path), tmp_path / "out", Local(1))
    dropped = {
        each["path"]: each["stage"] for each in rows(tmp_path / "out/dropped.jsonl")
    }
    assert dropped == {
        "LICENSE": "language",
        "PKG-INFO": "language",
        "notes.md": "language",
        "gpl.py": "licence",
        "pem.py": "secrets",
        "exam.py": "evaluation",
        "sub/a_again.py": "exact",
        "near.py": "near",
    }
    kept = list(documents(tmp_path / "out"))
    assert [(each.repository, each.path) for each in kept] == [
        ("one", "a.py"),
        ("one", "key.py"),
        ("two", "bears.py"),
        ("two", "bees.py"),
    ]
    assert 'TOKEN = "<KEY>"' in kept[1].text
    assert kept[2].text == code("bears")


def test_a_path_that_opts_out_takes_no_other_with_it(tmp_path: Path) -> None:
    """Of a source only the files that opt out leave, not those that come after them."""
    files = {f"{name}.py": code(name) for name in ("apples", "bears", "cats")}
    source = folder(tmp_path / "one", {"LICENSE": MIT, **files})
    rules = replace(RECIPE, opt_out=OptOut(paths=("one/apples*",)))
    build([source], rules, tmp_path / "out", Local(1))
    kept = [each.path for each in documents(tmp_path / "out")]
    assert kept == ["bears.py", "cats.py"]


def test_an_owner_that_opts_out_is_known_by_the_remote(tmp_path: Path) -> None:
    """What git fetches from an owner leaves, also where it was built of before."""
    (one, two) = sources(tmp_path)
    out, rules = tmp_path / "out", replace(RECIPE, opt_out=OptOut(owners=("acme",)))
    build([one, two], rules, out, Local(1))
    fetched = replace(one, owners=frozenset({"acme"}))
    build([fetched, two], rules, out, Local(1))
    assert {each.repository for each in documents(out)} == {"two"}


def test_a_folder_of_a_repository_has_the_licences_above_it(tmp_path: Path) -> None:
    """Of a repository's folder the nearest licence counts, up to the repository's top."""
    files = {f"sub/pkg/{name}.py": code(name) for name in ("apples", "bears")}
    files |= {"sub/pkg/own/c.py": code("cats"), "vendor/mine/d.py": code("dogs")}
    folder(tmp_path, {**files, "LICENSE": MIT, "sub/pkg/own/COPYING": GPL})
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "https://localhost/acme/fruits")
    made = [of_path(tmp_path / each) for each in ("sub/pkg", "vendor/mine")]
    assert made[0].owners == {"acme"}
    corpus = build(made, RECIPE, tmp_path / "out", Local(1))
    assert [(each.path, each.found_by) for _, each in corpus.kept] == [
        ("apples.py", "LICENSE"),
        ("bears.py", "LICENSE"),
    ]
    (tmp_path / "LICENSE").write_text(GPL)
    with pytest.raises(CorpusError, match=r"no file is left.*licence"):
        build([of_path(tmp_path / "sub/pkg")], RECIPE, tmp_path / "out", Local(1))


def test_a_folder_that_git_ignores_has_its_own_licence(tmp_path: Path) -> None:
    """What was unpacked in a repository that ignores it is not under its licence."""
    files = {"LICENSE": MIT, ".gitignore": "build/\n", "build/a.py": code("apples")}
    folder(tmp_path, files)
    git(tmp_path, "init", "-q")
    own = r"no file is left.*licence.*if it is your own, have 'LicenseRef-unknown'"
    with pytest.raises(CorpusError, match=own):
        build([of_path(tmp_path / "build")], RECIPE, tmp_path / "out", Local(1))


def test_the_manifest_attributes_every_document(tmp_path: Path) -> None:
    """A row for each document in its order: where it came from and under what."""
    made = sources(tmp_path)
    small = replace(RECIPE, shard_bytes=3000)
    corpus = build(made, small, tmp_path / "out", Local(1))
    reader = documents(tmp_path / "out")
    assert len(reader.shards) > 1
    for row in rows(tmp_path / "out/manifest.jsonl"):
        document = next(reader)
        assert row["shard"] == reader.shards[reader.position.shard].file
        assert row["line"] == reader.position.document
        assert (row["source"], row["path"]) == (document.repository, document.path)
    assert next(reader, None) is None
    last = rows(tmp_path / "out/manifest.jsonl")[-1]
    assert (last["licence"], last["found_by"]) == ("MIT", "PKG-INFO")
    assert (last["version"], last["source_sha256"]) == ("2.0", made[1].sha256)
    assert len(corpus.kept) == len(rows(tmp_path / "out/manifest.jsonl"))


def test_a_source_may_have_any_name(tmp_path: Path) -> None:
    """A folder whose name is not UTF-8 is built and told of like any other."""
    files = {"LICENSE": MIT, "apples.py": code("apples")}
    source = folder(tmp_path / os.fsdecode(b"one-\xff"), files)
    build([source], RECIPE, tmp_path / "out", Local(1))
    assert [each.repository for each in documents(tmp_path / "out")] == ["one-\ufffd"]


def test_the_report_counts_to_the_last_file(tmp_path: Path) -> None:
    """What was read is what was kept and what left; the page shows the near ones."""
    build(sources(tmp_path), recipe(tmp_path), tmp_path / "out", Local(1))
    told = json.loads((tmp_path / "out/report.json").read_text())
    left = sum(stage["files"] for stage in told["stages"])
    assert told["read"]["files"] == left + told["kept"]["files"] == 12
    assert told["redacted"] == {"key": 1}
    page = (tmp_path / "out/report.html").read_text()
    assert "one/near.py" in page
    assert "<script" not in page


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    """Two processes write the very bytes that one does."""
    made, rules = sources(tmp_path), recipe(tmp_path)
    build(made, rules, tmp_path / "one-worker", Local(1))
    build(made, rules, tmp_path / "two-workers", Local(2))
    for name in SAME:
        one, two = (tmp_path / each / name for each in ("one-worker", "two-workers"))
        assert one.read_bytes() == two.read_bytes()


class Killed(Local):
    """An engine that ends after the first source."""

    def each(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        yield work(items[0])
        raise KeyboardInterrupt


def test_a_manifest_may_say_anything(tmp_path: Path) -> None:
    """Half of a surrogate pair in the place of a licence ends no build."""
    said = r'{"license": "\ud83d"}'
    odd = folder(tmp_path / "odd", {"package.json": said, "pears.py": code("pears")})
    corpus = build([odd, *sources(tmp_path)], RECIPE, tmp_path / "out", Local(1))
    (drop,) = (each for each in corpus.drops if each.path == "pears.py")
    assert (drop.stage, drop.reason) == ("licence", "?")


def test_a_killed_build_goes_on(tmp_path: Path) -> None:
    """What was done is not done again; until the end the folder is no corpus."""
    made, rules, out = sources(tmp_path), recipe(tmp_path), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        build(made, rules, out, Killed(1))
    with pytest.raises(CorpusError, match="is no corpus"):
        documents(out)
    (first,) = out.glob("work/*/gathered.json")
    before = first.stat().st_mtime_ns
    build(made, rules, out, Local(1))
    assert first.stat().st_mtime_ns == before
    build(made, rules, tmp_path / "whole", Local(1))
    for name in SAME:
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_another_recipe_takes_no_old_results(tmp_path: Path) -> None:
    """A changed filter decides anew; where nothing is left the old corpus stays."""
    made, out = sources(tmp_path), tmp_path / "out"
    build(made, RECIPE, out, Local(1))
    strict = replace(RECIPE, filters=Filters(min_bytes=900_000))
    with pytest.raises(CorpusError, match="no file is left"):
        build(made, strict, out, Local(1))
    assert len(list(documents(out))) == 5


def test_a_damaged_archive_is_told_and_the_rest_is_built(tmp_path: Path) -> None:
    """One archive that cannot be read costs its own files only."""
    made = sources(tmp_path)
    broken = tmp_path / "broken-1.0.tar.gz"
    broken.write_bytes(b"no archive" * 50)
    build([of_path(broken), *made], RECIPE, tmp_path / "out", Local(1))
    told = json.loads((tmp_path / "out/report.json").read_text())
    assert list(told["refused"]) == ["broken"]
    assert told["kept"]["files"] == 5


def test_nothing_to_learn_from_is_an_error(tmp_path: Path) -> None:
    """An empty corpus, and a folder of something else, end with a line of advice."""
    empty = folder(tmp_path / "empty", {"notes.md": "# Nothing\n"})
    with pytest.raises(CorpusError, match=r"no file is left.*language"):
        build([empty], RECIPE, tmp_path / "out", Local(1))
    with pytest.raises(CorpusError, match="nothing to build from"):
        build([], RECIPE, tmp_path / "out", Local(1))
    with pytest.raises(CorpusError, match="holds something else"):
        build([empty], RECIPE, tmp_path / "empty", Local(1))


@pytest.mark.parametrize("name", ["work/notes.txt", "corpus.json"])
def test_a_project_is_no_corpus(tmp_path: Path, name: str) -> None:
    """A folder that only has names as a corpus has them keeps its files."""
    mine = {name: "{}", "report.html": "mine", "manifest.jsonl": "mine"}
    made = folder(tmp_path / "project", mine)
    with pytest.raises(CorpusError, match="holds something else"):
        build([made], RECIPE, tmp_path / "project", Local(1))
    assert {each: (tmp_path / "project" / each).read_text() for each in mine} == mine


def test_one_build_at_a_time(tmp_path: Path) -> None:
    """A second build into a folder is refused while the first works, and not after."""
    (one, two), out = sources(tmp_path), tmp_path / "out"

    class Meanwhile(Local):
        def each(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
            with pytest.raises(CorpusError, match="another build works in"):
                build([two], RECIPE, out, Local(1))
            return super().each(work, items)

    build([one], RECIPE, out, Meanwhile(1))
    assert {each.repository for each in documents(out)} == {"one"}
    build([two], RECIPE, out, Local(1))
    assert {each.repository for each in documents(out)} == {"two"}


def test_a_corpus_without_what_it_was_made_of_is_built_again(tmp_path: Path) -> None:
    """Who has deleted the results of the sources to save room has a corpus still."""
    (one, two), out = sources(tmp_path), tmp_path / "out"
    build([one], RECIPE, out, Local(1))
    shutil.rmtree(out / "work")
    build([two], RECIPE, out, Local(1))
    assert {each.repository for each in documents(out)} == {"two"}


@pytest.mark.parametrize("out", ["notes.md", "notes.md/out"])
def test_a_file_is_no_folder(tmp_path: Path, out: str) -> None:
    """A file in the place of the corpus's folder is named, and left as it is."""
    made = folder(tmp_path, {"notes.md": "# Notes\n"})
    with pytest.raises(CorpusError, match=r"notes\.md is no folder; name another"):
        build([made], RECIPE, tmp_path / out, Local(1))
    assert (tmp_path / "notes.md").read_text() == "# Notes\n"


def test_a_full_disk_is_known_before(tmp_path: Path) -> None:
    """A source that cannot fit is refused with the figure, and nothing is written."""
    (source, *_) = sources(tmp_path)
    vast = replace(source, size=10 * shutil.disk_usage(tmp_path).total)
    with pytest.raises(CorpusError, match=r"needs about .* GB"):
        build([vast], RECIPE, tmp_path / "out", Local(1))
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
@pytest.mark.parametrize("most", [100, 1_000, 5_500])
def test_a_disk_that_is_full_meanwhile_is_named(tmp_path: Path, most: int) -> None:
    """Whatever file does not fit, the folder is told, and the build goes on later."""
    import resource

    made, out = sources(tmp_path), tmp_path / "out"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        with pytest.raises(CorpusError, match=r"no room in .*out \("):
            build(made, RECIPE, out, Local(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    build(made, RECIPE, out, Local(1))
    assert len(list(documents(out))) == 5

"""Holes that are written down are the same ones later, or refused."""

import json
import shutil

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.manifest import Manifest, read_manifest, write_manifest
from codeassist.evaluate.holes.repository import open_repository
from tests.evaluate.repositories import SAMPLES, commit, write


@pytest.fixture
def root(tmp_path):
    """A repository in all languages, with CR LF and astral characters in one file."""
    odd = 'name = "👩🏽‍🔬 \U0001f600"\r\nlength = measure(name, unit)\r\n'
    return write(tmp_path / "shop", {"odd.py": odd, **dict(SAMPLES.values())})


@pytest.fixture
def written(root, tmp_path):
    """A manifest, in a file and as it was."""
    commit(root, {})
    repository = open_repository(root)
    cutting = Cutting(n=80, seed=5)
    holes = tuple(cut(repository, cutting))
    manifest = Manifest(repository.name, repository.commit, cutting, holes)
    write_manifest(tmp_path / "holes.jsonl", manifest)
    return tmp_path / "holes.jsonl", manifest


def test_what_is_read_is_what_was_written(root, written):
    """Every hole comes back with its text, kind, id and tags."""
    path, manifest = written
    assert read_manifest(path, open_repository(root)) == manifest
    assert {hole.path for hole in manifest.holes} >= {"odd.py"}


def test_another_checkout_gives_the_same_holes(root, written, tmp_path):
    """A copy elsewhere, under another name, is as good."""
    path, manifest = written
    shutil.copytree(root, tmp_path / "elsewhere")
    again = read_manifest(path, open_repository(tmp_path / "elsewhere"))
    assert again.holes == manifest.holes


def test_a_manifest_tells_all_and_quotes_nothing(written):
    """The header has seed, version, repository, commit; no row has source text."""
    path, manifest = written
    header, *rows = map(json.loads, path.read_text().splitlines())
    assert header["commit"] == manifest.commit
    assert (header["repository"], header["cutting"]["seed"]) == ("shop", 5)
    assert header["holes"] == len(rows) == len(manifest.holes) > 40
    keys = {"id", "path", "kind", "start", "end", "sha256", "tags"}
    assert all(set(row) == keys for row in rows)
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "holes.jsonl",
        "shop",
    ]


def test_changed_and_missing_files_are_refused(root, written):
    """Holes of other files would be other holes: the commit to check out is named."""
    path, manifest = written
    (root / "odd.py").write_text("name = 1\n")
    remedy = f"check out {manifest.commit[:12]}"
    with pytest.raises(InputError, match=rf"odd\.py has changed .*; {remedy}"):
        read_manifest(path, open_repository(root))
    (root / "odd.py").unlink()
    with pytest.raises(InputError, match=rf"odd\.py is missing .*; {remedy}"):
        read_manifest(path, open_repository(root))


def test_without_git_the_old_files_are_asked_for(root, tmp_path):
    """There is no commit to name."""
    repository = open_repository(root)
    holes = tuple(cut(repository, Cutting(n=40, languages=("python",))))
    path = tmp_path / "holes.jsonl"
    write_manifest(path, Manifest("shop", "", Cutting(), holes))
    (root / "odd.py").write_text("name = 1\n")
    with pytest.raises(InputError, match="bring the old files back"):
        read_manifest(path, open_repository(root))


def header(text, **changes):
    """A manifest with other values in its header."""
    first, _, rest = text.partition("\n")
    return json.dumps(json.loads(first) | changes) + "\n" + rest


SPOILED = {
    "cut": (lambda text: text[:-200], "was cut short or changed"),
    "edited": (
        lambda text: text.replace('"line"', '"span"'),
        "was cut short or changed",
    ),
    "empty": (lambda text: "", "is no manifest of holes"),
    "prose": (lambda text: "hello\n", "is no manifest of holes"),
    "list": (lambda text: "[1]\n", "is no manifest of holes"),
    "foreign": (lambda text: '{"task_id": 1}\n', "is no manifest of holes"),
    "options": (
        lambda text: header(text, cutting={"n": 1}),
        "was cut short or changed",
    ),
    "none": (lambda text: header(text, cutting=None), "was cut short or changed"),
    "newer": (
        lambda text: header(text, **{"codeassist manifest": 99}),
        "another version",
    ),
}


@pytest.mark.parametrize(("spoil", "why"), SPOILED.values(), ids=SPOILED)
def test_a_broken_or_foreign_file_is_refused(root, written, spoil, why):
    """One line says that it is not what it should be."""
    path, _ = written
    path.write_text(spoil(path.read_text()))
    with pytest.raises(InputError, match=why) as refused:
        read_manifest(path, open_repository(root))
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_read_or_written_are_named(root, written, tmp_path):
    """A missing file, a folder, bytes that are no text, a missing folder."""
    path, manifest = written
    repository = open_repository(root)
    path.write_bytes(b"\xff\xfe")
    for wrong in (tmp_path / "none", tmp_path, path):
        with pytest.raises(InputError, match=str(wrong)):
            read_manifest(wrong, repository)
    with pytest.raises(InputError, match="cannot be written"):
        write_manifest(tmp_path / "none" / "holes.jsonl", manifest)

import io
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from codeassist.errors import CorpusError
from codeassist.training.corpus.archives import ArchiveRefusedError, members
from codeassist.training.corpus.sources import Kind, Source, of_path, read
from tests.training.corpus.packages import archive, folder, git

FILES = {"demo-1.0/a.py": b"a = 1\n", "demo-1.0/src/b.py": b"b = 2\n"}


@pytest.mark.parametrize(
    ("ending", "mode"),
    [
        (".tar.gz", "w:gz"),
        (".crate", "w:gz"),
        (".tar.xz", "w:xz"),
        (".tar.bz2", "w:bz2"),
    ],
)
def test_tar_archives_are_read_as_a_stream(
    tmp_path: Path, ending: str, mode: str
) -> None:
    """Each kind of tar archive brings its files, its name and its version."""
    source = of_path(archive(tmp_path / f"demo-1.0{ending}", FILES, mode))
    assert (source.name, source.version) == ("demo", "1.0")
    found = {each.path: each.content for each in read(source, most=10**6, largest=100)}
    assert found == FILES


def test_zip_archives_are_read(tmp_path: Path) -> None:
    """A zip brings its files; one larger than was asked for comes without content."""
    path = tmp_path / "demo-1.0.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("demo/a.py", "a = 1\n")
        file.writestr("demo/large.py", "x" * 200)
    found = {each.path: each.content for each in members(path, most=10**6, largest=100)}
    assert found == {"demo/a.py": b"a = 1\n", "demo/large.py": None}


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py"])
def test_a_path_that_leads_out_refuses_the_archive(tmp_path: Path, name: str) -> None:
    """An archive with a path that leads out of it is not read on."""
    path = archive(tmp_path / "evil-1.tar.gz", {name: b"x = 1\n"})
    with pytest.raises(ArchiveRefusedError, match="leads out"):
        list(members(path, most=10**6, largest=100))


def test_links_are_left_out(tmp_path: Path) -> None:
    """A link in an archive is no file, wherever it leads."""
    path = tmp_path / "linked-1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("linked/passwd.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        real = tarfile.TarInfo("linked/real.py")
        real.size = 2
        tar.addfile(real, io.BytesIO(b"1\n"))
    assert [each.path for each in members(path, most=10**6, largest=9)] == [
        "linked/real.py"
    ]


@pytest.mark.parametrize("ending", ["tar.gz", "zip"])
def test_a_bomb_is_refused_before_it_is_read(tmp_path: Path, ending: str) -> None:
    """An archive that unpacks to more than is allowed ends with an error."""
    path = tmp_path / f"bomb-1.{ending}"
    content = b"\0" * 3_000_000
    if ending == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("bomb/a.py", content)
    else:
        archive(path, {"bomb/a.py": content})
    with pytest.raises(ArchiveRefusedError, match="unpacks to more"):
        list(members(path, most=2_000_000, largest=5_000_000))


def test_holes_count_as_what_they_unpack_to(tmp_path: Path) -> None:
    """Files that are sparse in a tar end the reading at the same size as others do."""
    hole = tarfile.TarInfo("bomb/a.py")
    hole.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(hole.tobuf(tarfile.GNU_FORMAT))
    head[386:410] = b"%011o\0" % 900_000 + b"%011o\0" % 0  # the hole, and no bytes
    head[483:495] = b"%011o\0" % 900_000
    head[148:156] = b"%06o\0 " % sum(head[:148] + b" " * 8 + head[156:])
    path = tmp_path / "bomb-1.tar"
    path.write_bytes(bytes(head) * 9 + bytes(1024))
    found = members(path, most=2_000_000, largest=1_000_000)
    assert [len(next(found).content or b"") for _ in range(2)] == [900_000] * 2
    with pytest.raises(ArchiveRefusedError, match="unpacks to more"):
        next(found)


@pytest.mark.parametrize("ending", ["tar.gz", "tar.xz", "zip"])
def test_a_damaged_archive_is_refused(tmp_path: Path, ending: str) -> None:
    """Bytes that are no archive end with an error of our own."""
    path = tmp_path / f"broken-1.{ending}"
    path.write_bytes(b"this is no archive at all" * 40)
    with pytest.raises(ArchiveRefusedError, match="cannot be read"):
        list(members(path, most=10**6, largest=100))


def contents(source: Source) -> dict[str, bytes | None]:
    return {each.path: each.content for each in read(source, most=10**6, largest=100)}


def test_a_repository_brings_what_is_committed(tmp_path: Path) -> None:
    """Of a git repository the files at HEAD are read, not those that lie about."""
    git(tmp_path, "init", "-q")
    (tmp_path / "kept.py").write_text("x = 1\n")
    git(tmp_path, "add", "kept.py")
    git(tmp_path, "commit", "-q", "-m", "one")
    (tmp_path / "kept.py").write_text("x = 2\n")
    (tmp_path / "stray.py").write_text("y = 1\n")
    source = of_path(tmp_path)
    assert source.kind is Kind.GIT
    assert contents(source) == {"kept.py": b"x = 1\n"}


def test_what_a_repository_ignores_is_not_read(tmp_path: Path) -> None:
    """What `.codeassistignore` names is out; to name more of it makes another source."""
    folder(tmp_path, {"a.py": "a = 1\n", "b.py": "b = 1\n", "sub/c.py": "c = 1\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    all_of_it = of_path(tmp_path)
    (tmp_path / ".codeassistignore").write_text("sub/\nb.py\n")
    source = of_path(tmp_path)
    assert contents(source) == {"a.py": b"a = 1\n"}
    assert source.sha256 != all_of_it.sha256
    assert (source.size, all_of_it.size) == (6, 18)


@pytest.mark.parametrize(
    ("address", "owners"),
    [
        ("https://github.com/Acme/foo.git", {"acme"}),
        ("git@git.acme.org:acme/sub/foo.git", {"acme"}),
        ("ssh://git@ssh.github.com:443/acme/foo", {"acme"}),
        ("../elsewhere/foo", set()),
    ],
)
def test_a_repository_tells_whom_git_fetches_from(
    tmp_path: Path, address: str, owners: set[str]
) -> None:
    """Owners may opt out by the remotes of a repository, at any forge."""
    place = as_repository({"a.py": b"a = 1\n"}, tmp_path)
    git(place, "remote", "add", "origin", address)
    assert of_path(place).owners == owners


def test_a_wheel_has_a_name_and_a_version(tmp_path: Path) -> None:
    """The tags in a wheel's file name are no part of either."""
    path = tmp_path / "my_package-2.0-1-py3-none-any.whl"
    path.write_bytes(b"")
    source = of_path(path)
    assert (source.name, source.version) == ("my_package", "2.0")


def test_a_repository_that_lost_a_file_is_named(tmp_path: Path) -> None:
    """One in which git cannot read what is committed is an error with advice."""
    folder(tmp_path, {"a.py": "a = 1\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    blob = subprocess.check_output(
        ["git", "-C", str(tmp_path), "rev-parse", "HEAD:a.py"], text=True
    ).strip()
    (tmp_path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(CorpusError, match=r"cannot read a\.py; an incomplete clone"):
        of_path(tmp_path)


def test_what_a_folder_ignores_is_not_read(tmp_path: Path) -> None:
    """Ignore files at any depth count, and a folder's own files come first."""
    ignored = ("a.log", "node_modules/i.js", ".hidden/h.py", "sub/mine.py")
    read_too = ("sub/z.py", "t.py", "sub/deep/a.py")
    files = dict.fromkeys((*ignored, *read_too), "x = 1\n")
    files |= {".gitignore": "*.log\n", "sub/.codeassistignore": "mine.py\n"}
    source = folder(tmp_path, {**files, "large.py": "l = 1\n" * 20})
    assert contents(source) == {
        ".gitignore": b"*.log\n",
        "large.py": None,
        "t.py": b"x = 1\n",
        "sub/.codeassistignore": b"mine.py\n",
        "sub/z.py": b"x = 1\n",
        "sub/deep/a.py": b"x = 1\n",
    }
    found = list(contents(source))
    assert found == sorted(found, key=lambda path: (path.count("/"), path))
    assert source.size == 120 + 6 + 8 + 3 * 6


def as_archive(files: dict[str, bytes], place: Path) -> Path:
    return archive(place / "demo-1.0.tar.gz", files)


def as_zip(files: dict[str, bytes], place: Path) -> Path:
    with zipfile.ZipFile(place / "demo-1.0.zip", "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return place / "demo-1.0.zip"


def as_folder(files: dict[str, bytes], place: Path) -> Path:
    folder(place, {name: content.decode() for name, content in files.items()})
    return place


def as_repository(files: dict[str, bytes], place: Path) -> Path:
    as_folder(files, place)
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "one")
    return place


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (as_zip, b"line\nbreak.py"),  # every name in a zip is text
        *product(
            (as_archive, as_folder, as_repository),
            (b"\xff.py", b"\xff/a.py", b"line\nbreak.py"),
        ),
    ],
)
def test_names_that_cannot_be_printed_are_left_out(
    tmp_path: Path, made: Callable[[dict[str, bytes], Path], Path], name: bytes
) -> None:
    """A file or folder that no line can name costs itself only, whatever holds it."""
    files = {"a.py": b"a = 1\n", os.fsdecode(name): b"x = 1\n"}
    assert list(contents(of_path(made(files, tmp_path)))) == ["a.py"]


def test_what_is_no_source_is_named(tmp_path: Path) -> None:
    """A path that is neither folder nor archive is an error that says so."""
    with pytest.raises(CorpusError, match="neither a folder nor an archive"):
        of_path(tmp_path / "missing.rar")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(CorpusError, match="loop is neither a folder nor an archive"):
        of_path(tmp_path / "loop")

import hashlib
from pathlib import Path

import pytest

from codeassist.errors import CorpusError
from codeassist.training.corpus.index import Index, _configured, wanted
from tests.training.corpus.packages import archive

SETUP = b"raise SystemExit('a build backend ran')\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index in a folder, which pip's environment names."""
    place = tmp_path / "simple" / "demo"
    place.mkdir(parents=True)
    path = archive(place / "demo-1.0.tar.gz", {"demo-1.0/setup.py": SETUP})
    (place / "demo-1.0-py3-none-any.whl").write_bytes(b"a wheel")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (place / "index.html").write_text(
        f'<a href="demo-1.0.tar.gz#sha256={digest}">demo-1.0.tar.gz</a>'
        '<a href="demo-1.0-py3-none-any.whl">demo-1.0-py3-none-any.whl</a>'
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    return path


def test_the_source_archive_is_fetched_and_kept(tmp_path: Path, index: Path) -> None:
    """The archive itself comes, no build backend runs, and it is fetched once."""
    came: list[int] = []
    cache = tmp_path / "cache"
    path = Index(cache).fetch(wanted("demo==1.0"), came.append)
    assert path.read_bytes() == index.read_bytes()
    assert sum(came) == len(index.read_bytes())
    pinned = wanted(f"demo==1.0 --hash=sha256:{_digest(index)}")
    index.unlink()
    assert Index(cache).fetch(pinned, came.append) == path
    assert sum(came) == path.stat().st_size


def test_a_folder_of_archives_that_pip_looks_into(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no index has comes from a folder that pip's `find-links` names."""
    links = tmp_path / "links"
    links.mkdir()
    files = {"other-2.0/setup.py": SETUP}
    mine = archive(links / "other-2.0.tar.gz", files)
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    pinned = wanted(f"other==2.0 --hash=sha256:{_digest(mine)}")
    found = Index(tmp_path / "cache").fetch(pinned, lambda _: None)
    assert found.read_bytes() == mine.read_bytes()
    demo = Index(tmp_path / "cache").fetch(wanted("demo==1.0"), lambda _: None)
    assert demo.read_bytes() == index.read_bytes()


def test_links_do_not_take_the_place_of_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pip is told of links alone its usual index is looked into as before."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    usual = _configured().sources
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert [each for each in _configured().sources if each in usual] == usual


def test_other_bytes_than_the_pinned_are_refused(tmp_path: Path, index: Path) -> None:
    """An archive whose checksum is not the pinned one leaves nothing behind."""
    with pytest.raises(CorpusError, match="other bytes"):
        Index(tmp_path / "cache").fetch(
            wanted(f"demo==1.0 --hash=sha256:{'0' * 64}"), len
        )
    index.write_bytes(index.read_bytes() + b"more")
    with pytest.raises(CorpusError, match="another SHA-256"):
        Index(tmp_path / "cache").fetch(wanted("demo==1.0"), lambda _: None)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_release_that_is_not_there_is_named(tmp_path: Path, index: Path) -> None:
    """An unknown version, and a line that names no release, are errors."""
    with pytest.raises(CorpusError, match=r"demo==9\.9.*no source archive"):
        Index(tmp_path / "cache").fetch(wanted("demo==9.9"), lambda _: None)
    with pytest.raises(CorpusError, match="write name==version"):
        wanted("demo>=1.0")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

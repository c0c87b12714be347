import sys
from pathlib import Path

import pytest

from codeassist.errors import CorpusError
from codeassist.training.corpus import build
from codeassist.training.corpus.engines import Local
from codeassist.training.corpus.ray_engine import Ray
from tests.training.corpus.test_build import SAME, recipe, sources

try:
    import ray.data  # noqa: F401

    HERE = True
except ImportError:
    HERE = False


@pytest.mark.skipif(not HERE, reason="Ray Data (590 MB) is not installed")
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_builds_the_same_corpus(tmp_path: Path) -> None:
    """The corpus of a Ray cluster is byte for byte that of one process."""
    made, rules = sources(tmp_path), recipe(tmp_path)
    build(made, rules, tmp_path / "local", Local(1))
    build(made, rules, tmp_path / "ray", Ray(2))
    for name in SAME:
        local, cluster = (tmp_path / each / name for each in ("local", "ray"))
        assert local.read_bytes() == cluster.read_bytes()


def test_without_ray_the_engine_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A missing Ray is an error with the extra that brings it."""
    monkeypatch.setitem(sys.modules, "ray", None)  # how Python itself marks it absent
    with pytest.raises(CorpusError, match=r"\.\[cluster\]"):
        Ray(2)

"""A machine whose models are small files."""

import pytest

from codeassist.engine.latency import kept
from codeassist.engine.models import catalog, store


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A catalog of a small and a large model and one without FIM, and empty folders."""
    models = tmp_path / "models"
    models.mkdir()
    monkeypatch.setattr(store, "models_dir", lambda: models)
    monkeypatch.setattr(kept, "cache_dir", lambda: tmp_path / "cache")
    entries = {
        name: catalog.Entry(
            name, family, f"{name}.gguf", size, "", "", 4096, default=name == "small"
        )
        for name, family, size in (
            ("plain", "", 400),
            ("small", "qwen", 100),
            ("large", "qwen", 200),
        )
    }
    monkeypatch.setattr(catalog, "load", lambda: entries)
    monkeypatch.setattr(store, "load", lambda: entries)

    def install(*names):
        for name in names:
            content = name.encode().ljust(entries[name].size)
            (models / f"{name}.gguf").write_bytes(content)

    return install

"""Real models for the tests of the engine, loaded once."""

import pytest

from codeassist.engine.decode import Model, Session
from codeassist.engine.models import store
from codeassist.errors import ModelMissingError
from tests.conftest import absent


def located(model):
    """Path of a catalog model; skips, or in CI fails, where it is not here."""
    try:
        return store.resolve(model).path
    except ModelMissingError as error:
        absent(str(error))


@pytest.fixture(scope="session")
def qwen():
    """The default model."""
    return Model(located("qwen2.5-coder-0.5b"))


@pytest.fixture(scope="session")
def smollm():
    """A model without FIM."""
    return Model(located("smollm2-135m"))


@pytest.fixture
def session(qwen):
    """A fresh KV cache over the default model."""
    return Session(qwen, n_ctx=2048)

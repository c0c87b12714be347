"""The server around an engine without a model."""

import pytest

from tests.lsp.client import ECHO, connected


@pytest.fixture
async def echo():
    """A client of the server around the echo engine."""
    async with connected(ECHO) as client:
        yield client

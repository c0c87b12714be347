"""The health check of the VS Code extension, with a fault planted each time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .driver import CodeServer
from .faults import FAULTS, Fault, examined, rival
from .serving import Served

pytestmark = [pytest.mark.editor]


@pytest.fixture(scope="module")
def faulty(
    code: CodeServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A window beside another completion extension."""
    folder: Path = tmp_path_factory.mktemp("faulty")
    code.install(rival(folder))
    served = Served(code, folder)
    served.be("echo")
    served.settings()
    served.open().ready()
    yield served
    served.close()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_named_with_its_cure(faulty: Served, fault: Fault) -> None:
    """The health check names the fault and says in the next line what to do."""
    assert examined(faulty, faulty.windows[0], fault)

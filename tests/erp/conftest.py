"""A Tryton server for each test, on a copy of a database that is made once (about 20 s) and kept in pytest's cache."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from sinks.erp.tryton import Tryton
from tests.erp.server import HERE, Buyer, TrytonServer, prepared


@pytest.fixture(scope="session")
def tryton_template(pytestconfig: pytest.Config) -> Path:
    """The prepared database; another Tryton or another setup makes another one."""
    if find_spec("trytond") is None:
        pytest.skip("no real ERP: trytond is not installed (make setup)")
    cache = pytestconfig.cache
    assert cache is not None
    made_by = f"{version('trytond')}-{version('trytond-purchase-requisition')}-{_digest(HERE / 'setup.py')}"
    return prepared(Path(cache.mkdir("tryton")) / made_by)


@pytest.fixture
def tryton(tmp_path: Path, tryton_template: Path) -> Iterator[TrytonServer]:
    """A running server of this test's own."""
    server = TrytonServer(tmp_path / "tryton", tryton_template)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def erp(tryton: TrytonServer) -> AsyncIterator[Tryton]:
    """Our connection to it."""
    connection = Tryton(tryton.settings())
    yield connection
    await connection.close()


@pytest.fixture
async def buyer(tryton: TrytonServer) -> AsyncIterator[Buyer]:
    """Somebody who works there."""
    person = Buyer(tryton)
    yield person
    await person.close()


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=4).hexdigest()

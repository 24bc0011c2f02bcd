"""What the tests of the core share: a log to fold."""

import pytest

from tests.inventory.logs import Log


@pytest.fixture
def log() -> Log:
    """A partition with its state, ready to be told things."""
    return Log()

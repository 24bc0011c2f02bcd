"""The examples in the docstrings of the demand models hold."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import numpy as np
import pytest

from inventory import demand


def _modules_with_examples() -> Iterator[str]:
    for found in pkgutil.walk_packages(demand.__path__, "inventory.demand."):
        module = importlib.import_module(found.name)
        if any(test.examples for test in doctest.DocTestFinder().find(module)):
            yield found.name


@pytest.mark.parametrize("name", list(_modules_with_examples()))
def test_examples_hold(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), extraglobs={"np": np})
    assert found.failed == 0 < found.attempted

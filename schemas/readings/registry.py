"""Finds every reading format by itself: one file in this package, one topic's format.

A module takes part by defining ``FORMAT``, or ``FORMATS`` when it serves several
topics. Dialects (one device's format among several on one topic) are found the
same way: a module ``<topic>_<device>.py`` that defines ``DIALECT``.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from schemas.readings.format import ReadingFormat


def all_formats() -> dict[str, ReadingFormat[Any]]:
    """Every format by the name of its topic; two formats of one topic are an error."""
    formats: dict[str, ReadingFormat[Any]] = {}
    for module in _modules():
        for found in _formats_of(module):
            if found.topic.name in formats:
                raise TypeError(f"{module.__name__}: topic {found.topic.name} has a format already")
            formats[found.topic.name] = found
    return formats


def dialects(prefix: str) -> list[Any]:
    """The ``DIALECT`` of every module whose name starts with ``prefix``, in the order of the names."""
    return [module.DIALECT for module in _modules(prefix) if hasattr(module, "DIALECT")]


def _modules(prefix: str = "") -> Iterator[ModuleType]:
    package = import_module("schemas.readings")
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if found.name.startswith(prefix):
            yield import_module(f"{package.__name__}.{found.name}")


def _formats_of(module: ModuleType) -> tuple[ReadingFormat[Any], ...]:
    if hasattr(module, "FORMAT"):
        return (module.FORMAT,)
    return tuple(getattr(module, "FORMATS", ()))

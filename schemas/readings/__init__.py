"""What devices, tills and ERPs send: one file per format, found by itself.

A format turns raw bytes into observations in two steps, both pure:
``decode`` (bytes to validated readings) and ``interpret`` (a reading to what it
means, with names resolved in the catalogue). Adding a format is one file here
that defines ``FORMAT``, adding a device to a topic that has a format one file
that defines ``DIALECT``; the contract suite in ``tests/schemas`` finds it.
"""

from schemas.readings.format import Meaning, ReadingFormat, Routed
from schemas.readings.registry import all_formats

__all__ = ["Meaning", "ReadingFormat", "Routed", "all_formats"]

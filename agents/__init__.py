"""Thin Faust agents: decode or reject, load, step, store, publish.

``intake`` turns readings into the observations log, ``inventory`` folds the log
and says facts, ``archivist`` brings facts into ClickHouse. ``worker`` puts them
together in one process.
"""

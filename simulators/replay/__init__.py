"""Replays: real sales files turned into till readings, one file per source."""

from simulators.replay.columns import UnreadableFile
from simulators.replay.disorder import doubled, shuffled_within
from simulators.replay.source import ReplaySource
from simulators.replay.sources import SOURCES, open_source

__all__ = ["SOURCES", "ReplaySource", "UnreadableFile", "doubled", "open_source", "shuffled_within"]

"""What a contestant is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """Where to read and write, and after how many lines to say ``{"done": mark}`` on the target's partition 0."""

    address: str
    prefix: str
    partitions: int
    marks: Sequence[int]
    folder: str

    @property
    def source(self) -> str:
        """The topic of the baskets."""
        return f"{self.prefix}readings.pos"

    @property
    def target(self) -> str:
        """The topic of what a naive contestant says."""
        return f"{self.prefix}low.stock"

    @property
    def group(self) -> str:
        """The consumer group of a naive contestant."""
        return f"{self.prefix}naive"

    @property
    def data(self) -> Path:
        """A folder to leave things in."""
        return Path(self.folder)

"""The log of an embedded broker in files: that broker keeps little, in memory, and forgets it on exit.

One file per partition, of records one behind the other: offset, append time and length, then the bytes. A message
may be kept twice (a worker that was killed folds again); the first one counts. Files of another broker are replaced.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from streams.batches import Record
from streams.cluster import TopicIdentity

_HEAD = struct.Struct(">qqI")
_IDENTITY = "log.json"


class KeptLog:
    """Appends to the files of one log."""

    def __init__(self, folder: Path, log: TopicIdentity) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if identity_of(folder) != log:
            for file in folder.glob("*.log"):
                file.unlink()
            (folder / _IDENTITY).write_bytes(msgspec.json.encode(log))
        self._folder = folder
        self._mended: set[int] = set()

    def append(self, partition: int, records: Sequence[Record]) -> None:
        """Keep messages; after it returns they outlive this process."""
        path = _file(self._folder, partition)
        if partition not in self._mended:
            _mend(path)
            self._mended.add(partition)
        with path.open("ab") as file:
            file.write(b"".join(part for record in records for part in _written(record)))


def identity_of(folder: Path) -> TopicIdentity | None:
    """Whose log is kept in a folder; None where there is none."""
    try:
        return msgspec.json.decode((folder / _IDENTITY).read_bytes(), type=TopicIdentity)
    except FileNotFoundError:
        return None


def kept(folder: Path, partition: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of every message of a partition, in order, each once."""
    path, next_offset = _file(folder, partition), 0
    if not path.exists():
        return
    with path.open("rb") as file:
        while (head := file.read(_HEAD.size)) and len(head) == _HEAD.size:
            offset, _, length = _HEAD.unpack(head)
            value = file.read(length)
            if len(value) < length:
                return
            if offset >= next_offset:
                next_offset = offset + 1
                yield offset, value


def _file(folder: Path, partition: int) -> Path:
    return folder / f"{partition:04d}.log"


def _written(record: Record) -> tuple[bytes, bytes]:
    value = record.value or b""
    return _HEAD.pack(record.offset, record.timestamp, len(value)), value


def _mend(path: Path) -> None:
    """Cut off what is behind the last whole record: a process that was killed may have left half a one."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        end, size = 0, os.fstat(file.fileno()).st_size
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length = _HEAD.unpack(head)[2]
            if end + _HEAD.size + length > size:
                break
            end = file.seek(length, os.SEEK_CUR)
        file.truncate(end)

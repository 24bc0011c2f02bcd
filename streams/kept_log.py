"""The log of an embedded broker in files: that broker keeps little, in memory, and forgets it on exit.

One file per partition, of records one behind the other: offset, append time and length, then the bytes. A message
may be kept twice (a worker that was killed folds again); the first one counts. Files of another broker are replaced.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

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
        self._files: dict[int, BinaryIO] = {}

    def append(self, partition: int, records: Sequence[Record]) -> None:
        """Keep messages; after it returns they outlive this process."""
        file = self._files.get(partition)
        if file is None:
            file = self._files[partition] = _opened(_file(self._folder, partition))
        file.write(b"".join(part for record in records for part in _written(record)))
        file.flush()


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


def _opened(path: Path) -> BinaryIO:
    """Open for appending behind the last whole record: a process that was killed may have left half a one."""
    file = path.open("r+b" if path.exists() else "w+b")
    end, size = 0, os.fstat(file.fileno()).st_size
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        length = _HEAD.unpack(head)[2]
        if end + _HEAD.size + length > size:
            break
        end = file.seek(length, os.SEEK_CUR)
    file.seek(end)
    file.truncate()
    return file

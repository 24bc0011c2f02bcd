"""The log of an embedded broker in files: that broker keeps little, in memory, and forgets it on exit.

One file per partition, of compressed blocks one behind the other, each behind its length. A message may be kept twice
(a worker that was killed folds again); the first one counts. The log of another broker takes the place of the last.
A partition that reaches ``MOST_BYTES`` is kept no further.
"""

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from schemas.errors import BrokenLog
from streams.batches import Record
from streams.cluster import TopicIdentity

MOST_BYTES = 1 << 28
_LENGTH = struct.Struct(">I")
_IDENTITY = "log.json"
_BLOCK = msgspec.msgpack.Decoder(list[tuple[int, bytes]])


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
            if file.tell() < MOST_BYTES:
                file.write(_block(records))


def identity_of(folder: Path) -> TopicIdentity | None:
    """Whose log is kept in a folder; None where there is none."""
    try:
        return msgspec.json.decode((folder / _IDENTITY).read_bytes(), type=TopicIdentity)
    except FileNotFoundError:
        return None


def kept(folder: Path, partition: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of every message of a partition, in order, each once.

    Raises ``BrokenLog`` where the file was changed.
    """
    path, next_offset = _file(folder, partition), 0
    if not path.exists():
        return
    with path.open("rb") as file:
        while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
            content = file.read(_LENGTH.unpack(head)[0])
            if len(content) < _LENGTH.unpack(head)[0]:
                return
            for offset, value in _messages(path, content):
                if offset >= next_offset:
                    next_offset = offset + 1
                    yield offset, value


def _messages(path: Path, content: bytes) -> list[tuple[int, bytes]]:
    try:
        return _BLOCK.decode(zlib.decompress(content))
    except (zlib.error, msgspec.DecodeError) as error:
        raise BrokenLog(f"{path} is damaged ({error}): the log in it cannot be read") from error


def _file(folder: Path, partition: int) -> Path:
    return folder / f"{partition:04d}.log"


def _block(records: Sequence[Record]) -> bytes:
    messages = [(record.offset, record.value or b"") for record in records]
    content = zlib.compress(msgspec.msgpack.encode(messages), 1)
    return _LENGTH.pack(len(content)) + content


def _mend(path: Path) -> None:
    """Cut off what is behind the last whole block: a process that was killed may have left half a one."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        end, size = 0, os.fstat(file.fileno()).st_size
        while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
            length = _LENGTH.unpack(head)[0]
            if end + _LENGTH.size + length > size:
                break
            end = file.seek(length, os.SEEK_CUR)
        file.truncate(end)

"""Checkpoints of a partition's state, kept in a compacted Kafka topic.

A checkpoint is immutable chunks (one per bucket of keys, and only for buckets
that changed) and then a manifest that names the chunk of every bucket by its
offset and hash. Partition ``p`` of the checkpoints topic holds the checkpoints
of partition ``p`` of the log, so that any worker can take over.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
import structlog
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from schemas.errors import BrokenCheckpoint, BrokenLog, Unavailable
from streams.cluster import Cluster, TopicIdentity
from streams.publisher import Outgoing, Publisher
from streams.settings import BrokerSettings

KEPT = 2
_READ_TIMEOUT_SECONDS = 30.0
_log = structlog.get_logger("restockd.checkpoints")


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """Where the newest bytes of one bucket lie."""

    bucket: str
    offset: int
    digest: str
    applied: int


class Manifest(msgspec.Struct, frozen=True):
    """What a checkpoint consists of; written last, so that it never names what is not there."""

    log_topic_id: str
    log_partitions: int
    partition: int
    applied: int
    rules_version: str
    state_version: int
    chunks: tuple[Chunk, ...]
    digest: str

    @property
    def checkpoint_id(self) -> str:
        """Short name for logs and commit metadata."""
        return f"{self.applied}-{self.digest[:12]}"


@dataclass(frozen=True)
class Checkpoint:
    """A whole checkpoint: the manifest and the bytes of every bucket."""

    manifest: Manifest
    buckets: Mapping[str, bytes]


_MANIFEST = msgspec.json.Decoder(Manifest)


def digest_of(value: bytes) -> str:
    """Content hash of a chunk."""
    return hashlib.blake2b(value, digest_size=16).hexdigest()


def manifest_digest(applied: int, chunks: tuple[Chunk, ...]) -> str:
    """Hash over all chunks and the offset they were made at."""
    text = f"{applied}|" + "|".join(f"{chunk.bucket}:{chunk.digest}" for chunk in chunks)
    return digest_of(text.encode())


class CheckpointStore:
    """Writes and finds checkpoints of the partitions of one log."""

    def __init__(self, broker: BrokerSettings, topic: str, publisher: Publisher, cluster: Cluster) -> None:
        self._broker = broker
        self._topic = topic
        self._publisher = publisher
        self._cluster = cluster
        self._kept: dict[int, list[Manifest]] = {}
        self._broken: dict[int, list[Manifest]] = {}

    async def write(
        self,
        log: TopicIdentity,
        partition: int,
        applied: int,
        changed: Mapping[str, bytes],
        rules_version: str,
        state_version: int,
    ) -> Manifest:
        """Store the changed buckets and then a manifest of all; returns the manifest.

        Unchanged buckets are named as the last manifest of this partition named them.
        """
        chunks = {chunk.bucket: chunk for chunk in self._newest_chunks(partition)}
        chunks.update(await self._write_chunks(partition, applied, changed))
        ordered = tuple(chunks[bucket] for bucket in sorted(chunks))
        manifest = Manifest(
            log.topic_id,
            log.partitions,
            partition,
            applied,
            rules_version,
            state_version,
            ordered,
            manifest_digest(applied, ordered),
        )
        record = Outgoing(self._topic, msgspec.json.encode(manifest), _manifest_key(manifest), partition)
        await self._publisher.publish([record])
        self._kept.setdefault(partition, []).append(manifest)
        return manifest

    async def forget_old(self, partition: int) -> None:
        """Delete what only older checkpoints than the newest two name.

        Call it after the commit of the newest was accepted: a worker that lost the
        partition is refused there and so never deletes what the new owner needs.
        """
        manifests = self._kept.get(partition, [])
        dropped, kept = manifests[:-KEPT] + self._broken.get(partition, []), manifests[-KEPT:]
        needed = {(chunk.bucket, chunk.applied) for manifest in kept for chunk in manifest.chunks}
        dead = {(c.bucket, c.applied) for manifest in dropped for c in manifest.chunks} - needed
        keys = [_chunk_key(partition, *chunk) for chunk in sorted(dead)]
        keys += sorted(set(map(_manifest_key, dropped)) - set(map(_manifest_key, kept)))
        await self._publisher.publish([Outgoing(self._topic, None, key, partition) for key in keys])
        self._kept[partition], self._broken[partition] = kept, []

    def load(self, log: TopicIdentity, partition: int, state_version: int) -> Checkpoint | None:
        """The newest whole checkpoint of a log partition; None if there is none of this state version.

        None means: fold the log from its first offset, which gives the same state. Where
        the log no longer begins at 0 the caller must stop. Checkpoints of another version
        stay, so that one may go back to it.

        Raises ``BrokenCheckpoint`` if there are checkpoints but none of this log and
        state version is whole. Blocking: call it in a thread.
        """
        with _Reader(self._broker, self._topic, partition, self._cluster) as reader:
            seen: dict[str, Manifest] = {}
            for found in reader.manifests():
                ours = [manifest for manifest in found if self._belongs(manifest, log, state_version)]
                fresh = [manifest for manifest in ours if manifest.checkpoint_id not in seen]
                seen.update({manifest.checkpoint_id: manifest for manifest in fresh})
                for manifest in sorted(fresh, key=_applied, reverse=True):
                    buckets = self._read_chunks(reader, manifest)
                    if buckets is not None:
                        self._remember(partition, manifest, seen.values())
                        return Checkpoint(manifest, buckets)
        self._kept[partition], self._broken[partition] = [], list(seen.values())
        if seen:
            raise BrokenCheckpoint(f"{self._topic}[{partition}]: {len(seen)} checkpoints, none of them whole")
        return None

    def _remember(self, partition: int, whole: Manifest, others: Iterable[Manifest]) -> None:
        ordered = sorted(others, key=_applied)
        self._kept[partition] = [manifest for manifest in ordered if manifest.applied <= whole.applied]
        self._broken[partition] = [manifest for manifest in ordered if manifest.applied > whole.applied]

    def _newest_chunks(self, partition: int) -> tuple[Chunk, ...]:
        kept = self._kept.get(partition)
        return kept[-1].chunks if kept else ()

    async def _write_chunks(self, partition: int, applied: int, changed: Mapping[str, bytes]) -> dict[str, Chunk]:
        records = [
            Outgoing(self._topic, value, _chunk_key(partition, bucket, applied), partition)
            for bucket, value in changed.items()
        ]
        # An idempotent producer stores one partition's records in the order they were sent.
        offsets = sorted(await self._publisher.publish(records))
        if offsets and offsets[0] < 0:
            raise Unavailable("Kafka", f"did not say where chunks of {self._topic}[{partition}] were stored")
        return {
            bucket: Chunk(bucket, offset, digest_of(value), applied)
            for (bucket, value), offset in zip(changed.items(), offsets, strict=True)
        }

    @staticmethod
    def _belongs(manifest: Manifest, log: TopicIdentity, state_version: int) -> bool:
        if manifest.log_topic_id != log.topic_id:
            raise BrokenLog(
                f"the checkpoints are of another log than today's {log.name} (it was recreated). "
                "Recreate the checkpoints topic too if the old state is not wanted"
            )
        if manifest.log_partitions != log.partitions:
            raise BrokenCheckpoint(
                f"{log.name} had {manifest.log_partitions} partitions when the state was kept and has "
                f"{log.partitions} now: styles would change owners. Create a new log and replay into it"
            )
        if manifest.state_version != state_version:
            _log.warning(
                "checkpoint of another state version is not used",
                checkpoint=manifest.checkpoint_id,
                version=manifest.state_version,
                wanted=state_version,
            )
        return manifest.state_version == state_version

    @staticmethod
    def _read_chunks(reader: "_Reader", manifest: Manifest) -> dict[str, bytes] | None:
        found = reader.values_at([chunk.offset for chunk in manifest.chunks])
        buckets: dict[str, bytes] = {}
        for chunk in manifest.chunks:
            value = found.get(chunk.offset)
            if value is None or digest_of(value) != chunk.digest:
                _log.warning("checkpoint is not whole", checkpoint=manifest.checkpoint_id, bucket=chunk.bucket)
                return None
            buckets[chunk.bucket] = value
        return buckets


def load_before(
    broker: BrokerSettings,
    topic: str,
    cluster: Cluster,
    log: TopicIdentity,
    partition: int,
    state_version: int,
    offset: int,
) -> Checkpoint | None:
    """The newest whole checkpoint of a time before the log message at ``offset``; None if nothing is left of one.

    Also of those that were deleted, as long as compaction has not come to them. Blocking: call it in a thread.
    """
    with _Reader(broker, topic, partition, cluster) as reader:
        for found in reader.manifests(deleted=True):
            older = [manifest for manifest in found if manifest.applied < offset]
            for manifest in sorted(older, key=_applied, reverse=True):
                ours = CheckpointStore._belongs(manifest, log, state_version)
                buckets = CheckpointStore._read_chunks(reader, manifest) if ours else None
                if buckets is not None:
                    return Checkpoint(manifest, buckets)
    return None


def _applied(manifest: Manifest) -> int:
    return manifest.applied


def _manifest_key(manifest: Manifest) -> bytes:
    return f"manifest/{manifest.partition}/{manifest.applied}".encode()


def _chunk_key(partition: int, bucket: str, applied: int) -> bytes:
    return f"chunk/{partition}/{bucket}/{applied}".encode()


class _Reader:
    """Reads one partition of the checkpoints topic without a group."""

    def __init__(self, broker: BrokerSettings, topic: str, partition: int, cluster: Cluster) -> None:
        self._topic = topic
        self._partition = partition
        self._start, self._end = cluster.bounds(topic, partition)
        self._consumer = Consumer(
            broker.client(
                {
                    "group.id": "restockd-checkpoints",
                    "enable.auto.commit": False,
                    "enable.partition.eof": True,
                    "auto.offset.reset": "error",
                    "fetch.queue.backoff.ms": 10,
                    "fetch.wait.max.ms": 10,  # the next read waits behind the poll of the last one
                    "log_level": 2,
                }
            )
        )

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._consumer.close()

    def manifests(self, *, deleted: bool = False) -> Iterator[list[Manifest]]:
        """The manifests of ever larger pieces from the end: most often the first has what is needed.

        With those that are ``deleted``, if they are asked for and still there.
        """
        reach = 256
        while True:
            start = max(self._start, self._end - reach)
            yield list(self._manifests_from(start, deleted=deleted).values())
            if start == self._start:
                return
            reach *= 4

    def values_at(self, offsets: list[int]) -> dict[int, bytes]:
        """The values at ``offsets``; one that compaction or retention removed is absent."""
        wanted = {offset for offset in offsets if self._start <= offset < self._end}
        found: dict[int, bytes] = {}
        for run in _runs(sorted(wanted)):
            for message in self._messages(run[0], run[-1] + 1):
                offset, value = message.offset(), message.value()
                if offset in wanted and value is not None:
                    found[offset] = value
        return found

    def _manifests_from(self, start: int, *, deleted: bool) -> dict[bytes, Manifest]:
        manifests: dict[bytes, Manifest] = {}
        for message in self._messages(start, self._end):
            key, value = message.key(), message.value()
            if not isinstance(key, bytes) or not key.startswith(b"manifest/"):
                continue
            if value is not None:
                manifests[key] = _MANIFEST.decode(value)
            elif not deleted:
                manifests.pop(key, None)
        return manifests

    def _messages(self, start: int, end: int) -> Iterator[Message]:
        if start >= end:
            return
        self._consumer.assign([TopicPartition(self._topic, self._partition, start)])
        position = start
        while position < end:
            message = self._consumer.poll(_READ_TIMEOUT_SECONDS)  # ``consume`` would wait at every end
            if message is None:
                raise Unavailable("Kafka", f"no answer while reading {self._topic}[{self._partition}]")
            error = message.error()
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:
                    return
                raise Unavailable("Kafka", f"cannot read {self._topic}[{self._partition}] ({error.str()})")
            position = (message.offset() or 0) + 1
            if position <= end:
                yield message


def _runs(offsets: list[int], *, reach: int = 200) -> Iterator[list[int]]:
    """Group sorted offsets that lie within ``reach`` of one another, so that one read serves them."""
    run: list[int] = []
    for offset in offsets:
        if run and offset - run[-1] > reach:
            yield run
            run = []
        run.append(offset)
    if run:
        yield run

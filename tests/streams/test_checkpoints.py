"""Checkpoints: what is written, what is found again, and what is done when something is missing."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import msgspec
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from restockd.local_kafka import LocalKafka
from schemas.errors import BrokenCheckpoint, BrokenLog
from schemas.topics import CHECKPOINTS
from streams.checkpoints import Checkpoint, CheckpointStore, Manifest, load_before
from streams.cluster import Cluster, TopicIdentity
from streams.publisher import Outgoing, Publisher
from streams.settings import BrokerSettings
from tests.streams.conftest import create_topic
from tests.streams.test_publisher import read_all

LOG = TopicIdentity("observations", "the-id", 4)
PARTITION = 2
VERSION = 5


class Store:
    """A checkpoint store and what a test needs to harm it."""

    def __init__(self, broker: BrokerSettings) -> None:
        self.broker = broker
        self.topic = broker.name(CHECKPOINTS)
        self.publisher = Publisher(broker, linger_ms=0)
        self.cluster = Cluster(broker)
        self.store = self.another()

    def another(self) -> CheckpointStore:
        """The store of another worker."""
        return CheckpointStore(self.broker, self.topic, self.publisher, self.cluster)

    async def write(self, applied: int, changed: Mapping[str, bytes], version: int = VERSION) -> Manifest:
        """Write a checkpoint."""
        return await self.store.write(LOG, PARTITION, applied, changed, "rules-1", version)

    def load(self, log: TopicIdentity = LOG, version: int = VERSION) -> Checkpoint | None:
        """Load as a worker that has just started would."""
        return self.another().load(log, PARTITION, version)

    def end(self) -> int:
        """The end of the partition of the topic."""
        return self.cluster.bounds(self.topic, PARTITION)[1]

    async def put(self, key: str, value: bytes | None) -> None:
        """Write any record."""
        await self.publisher.publish([Outgoing(self.topic, value, key.encode(), PARTITION)])

    def close(self) -> None:
        """End the connections."""
        self.publisher.close()
        self.cluster.close()


OpenStore = Callable[[BrokerSettings], Store]


@pytest.fixture
def open_store() -> Iterator[OpenStore]:
    """Opens stores on topics that exist, and closes them at the end."""
    opened: list[Store] = []

    def open_one(broker: BrokerSettings) -> Store:
        opened.append(Store(broker))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(broker: BrokerSettings, open_store: OpenStore) -> Store:
    create_topic(broker, CHECKPOINTS, config={"cleanup.policy": "compact"})
    return open_store(broker)


@pytest.fixture
def kafka_store(kafka: BrokerSettings, open_store: OpenStore) -> Store:
    create_topic(kafka, CHECKPOINTS, config={"cleanup.policy": "compact"})
    return open_store(kafka)


def _buckets(checkpoint: Checkpoint | None) -> Mapping[str, bytes]:
    assert checkpoint is not None
    return checkpoint.buckets


async def test_what_was_written_is_loaded(store: Store) -> None:
    assert store.load() is None
    written = await store.write(41, {"a": b"1", "b": b"\x00\xff"})
    found = store.load()
    assert found is not None
    assert found.manifest == written
    assert (written.applied, written.partition, written.rules_version) == (41, PARTITION, "rules-1")
    assert found.buckets == {"a": b"1", "b": b"\x00\xff"}


async def test_only_changed_buckets_are_written(store: Store) -> None:
    await store.write(10, {str(number): b"%d" % number for number in range(50)})
    before = store.end()
    await store.write(20, {"7": b"new"})
    assert store.end() - before == 2  # the chunk and the manifest
    assert _buckets(store.load()) == {str(n): b"%d" % n for n in range(50)} | {"7": b"new"}


async def test_another_worker_goes_on_from_what_it_loaded(store: Store) -> None:
    await store.write(10, {"a": b"1", "b": b"1"})
    other = store.another()
    other.load(LOG, PARTITION, VERSION)
    await other.write(LOG, PARTITION, 20, {"b": b"2"}, "rules-1", VERSION)
    assert _buckets(store.load()) == {"a": b"1", "b": b"2"}


async def test_partitions_do_not_mix(store: Store) -> None:
    await store.write(10, {"a": b"of two"})
    await store.store.write(LOG, 3, 99, {"a": b"of three"}, "rules-1", VERSION)
    assert _buckets(store.load()) == {"a": b"of two"}


@pytest.mark.parametrize("harm", ["missing", "corrupt", "deleted"])
async def test_one_that_is_not_whole_gives_way_to_the_one_before(store: Store, harm: str) -> None:
    await store.write(10, {"a": b"1", "b": b"1"})
    newest = await store.write(20, {"a": b"2"})
    await store.put("manifest/2/30", msgspec.json.encode(_harmed(newest, harm, store.end())))
    found = store.load()
    assert found is not None
    assert (found.manifest.applied, found.buckets) == (20, {"a": b"2", "b": b"1"})


def _harmed(manifest: Manifest, harm: str, end: int) -> Manifest:
    first, *others = manifest.chunks
    broken = {
        "missing": lambda: msgspec.structs.replace(first, offset=end + 1_000),
        "corrupt": lambda: msgspec.structs.replace(first, digest="0" * 32),
        "deleted": lambda: msgspec.structs.replace(first, offset=end),  # the manifest itself, of other bytes
    }[harm]()
    return msgspec.structs.replace(manifest, applied=30, chunks=(broken, *others))


async def test_a_whole_one_is_found_behind_any_number_of_broken_ones(store: Store) -> None:
    whole = await store.write(20, {"a": b"2"})
    for applied in range(30, 330):
        broken = msgspec.structs.replace(_harmed(whole, "corrupt", 0), applied=applied)
        await store.put(f"manifest/2/{applied}", msgspec.json.encode(broken))
    assert _buckets(store.load()) == {"a": b"2"}


async def test_broken_ones_are_forgotten_once_there_is_a_newer_one(store: Store) -> None:
    whole = await store.write(20, {"a": b"2"})
    await store.put("manifest/2/30", msgspec.json.encode(_harmed(whole, "corrupt", 0)))
    other = store.another()
    other.load(LOG, PARTITION, VERSION)
    await other.write(LOG, PARTITION, 25, {"a": b"3"}, "rules-1", VERSION)
    await other.forget_old(PARTITION)
    found = store.load()
    assert found is not None
    assert (found.manifest.applied, found.buckets) == (25, {"a": b"3"})
    assert _newest(store, PARTITION)["manifest/2/30"] is None


async def test_none_whole_stops(store: Store) -> None:
    manifest = await store.write(20, {"a": b"2"})
    await store.put("manifest/2/20", msgspec.json.encode(_harmed(manifest, "corrupt", 0)))
    with pytest.raises(BrokenCheckpoint, match=r"checkpoints\[2\]: 1 checkpoints, none of them whole"):
        store.load()


async def test_chunks_that_retention_removed_stop(kafka: BrokerSettings, open_store: OpenStore) -> None:
    create_topic(kafka, CHECKPOINTS)
    store = open_store(kafka)
    await store.write(20, {"a": b"2"})
    admin = AdminClient(kafka.client({}))
    for done in admin.delete_records([TopicPartition(store.topic, PARTITION, 1)]).values():
        done.result(timeout=20)
    with pytest.raises(BrokenCheckpoint):
        store.load()


async def test_a_log_of_other_partitions_or_another_identity_stops(store: Store) -> None:
    await store.write(20, {"a": b"2"})
    with pytest.raises(BrokenCheckpoint, match=r"observations had 4 partitions .* has 8 now"):
        store.load(replace(LOG, partitions=8))
    with pytest.raises(BrokenLog, match=r"observations.*was recreated"):
        store.load(replace(LOG, topic_id="another"))


async def test_another_state_version_means_folding_from_the_start(store: Store) -> None:
    """The log gives the same state; whether it still begins at 0 is for the caller to check."""
    await store.write(20, {"a": b"old"})
    assert store.load(version=VERSION + 1) is None
    newer = store.another()
    newer.load(LOG, PARTITION, VERSION + 1)
    await newer.write(LOG, PARTITION, 5, {"a": b"new"}, "rules-1", VERSION + 1)
    await newer.forget_old(PARTITION)
    assert _buckets(store.load(version=VERSION + 1)) == {"a": b"new"}
    assert _buckets(store.load()) == {"a": b"old"}  # and one may go back


async def test_older_ones_are_deleted_only_when_told(store: Store) -> None:
    for applied in range(10, 60, 10):
        await store.write(applied, {"hot": b"%d" % applied, **({"cold": b"c"} if applied == 10 else {})})
    assert None not in _newest(store, PARTITION).values()
    await store.store.forget_old(PARTITION)
    left = {key for key, value in _newest(store, PARTITION).items() if value is not None}
    assert left == {"manifest/2/40", "manifest/2/50", "chunk/2/hot/40", "chunk/2/hot/50", "chunk/2/cold/10"}
    before = store.end()
    await store.store.forget_old(PARTITION)
    assert store.end() == before


def _newest(store: Store, partition: int) -> dict[str, bytes | None]:
    """The newest value of each key, as compaction would leave it."""
    return {(key or b"").decode(): value for key, value in read_all(store.broker, store.topic)[partition]}


async def test_thousands_of_checkpoints_do_not_make_loading_slow(kafka_store: Store) -> None:
    store = kafka_store
    await store.write(0, {"cold": b"c"})
    manifest = await store.write(1, {"hot": os.urandom(100)})
    filler = [
        Outgoing(store.topic, os.urandom(1_000), f"chunk/2/{number}".encode(), PARTITION) for number in range(20_000)
    ]
    old = [
        Outgoing(store.topic, msgspec.json.encode(manifest), f"manifest/2/{number}".encode(), PARTITION)
        for number in range(3_000)
    ]
    await store.publisher.publish(filler + old)
    await store.write(50_000, {"hot": b"h"})
    started = time.monotonic()
    assert _buckets(store.load()) == {"cold": b"c", "hot": b"h"}
    assert time.monotonic() - started < 5.0


async def test_compaction_leaves_the_newest_two(local_kafka: LocalKafka, open_store: OpenStore) -> None:
    local_kafka._properties["log.cleaner.backoff.ms"] = "200"
    broker = BrokerSettings(local_kafka.start())
    quickly = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.01",
        "min.compaction.lag.ms": "0",
        "max.compaction.lag.ms": "100",
        "delete.retention.ms": "100",
    }
    create_topic(broker, CHECKPOINTS, config=quickly)
    store = open_store(broker)
    manifests = []
    for applied in range(10, 100, 10):
        cold = {"cold": b"c"} if applied == 10 else {}
        manifests.append(await store.write(applied, {"hot": b"%d" % applied, **cold}))
        await store.store.forget_old(PARTITION)
        await asyncio.sleep(0.15)  # so that a new segment begins
    await _compacted(store, gone="chunk/2/hot/10")
    assert _buckets(store.load()) == {"cold": b"c", "hot": b"90"}
    await store.put("manifest/2/90", msgspec.json.encode(_harmed(manifests[-1], "corrupt", 0)))
    assert _buckets(store.load()) == {"cold": b"c", "hot": b"80"}


async def _compacted(store: Store, gone: str) -> None:
    deadline = time.monotonic() + 30
    number = 0
    while True:
        await store.put("nudge", b"%d" % number)  # a segment ends when something is appended
        keys = {message.key() for message in _all_there(store)}
        if gone.encode() not in keys:
            return
        assert time.monotonic() < deadline, "no compaction"
        number += 1
        await asyncio.sleep(0.3)


def _all_there(store: Store) -> list:  # type: ignore[type-arg]
    from streams.checkpoints import _Reader

    with _Reader(store.broker, store.topic, PARTITION, store.cluster) as reader:
        return list(reader._messages(0, store.end()))


async def test_one_of_before_is_found_though_it_was_deleted(store: Store) -> None:
    """The decision was at offset 25; a checkpoint that knows of it is of no use."""
    for applied in range(10, 60, 10):
        await store.write(applied, {"hot": b"%d" % applied, **({"cold": b"c"} if applied == 10 else {})})
    await store.store.forget_old(PARTITION)

    def before(offset: int, version: int = VERSION) -> Checkpoint | None:
        return load_before(store.broker, store.topic, store.cluster, LOG, PARTITION, version, offset)

    found = before(25)
    assert found is not None
    assert (found.manifest.applied, found.buckets) == (20, {"cold": b"c", "hot": b"20"})
    assert _buckets(before(20)) == {"cold": b"c", "hot": b"10"}
    assert before(10) is None
    assert before(25, VERSION + 1) is None


async def test_a_deleted_one_that_is_not_whole_any_more_is_passed_by(store: Store) -> None:
    await store.write(10, {"a": b"1"})
    manifest = await store.write(20, {"a": b"2"})
    await store.put("manifest/2/20", msgspec.json.encode(_harmed(manifest, "corrupt", 0)))
    found = load_before(store.broker, store.topic, store.cluster, LOG, PARTITION, VERSION, 25)
    assert found is not None
    assert found.manifest.applied == 10

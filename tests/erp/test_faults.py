"""Two connectors are killed at random moments: every order is one request in Tryton, and no unit comes twice."""

import asyncio
import json
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Consumer, TopicPartition

from restockd import wiring
from restockd.configuration import Settings, load
from restockd.stack import WorkerProcess
from restockd.topic_admin import TopicAdmin
from schemas import topics
from schemas.facts import Reorder
from sinks.clickhouse.settings import ClickHouseSettings
from streams.cluster import Cluster
from streams.sender import Sender
from streams.settings import BrokerSettings
from tests.erp.examples import order
from tests.erp.server import PASSWORD, USER, Buyer, TrytonServer, eventually

ORDERS, KILLS = 24, 6


@pytest.fixture
def settings(tmp_path: Path, tryton: TrytonServer, kafka_address: str) -> Settings:
    given = {
        "broker": {
            "address": kafka_address,
            "topic_prefix": f"t{uuid.uuid4().hex[:8]}.",
            "session_timeout_seconds": 3.0,
        },
        "worker": {"data_dir": str(tmp_path / "data"), "metrics_port": 0, "role": "erp"},
        "erp": {
            "kind": "tryton",
            "address": tryton.address,
            "database": "erp",
            "user": USER,
            "password": PASSWORD,
            "poll_seconds": 0.5,
        },
    }
    return load(None, given).settings


@pytest.fixture
def workers(settings: Settings, tmp_path: Path) -> Iterator[list[WorkerProcess]]:
    """Two connectors that share the partitions."""
    TopicAdmin(settings).ensure()
    started = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        broker = wiring.broker_of(settings)
        started.append(WorkerProcess(settings, broker, ClickHouseSettings(), tmp_path / name))
    yield started
    for worker in started:
        worker.kill()


def _lives(chance: random.Random) -> tuple[list[Reorder], dict[str, int]]:
    """Every state of every order, in an order that keeps each one's own; and what each should end as (0: withdrawn)."""
    pending, ends = [], {}
    for number in range(ORDERS):
        order_id, quantity = f"order-{number}", chance.randint(5, 50)
        states = [order(order_id, quantity)]
        for revision in range(2, 2 + chance.randrange(3)):
            quantity += chance.randint(1, 9)
            states.append(order(order_id, quantity, revision=revision, status="amended"))
        if chance.random() < 0.25:
            states.append(order(order_id, quantity, revision=9, status="cancelled"))
            quantity = 0
        pending.append(states)
        ends[order_id] = quantity
    told = []
    while left := [states for states in pending if states]:
        told.append(chance.choice(left).pop(0))
    return told, ends


def _send(broker: BrokerSettings, told: list[Reorder]) -> None:
    with Sender(broker, Cluster(broker), "nobody") as sender:
        for one in told:
            sender.send(topics.REORDERS, one.order_id, msgspec.json.encode(one))


def _caught_up(broker: BrokerSettings) -> bool:
    cluster, name = Cluster(broker), broker.name(topics.REORDERS)
    positions = [(name, partition) for partition in range(cluster.partitions(name))]
    committed = cluster.committed(broker.group("erp"), positions)
    done = all(committed.get(at, 0) >= cluster.bounds(*at)[1] for at in positions)
    cluster.close()
    return done


def _said(broker: BrokerSettings, topic: topics.Topic) -> list[dict[str, Any]]:
    cluster, name = Cluster(broker), broker.name(topic)
    reader = Consumer(broker.client({"group.id": "look", "log_level": 2}))
    ends = {partition: cluster.bounds(name, partition)[1] for partition in range(cluster.partitions(name))}
    reader.assign([TopicPartition(name, partition, 0) for partition in ends])
    found: list[dict[str, Any]] = []
    while len(found) < sum(ends.values()):
        found += [json.loads(message.value() or b"") for message in reader.consume(500, 1.0)]
    reader.close()
    cluster.close()
    return found


def _check(workers: list[WorkerProcess]) -> None:
    for worker in workers:
        worker.check()


async def _disturb(workers: list[WorkerProcess], chance: random.Random, kills: int) -> None:
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.5, 5.0))
        worker = chance.choice(workers)
        await asyncio.to_thread(worker.kill)
        worker.start()


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_orders_survive_a_connector_that_is_killed(
    settings: Settings, workers: list[WorkerProcess], buyer: Buyer
) -> None:
    chance, broker = random.Random(5), wiring.broker_of(settings)
    told, ends = _lives(chance)
    disturbing = asyncio.create_task(_disturb(workers, chance, KILLS))
    for start in range(0, len(told), 6):
        await asyncio.to_thread(_send, broker, told[start : start + 6])
        await asyncio.sleep(0.5)
    await disturbing

    async def settled() -> bool:
        _check(workers)
        return await asyncio.to_thread(_caught_up, broker)

    await eventually(settled, 90.0)
    requests = await buyer.requests()
    asked = {request["description"].removeprefix("restockd "): int(request["quantity"]) for request in requests}
    assert asked == {order_id: quantity for order_id, quantity in ends.items() if quantity}
    assert len(requests) == len(asked)

    purchase = await buyer.buy(*[request["id"] for request in requests])
    disturbing = asyncio.create_task(_disturb(workers, chance, 2))
    for _ in requests:
        await buyer.receive_next(purchase)
    await disturbing

    async def all_told() -> bool:
        _check(workers)
        acks = await asyncio.to_thread(_said, broker, topics.ORDER_ACKS)
        return {ack["order_id"] for ack in acks if ack["status"] == "received"} == set(asked)

    await eventually(all_told, 90.0)
    acks = await asyncio.to_thread(_said, broker, topics.ORDER_ACKS)
    last = {ack["order_id"]: (ack["status"], ack.get("quantity")) for ack in acks if ack["order_id"] in asked}
    assert last == {order_id: ("received", quantity) for order_id, quantity in asked.items()}
    goods = {move["movement_id"]: move for move in await asyncio.to_thread(_said, broker, topics.ERP)}
    came: dict[str, int] = defaultdict(int)
    for move in goods.values():
        came[move["order_id"]] += move["quantity"]
    assert came == asked


def test_lives_keep_each_orders_own_order() -> None:
    told, ends = _lives(random.Random(1))
    for order_id in ends:
        revisions = [one.revision for one in told if one.order_id == order_id]
        assert revisions == sorted(revisions)
    assert 0 in ends.values()

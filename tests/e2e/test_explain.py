"""``restockd explain`` on what a simulated chain made the system decide, on both brokers."""

import time
from dataclasses import replace

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from restockd import archive, cli, explaining, wiring
from restockd import stack as stacks
from restockd.chain_driver import ChainDriver
from restockd.configuration import Settings
from restockd.draining import drain
from restockd.explaining.explanation import DIFFERENT, EQUAL, NOT_RECOMPUTED, Explanation
from restockd.explaining.log import say_again
from restockd.topic_admin import TopicAdmin
from schemas import topics
from schemas.errors import BrokenLog
from simulators.chain import Chain, preset
from sinks.clickhouse import queries
from sinks.clickhouse.client import Database
from tests.e2e.conftest import Configure

SECONDS = 6.0
SPEED = 12 * 3_600.0


def live(settings: Settings) -> None:
    """A chain of two stores lives for some days; then everything ends, and only its data are left."""
    small = replace(preset("demo", seed=5), stores=2, styles=3)
    with (
        stacks.running(settings, 1, lambda _: None) as stack,
        ChainDriver(Chain(small), stack.broker, stack.cluster, SPEED) as driver,
    ):
        driver.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            driver.step()
            stack.check()
        driver.finish()
        drain(stack, 60.0, lambda _: None)


def explained(settings: Settings, database: Database, name: str) -> Explanation:
    return explaining.explain(settings, database, name, lambda *_: None)


def test_what_was_decided_is_decided_again_from_the_log(
    broker_address: str, configure: Configure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RESTOCKD_RULES__SHADOW_POLICY", "quantile_base_stock")
    settings = configure(broker_address)
    live(settings)
    monkeypatch.setenv("RESTOCKD_BROKER__ADDRESS", settings.broker.address)
    monkeypatch.setenv("RESTOCKD_BROKER__TOPIC_PREFIX", settings.broker.topic_prefix)
    monkeypatch.setenv("RESTOCKD_WORKER__DATA_DIR", str(settings.worker.data_dir))
    with archive.database(settings) as database:
        orders = sorted(queries.orders(database, state="all", limit=100_000), key=lambda row: row["revision"])
        transfers = queries.transfers(database, state="all", limit=100_000)
        names = [row["order_id"] for row in [*orders[:3], *orders[-3:], *transfers[:2]]]
        found = [explained(settings, database, name) for name in names]
        assert [(one.verdict, one.problem) for one in found] == [(EQUAL, "")] * len(names)
        assert max(len(one.revisions) for one in found) > 2
        assert all(revision.forecast is not None for one in found for revision in one.revisions)

        # A shadow that was played in the meantime is part of what is folded again.
        ledger = database.rows("SELECT * FROM shadow_ledger")
        roles = {(row["role"], row["policy"]) for row in ledger}
        assert roles == {("in_force", "periodic_min_max"), ("shadow", "quantile_base_stock")}
        assert all(row["days"] >= 1 for row in ledger)
        assert all(row["served_units"] + row["lost_units"] == row["demand_units"] for row in ledger)
        assert len({row["demand_units"] for row in ledger}) == 1

        last = found[3]
        states = [revision.said for revision in last.revisions]
        assert explained(settings, database, states[0].fact_id).revisions == last.revisions[:1]
        assert explained(settings, database, states[0].order_id[:10]) == last
        assert cli.run(["explain", states[0].order_id]) == 0
        told = capsys.readouterr().out
        assert "recomputed from the log: equal" in told
        assert all(fact.reason in told for fact in states)

        database.execute(
            "ALTER TABLE orders_reorders UPDATE quantity = quantity + 1, input_on_hand = input_on_hand - 1 "
            "WHERE fact_id = {id:UUID} SETTINGS mutations_sync = 1",
            {"id": states[0].fact_id},
        )
        tampered = explained(settings, database, states[0].order_id)
        assert tampered.verdict == DIFFERENT
        assert [one.field for one in tampered.revisions[0].differences] == ["quantity", "inputs.on_hand"]
        assert [one.said - one.recomputed for one in tampered.revisions[0].differences] == [1, -1]
        assert not any(revision.differences for revision in tampered.revisions[1:])
        assert cli.run(["explain", states[0].order_id]) == 1
        assert "DIFFERENT" in capsys.readouterr().out


def test_a_log_that_does_not_reach_back_says_so(kafka_address: str, configure: Configure) -> None:
    """Of three messages the first two are gone, and there is no checkpoint."""
    settings = configure(kafka_address)
    broker = wiring.broker_of(settings)
    TopicAdmin(settings).ensure()
    name = broker.name(topics.OBSERVATIONS)
    producer = Producer(broker.client({}))
    for number in range(3):
        producer.produce(name, b"%d" % number, partition=0)
    producer.flush(20)
    admin = AdminClient(broker.client({}))
    for done in admin.delete_records([TopicPartition(name, 0, 2)]).values():
        done.result(20)
    with pytest.raises(BrokenLog, match="begins at offset 2 and no checkpoint"):
        say_again(settings, "an-order", 0, 1, 2, lambda *_: None)
    with pytest.raises(BrokenLog, match="ends at offset 3, before the decision at 7"):
        say_again(settings, "an-order", 0, 7, 7, lambda *_: None)


def test_without_its_log_an_order_is_told_but_not_confirmed(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = configure("embedded")
    live(settings)
    for file in (settings.worker.data_dir / "log").iterdir():
        file.unlink()
    with archive.database(settings) as database:
        name = queries.orders(database, state="all")[0]["order_id"]
        found = explained(settings, database, name)
    assert found.verdict == NOT_RECOMPUTED
    assert "no log is kept" in found.problem
    monkeypatch.setenv("RESTOCKD_WORKER__DATA_DIR", str(settings.worker.data_dir))
    assert cli.run(["explain", name]) == 1
    assert "not recomputed: no log is kept" in capsys.readouterr().out
    (settings.worker.data_dir / "log" / "log.json").write_text('{"name": "log", "topic_id": "other", "partitions": 4}')
    with archive.database(settings) as database:
        assert "ends at offset -1" in explained(settings, database, name).problem
    assert cli.run(["explain", "no-such-order"]) == 1
    assert "restockd orders --state all" in capsys.readouterr().err

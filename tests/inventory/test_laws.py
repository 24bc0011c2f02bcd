"""The laws of consistency the fold must keep, on histories nobody wrote by hand."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import state
from inventory.facts import Saying, origin_of
from inventory.stock.ledger import Ledger
from inventory.transfers.journeys import SUGGESTED
from schemas import facts as said
from schemas import observations as log
from schemas.errors import BrokenLog
from schemas.observations import Entry, Observation, ObservationBatch, OrderAcknowledged, Source
from tests.inventory.logs import DAY, HOUR, RECORDED, START, Log, fold_all

LOCATIONS = ("paris", "lyon", "dc")
SKUS = (("jeans-32", "jeans"), ("jeans-34", "jeans"), ("shirt-m", "shirt"))

places = st.sampled_from(LOCATIONS)
skus = st.sampled_from(SKUS)
times = st.integers(0, 12 * 24).map(lambda hours: START + hours * HOUR)
few = st.integers(1, 12)
event_keys = st.integers(1, 40)
zones = st.sampled_from(["", "sales_floor", "back_room", "exit"])
epcs = st.sampled_from([f"tag-{number}" for number in range(12)])
named = st.lists(epcs, max_size=9, unique=True).map(tuple)
heard = st.lists(
    st.builds(
        log.TagSeen,
        epc=epcs,
        reads=few,
        peak_rssi_dbm=st.sampled_from([None, -45.0, -60.0, -75.0]),
        first_seen_at_ms=times,
        last_seen_at_ms=times,
    ),
    max_size=9,
).map(tuple)


def _of(kind: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(skus, st.fixed_dictionaries({"occurred_at_ms": times, **fields})).map(
        lambda drawn: kind(sku=drawn[0][0], style=drawn[0][1], **drawn[1])
    )


suppliers = st.sampled_from(["", "mill", "far"])
orders = st.integers(0, 5).map(lambda number: f"@{number}")  # stands for the n-th order that was said
signed = st.integers(-9, 9).filter(bool)

observations: st.SearchStrategy[Observation] = st.one_of(
    _of(
        log.SaleMade,
        key=event_keys,
        location=places,
        line_type=st.sampled_from(["sale", "sale", "sale", "return", "void"]),
        quantity=few,
        epcs=named,
        sellable=st.booleans(),
    ),
    _of(
        log.QuantityMoved,
        key=event_keys,
        location=places,
        reason=st.sampled_from(["receipt", "transfer_in", "transfer_out", "adjustment", "write_off", "zone_move"]),
        quantity=signed,
        zone=zones,
        to_zone=zones,
        order_id=orders,
        counterpart=places,
        retracts=st.booleans(),
        epcs=named,
    ),
    _of(
        log.QuantityMeasured,
        key=event_keys,
        location=places,
        source=st.sampled_from(["count", "opening", "camera"]),
        quantity=st.integers(0, 30),
        zone=zones,
        gap=st.booleans(),
        epcs=named,
    ),
    _of(
        log.Supplied,
        key=event_keys,
        location=places,
        status=st.sampled_from(["ordered", "shipped", "cancelled"]),
        quantity=few,
        order_id=orders,
        document=st.sampled_from(["", "E-1", "PO-2"]),
    ),
    _of(log.StockReserved, key=event_keys, location=places, quantity=signed),
    _of(log.ItemsSeen, key=event_keys, location=places, zone=zones, reader=st.just("r1"), tags=heard),
    _of(
        log.ItemDefined,
        cost=st.just(5.0),
        price=st.just(50.0),
        pack=st.integers(1, 6),
        shelf_minimum_units=few,
        season_end_ms=st.sampled_from([None, START + 20 * DAY]),
        supplier=suppliers,
    ),
    _of(log.OfferDefined, supplier=suppliers, unit_cost=st.sampled_from([4.0, 5.0]), retired=st.booleans()),
    st.builds(log.Tick, at_ms=times),
    st.builds(log.Signal, name=st.just("weather"), value=st.just(1.5), occurred_at_ms=times),
    st.builds(
        log.DeviceReported,
        location=places,
        zone=zones,
        device=st.sampled_from(["r1", "r2"]),
        kind=st.just("reader"),
        event=st.sampled_from(["disconnected", "connected", "overflow", "sweep_ended", "sweep_ended"]),
        occurred_at_ms=times,
        tags_heard=st.integers(0, 12),
    ),
    st.builds(
        log.OrderAcknowledged,
        order_id=orders,
        status=st.sampled_from(["acknowledged", "rejected", "shipped", "received", "cancelled"]),
        occurred_at_ms=st.one_of(st.just(0), times),
        erp_reference=st.sampled_from(["", "E-1"]),
        quantity=st.one_of(st.none(), st.integers(0, 20)),
    ),
    st.builds(
        log.ApprovalGiven,
        order_id=orders,
        verdict=st.sampled_from(["accept", "modify", "reject"]),
        occurred_at_ms=st.just(0),
        quantity=few,
    ),
    st.builds(log.SupplierDefined, supplier=suppliers, occurred_at_ms=st.just(0), lead_time_days=st.just(3.0)),
    st.builds(log.LaneDefined, origin=places, destination=places, occurred_at_ms=st.just(0), retired=st.booleans()),
    st.builds(log.LocationDefined, location=places, kind=st.just("store"), occurred_at_ms=st.just(0)),
    st.builds(
        log.RulesChanged,
        version=st.just("r2"),
        values=st.just(
            {"approval_limit": 40.0, "cycle_service_level": 2.0, "shadow_policy": "min_max", "shadow_promotes": True}
        ),
        occurred_at_ms=st.just(0),
    ),
)
messages_drawn = st.lists(
    st.tuples(st.integers(0, 2), st.lists(observations, min_size=1, max_size=4)), min_size=4, max_size=30
)
modest = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _name_orders(observation: Observation, ids: list[str]) -> Observation:
    """``@n`` becomes the n-th order id of the log so far, so that answers meet their orders."""
    reference = getattr(observation, "order_id", "")
    if not reference.startswith("@"):
        return observation
    number = int(reference[1:])
    named = ids[-1 - number] if number < len(ids) else ("" if number % 2 else "unknown")
    fields = {name: getattr(observation, name) for name in observation.__struct_fields__}
    return type(observation)(**{**fields, "order_id": named})


def write(drawn: list[tuple[int, list[Observation]]]) -> Log:
    """A log of these messages from three source partitions, with answers to its own orders."""
    told = Log()
    opening = [
        log.QuantityMeasured(10_000 + n, where, sku, style, "opening", 8, START)
        for n, (where, (sku, style)) in enumerate(itertools.product(LOCATIONS, SKUS))
    ]
    lanes = [log.LaneDefined(a, b, 0) for a, b in itertools.permutations(LOCATIONS, 2)]
    items = [log.ItemDefined(sku, style, 0, price=50.0, cost=5.0, supplier="mill") for sku, style in SKUS]
    told.tell(*lanes, *items, *opening)
    for partition, seen in drawn:
        ids = list(dict.fromkeys(f.order_id for f in told.facts if isinstance(f, said.Reorder | said.Transfer)))
        last = told.state.core.sources.get(f"other|{partition}", -1)
        entries = tuple(
            Entry(last + 1 + n, RECORDED + n, (_name_orders(observation, ids),)) for n, observation in enumerate(seen)
        )
        source = Source("other", partition, last, last + 1, last + len(seen))
        told.append(ObservationBatch(log.VERSION, source, entries))
    return told


@modest
@given(messages_drawn, st.frozensets(st.integers(0, 30)))
def test_borders_do_not_matter(drawn: Any, store_after: frozenset[int]) -> None:
    messages = write(drawn).messages
    assert fold_all(messages, store_after=store_after) == fold_all(messages)


@modest
@given(messages_drawn)
def test_a_checkpoint_after_every_message_changes_nothing(drawn: Any) -> None:
    messages = write(drawn).messages
    assert fold_all(messages, store_after=frozenset(range(len(messages)))) == fold_all(messages)


def _how_bad(alert: said.Alert) -> tuple[str, float | None, float | None]:
    return alert.severity, alert.probability, alert.money_at_risk_per_hour


@modest
@given(messages_drawn)
def test_no_two_facts_of_a_log_share_an_id_and_none_is_from_1970(drawn: Any) -> None:
    told = write(drawn)
    ids = [fact.fact_id for fact in told.facts]
    assert len(ids) == len(set(ids))
    for fact in told.facts:
        assert fact.occurred_at.year >= 2023
    for alert in told.said(said.Alert):
        assert alert.starts_at.year >= 2023
    firing: dict[str, said.Alert] = {}
    for alert in told.said(said.Alert):
        before = firing.pop(alert.alert_id, None)
        if alert.state == "firing":
            assert before is None or _how_bad(before) != _how_bad(alert), "told again only if it got worse or better"
            firing[alert.alert_id] = alert


@modest
@given(messages_drawn)
def test_books_are_conserved_after_every_message_and_in_the_facts(drawn: Any) -> None:
    told = write(drawn)
    sums: dict[tuple[str, str], int] = {}
    for movement in told.said(said.StockMovement):
        at = (movement.location, movement.sku)
        sums[at] = sums.get(at, 0) + movement.quantity
    for sku, known in told.state.skus.items():
        for location, stock in known.locations.items():
            ledger = stock.ledger
            assert ledger.balance() == ledger.on_hand == sum(ledger.zones.values()) == sums.get((location, sku), 0)


@modest
@given(messages_drawn)
def test_suppliers_are_known_by_shares_of_whole_orders(drawn: Any) -> None:
    supply = write(drawn).state.supply
    for known in [*supply.lanes.values(), *supply.suppliers.values()]:
        record = known.record
        assert 0.0 <= record.on_time <= record.delivered + 1e-9 <= record.closed + 2e-9
        assert all(part >= 0.0 for part in [*record.arrived.values(), *record.given_up.values()])
        assert known.lead_time is None or sum(known.lead_time.weights) == pytest.approx(1.0)
    for name, known in supply.suppliers.items():
        lanes = [lane.record for key, lane in supply.lanes.items() if key.startswith(f"{name}|")]
        assert known.record.closed <= sum(lane.closed for lane in lanes) + 1e-9, "what is newer weighs more"


@modest
@given(messages_drawn)
def test_order_histories_make_sense(drawn: Any) -> None:
    """At most one open suggestion, amended only upwards, each revision newer, positions never doubled."""
    told = write(drawn)
    suggested = {"proposed", "pending", "amended", "approved"}
    known: dict[str, said.Reorder] = {}
    open_at: dict[tuple[str, str], str] = {}
    for fact in told.said(said.Reorder):
        before, at = known.get(fact.order_id), (fact.location, fact.sku)
        if before is not None:
            assert fact.revision >= before.revision
            if fact.inputs is not None:
                assert fact.quantity > before.quantity or 4 * fact.quantity <= 3 * before.quantity
                assert fact.revision == before.revision + 1
        known[fact.order_id] = fact
        if fact.status in suggested:
            assert open_at.setdefault(at, fact.order_id) == fact.order_id
        elif open_at.get(at) == fact.order_id:
            del open_at[at]
        assert fact.idempotency_key == f"{fact.order_id}:{fact.revision}"
    for sku in told.state.skus.values():
        for stock in sku.locations.values():
            assert 0 <= stock.book.in_transit <= stock.book.on_order
            assert sum(one.status in SUGGESTED for one in stock.transfers) <= 1, "others are late, or were"


def test_another_process_with_another_hash_seed_says_the_same() -> None:
    messages = _some_history().messages
    assert len({_in_a_process(messages, seed) for seed in ("0", "4242")}) == 1
    digest, facts = fold_all(messages)
    buckets = [state.bucket_of(style) for style in ("jeans", "shirt")]
    assert json.loads(_in_a_process(messages, "7")) == [digest, [fact.decode() for fact in facts], buckets]


def _some_history() -> Log:
    told = Log()
    told.tell(*(told.measured("opening", 9, location=where) for where in LOCATIONS))
    for hour in range(40):
        where = LOCATIONS[hour % 3]
        told.tell(told.sale(1 + hour % 3, START + hour * HOUR, where), log.Tick(START + hour * HOUR))
    assert told.said(said.Reorder)
    assert told.said(said.Alert)
    return told


def _in_a_process(messages: list[bytes], seed: str) -> str:
    code = (
        "import json, sys; from inventory.state import bucket_of; from tests.inventory.logs import fold_all; "
        "digest, facts = fold_all([m.encode() for m in json.load(sys.stdin)]); "
        "print(json.dumps([digest, [f.decode() for f in facts], [bucket_of(s) for s in ('jeans', 'shirt')]]))"
    )
    root = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([message.decode() for message in messages]),
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.mark.parametrize(
    "other",
    [
        origin_of("another topic", 0, 5, b"x"),
        origin_of("log", 1, 5, b"x"),
        origin_of("log", 0, 6, b"x"),
        origin_of("log", 0, 5, b"y"),
    ],
    ids=["topic", "partition", "offset", "digest"],
)
def test_ids_come_from_causes(other: Any) -> None:
    first = Saying(origin_of("log", 0, 5, b"x")).new_id("level", "paris", "jeans")
    assert first == Saying(origin_of("log", 0, 5, b"x")).new_id("level", "paris", "jeans")
    assert first != Saying(other).new_id("level", "paris", "jeans")


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    saying = Saying(origin_of("log", 0, 5, b"x"))
    assert saying.new_id("level", "a|b", "c") != saying.new_id("level", "a", "b|c")


def test_a_recreated_log_says_other_ids() -> None:
    ids = []
    for topic_id in ("first", "second"):
        told = Log(topic_id=topic_id)
        ids.append([fact.fact_id for fact in told.tell(told.sale(key=1))])
    assert not set(ids[0]) & set(ids[1])


def _batch(previous: int, first: int, last: int, *, key: int = 0) -> ObservationBatch:
    """One sale of one unit per offset; the offset is the event key."""
    entries = tuple(
        Entry(n, RECORDED, (log.SaleMade(key or n + 1, "paris", "jeans-32", "jeans", "sale", 1, START),))
        for n in range(first, last + 1)
    )
    return ObservationBatch(log.VERSION, Source("pos", 0, previous, first, last), entries)


def _unchanged_but_for_the_offset(told: Log, batch: ObservationBatch) -> None:
    before = _content(told)
    assert told.append(batch) == []
    assert _content(told) == before


def _content(told: Log) -> str:
    applied, told.state.core.applied = told.state.core.applied, 0
    digest = state.digest(told.state)
    told.state.core.applied = applied
    return digest


def test_a_message_again_or_a_part_of_it_says_nothing(log: Log) -> None:
    log.append(_batch(-1, 0, 9))
    _unchanged_but_for_the_offset(log, _batch(-1, 0, 9))
    _unchanged_but_for_the_offset(log, _batch(-1, 0, 4))
    _unchanged_but_for_the_offset(log, _batch(4, 5, 9))


def test_of_an_overlap_only_the_new_part_counts(log: Log) -> None:
    log.append(_batch(-1, 0, 9))
    log.append(_batch(4, 5, 14))
    assert log.at().ledger.sales == 15


def test_overlaps_are_told_by_offset_not_only_by_event_key(log: Log) -> None:
    """The offsets of entries protect what has no event key, such as ticks and answers."""
    first = ObservationBatch(1, Source("acks", 0, -1, 0, 0), (Entry(0, RECORDED, (_accept("o"),)),))
    log.append(first)
    again = ObservationBatch(
        1, Source("acks", 0, -1, 0, 1), (Entry(0, RECORDED, (log.sale(),)), Entry(1, RECORDED, (log.sale(),)))
    )
    log.append(again)
    assert log.at().ledger.sales == 1


def _accept(order_id: str) -> Observation:
    return log.ApprovalGiven(order_id, "accept", 0)


def test_a_hole_in_the_source_stops_and_changes_nothing(log: Log) -> None:
    log.append(_batch(-1, 0, 9))
    before = state.digest(log.state)
    with pytest.raises(BrokenLog, match="a message of the intake is missing"):
        log.append(_batch(11, 12, 14))
    assert state.digest(log.state) == before


@pytest.mark.parametrize("offset", [0, 2, 7])
def test_offsets_of_the_log_follow_each_other(log: Log, offset: int) -> None:
    from inventory import fold

    log.append(_batch(-1, 0, 9))
    before = state.digest(log.state)
    with pytest.raises(BrokenLog, match="expected 1, got"):
        fold.step(log.state, _batch(9, 10, 11), origin_of("log", 0, offset, b""))
    assert state.digest(log.state) == before


def test_another_version_of_the_log_stops() -> None:
    told = Log()
    with pytest.raises(BrokenLog, match="version 99"):
        told.append(ObservationBatch(99, Source("pos", 0, -1, 0, 0), ()))


@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize("partition", [0, 1])
def test_an_event_redelivered_counts_once(log: Log, partition: int, *, checkpoint: bool) -> None:
    batch = _batch(-1, 0, 0, key=77)
    log.append(batch)
    if checkpoint:
        log.state = state.decode(0, state.encode_changed(log.state))
    again = ObservationBatch(
        1, Source("pos", partition, -1 + (partition == 0), 1, 1), (Entry(1, RECORDED, batch.entries[0].observations),)
    )
    assert log.append(again) == []
    assert log.at().ledger.sales == 1
    assert log.at().demand.units_today == 1


def test_a_retraction_first_or_last_leaves_the_same_books() -> None:
    ledgers: list[Ledger] = []
    for retraction_first in (False, True):
        told = Log()
        told.tell(told.measured("opening", 10))
        wrong = told.moved("receipt", 5, START + HOUR, key=5)
        undo = told.moved("receipt", 5, START + HOUR, key=5, retracts=True)
        for seen in (undo, wrong) if retraction_first else (wrong, undo):
            told.tell(seen)
            told.tell(seen)
        ledgers.append(told.at().ledger)
        assert told.at().ledger.on_hand == 10
        assert told.at().ledger.receipts == 0
    assert ledgers[0] == ledgers[1]


def test_a_style_that_changes_survives_a_checkpoint(log: Log) -> None:
    """The SKU's old bucket must not bring its old self back."""
    chunks: dict[str, bytes] = {}
    for style in ("jeans", "denim", "aaa", "zzz", "trousers"):
        log.tell(log_item(style), log.sale())
        chunks.update(state.encode_changed(log.state))
        again = state.decode(0, chunks)
        assert state.digest(again) == state.digest(log.state), style


def log_item(style: str) -> Observation:
    return log.ItemDefined("jeans-32", style, 0)


def test_time_of_orders_does_not_drag_the_stores_time_along(log: Log) -> None:
    """An answer without a time, or by the ERP's clock of today in a replay of 2023, is no evidence of stock."""
    log.tell(log.measured("opening", 1), log.sale())
    order = log.said(said.Reorder)[0]
    demand = log.at().demand
    for occurred_at_ms, said_at_ms in ((0, START), (RECORDED + 90 * DAY, RECORDED + 90 * DAY)):
        facts = log.tell(OrderAcknowledged(order.order_id, "acknowledged", occurred_at_ms, "E-9"))
        assert all(fact.occurred_at == said.utc(said_at_ms) for fact in facts)
    assert log.at().demand == demand
    assert log.at().last_evidence_ms == START

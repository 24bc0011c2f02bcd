"""What was said of an order is said again by the log, to the last bit; what is changed afterwards shows."""

import math

import msgspec
import pytest

from inventory import state
from inventory.recomputation import Decision, differences, recompute
from inventory.state import PartitionState
from schemas import observations as log_
from schemas.errors import BrokenLog
from schemas.facts import Reorder, Transfer
from tests.inventory.logs import DAY, HOUR, START, Log


@pytest.fixture
def history() -> Log:
    """A shop that orders and is supplied, and at last runs out beside one that has some."""
    log = Log()
    log.tell(log_.ItemDefined("jeans-32", "jeans", 0, category="denim", price=60.0, cost=20.0, supplier="acme", pack=2))
    log.tell(log_.SupplierDefined("acme", 0, lead_time_days=3.0, lead_time_sd_days=1.0))
    log.tell(log_.LaneDefined("lyon", "paris", 0, 1.0, 2.0, 0.1))
    log.tell(log.measured("opening", 8, START), log.measured("opening", 30, START, location="lyon"))
    for day in range(12):
        log.tell(log.sale(2, START + day * DAY + 12 * HOUR))
        order = next((one for one in reversed(log.said(Reorder)) if one.location == "paris"), None)
        if order is not None and day % 4 == 3:
            log.tell(log_.OrderAcknowledged(order.order_id, "acknowledged", START + day * DAY + 13 * HOUR, "PO-1"))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
    return log


def again(log: Log, order_id: str, first: int = 0, begin: PartitionState | None = None) -> list[Decision]:
    messages = list(enumerate(log.messages))[first:]
    return [one.decision for one in recompute(begin or PartitionState(0), "log", messages, order_id)]


@pytest.mark.parametrize("kind", [Reorder, Transfer])
def test_every_state_of_every_order_is_said_again(history: Log, kind: type[Decision]) -> None:
    said = history.said(kind)
    assert said
    for order_id in {fact.order_id for fact in said}:
        mine = [fact for fact in said if fact.order_id == order_id]
        assert again(history, order_id) == mine
        assert [
            one for fact, other in zip(mine, again(history, order_id), strict=True) for one in differences(fact, other)
        ] == []


def test_the_log_message_that_decided_is_named(history: Log) -> None:
    messages = list(enumerate(history.messages))
    for fact in [*history.said(Reorder), *history.said(Transfer)]:
        before = recompute(PartitionState(0), "log", messages[: fact.log_offset], fact.order_id)
        assert fact not in [one.decision for one in before]
        until = recompute(PartitionState(0), "log", messages[: fact.log_offset + 1], fact.order_id)
        assert fact in [one.decision for one in until]


def test_a_checkpoint_of_before_shortens_the_way(history: Log) -> None:
    last = history.said(Reorder)[-1]
    whole = again(history, last.order_id)
    begin = PartitionState(0)
    list(recompute(begin, "log", list(enumerate(history.messages))[: last.log_offset], ""))
    stored = state.decode(0, state.encode_changed(begin))
    assert again(history, last.order_id, last.log_offset, stored)[-1:] == whole[-1:]


def test_a_message_that_is_missing_or_none_stops(history: Log) -> None:
    with pytest.raises(BrokenLog, match="expected 0, got 1"):
        again(history, "", 1)
    with pytest.raises(BrokenLog, match="partition 0@0 of the log is not a log message"):
        list(recompute(PartitionState(0), "log", [(0, b"rubbish")], ""))


def test_the_forecast_of_the_decision_multiplies_to_its_mean(history: Log) -> None:
    last = history.said(Reorder)[-1]
    found = list(recompute(PartitionState(0), "log", enumerate(history.messages), last.order_id))
    for one in found:
        whole = one.forecast.base_units * math.prod(one.forecast.factors.values())
        assert whole == pytest.approx(one.forecast.mean_units)
    decided = [one for one in found if isinstance(one.decision, Reorder) and one.decision.inputs is not None]
    for one in decided:
        assert isinstance(one.decision, Reorder)
        assert one.decision.inputs is not None
        assert one.forecast.mean_units / one.forecast.interval_days == one.decision.inputs.mean_per_day


def test_what_differs_is_named_by_its_path(history: Log) -> None:
    fact = next(fact for fact in history.said(Reorder) if fact.inputs is not None)
    assert fact.inputs is not None
    nearly = msgspec.structs.replace(fact.inputs, mean_per_day=math.nextafter(fact.inputs.mean_per_day, 9.0))
    tampered = msgspec.structs.replace(fact, quantity=fact.quantity + 2, inputs=nearly)
    found = differences(tampered, fact)
    assert [one.field for one in found] == ["quantity", "inputs.mean_per_day"]
    assert [one.said for one in found] == [fact.quantity + 2, nearly.mean_per_day]
    without = differences(msgspec.structs.replace(fact, inputs=None), fact)
    assert without[0].said is None
    assert {one.field.partition(".")[0] for one in without} == {"inputs"}

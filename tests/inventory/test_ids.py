"""An id stands for one thing, however many days end in one message."""

from random import Random

import pytest

from schemas.facts import Alert, Fact, Reorder, Task, Transfer
from schemas.observations import ItemDefined, LaneDefined, Observation, SupplierDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log

TOWNS, SKUS, DAYS = ("lyon", "nice", "paris"), ("shirt-s", "shirt-m"), 16
ENDED = frozenset({"cancelled", "received", "rejected"})


def _history(chance: Random) -> list[Observation]:
    """Reference data, then days with sales at random; lanes and suggestions come and go, nobody answers."""
    log = Log()
    told: list[Observation] = [
        SupplierDefined("mill", 0, lead_time_days=chance.choice((3.0, 7.0))),
        *(ItemDefined(sku, "shirt", 0, price=50.0, cost=20.0, supplier="mill", size=sku) for sku in SKUS),
        *(LaneDefined(a, b, 0, 1.0, 1.0, chance.choice((1.0, 30.0))) for a in TOWNS for b in TOWNS if a != b),
    ]
    for sku in SKUS:
        for town in TOWNS:
            units = chance.choice((0, 6, 60))
            told.append(log.measured("opening", units, location=town, sku=sku, style="shirt"))
    for day in range(DAYS):
        noon = START + day * DAY + 12 * HOUR
        told += [
            log.sale(sold, noon, town, sku=sku, style="shirt")
            for sku in SKUS
            for town in TOWNS
            if (sold := chance.choice((0, 0, 1, 3)))
        ]
        told.append(Tick(START + (day + 1) * DAY))
    return told


def _things(facts: list[Fact]) -> list[tuple[str, tuple[str, ...]]]:
    """Ids, and what each stands for: a fact by its whole content."""
    things = [(fact.fact_id, (repr(fact),)) for fact in facts]
    for fact in facts:
        if isinstance(fact, Reorder):
            things.append((fact.order_id, ("order", fact.location, fact.sku)))
        elif isinstance(fact, Transfer):
            things.append((fact.order_id, ("transfer", fact.origin, fact.destination, fact.sku)))
        elif isinstance(fact, Task):
            things.append((fact.task_id, ("task", fact.kind, fact.location, fact.sku)))
        elif isinstance(fact, Alert):
            things.append((fact.alert_id, ("alert", fact.fingerprint, str(fact.starts_at))))
    return things


@pytest.mark.parametrize("seed", range(12))
def test_no_id_stands_for_two_things(seed: int) -> None:
    chance, log = Random(seed), Log()
    left = _history(chance)
    while left:
        size = chance.choice((1, 8, 40, 90))
        log.tell(*left[:size])
        left = left[size:]
    known: dict[str, tuple[str, ...]] = {}
    for name, thing in _things(log.facts):
        assert known.setdefault(name, thing) == thing
    assert len({fact.fact_id for fact in log.facts}) == len(log.facts)
    _ended_once(log.said(Transfer))


def _ended_once(transfers: list[Transfer]) -> None:
    """What is over is not proposed again under its old id."""
    assert transfers
    ended: set[str] = set()
    for fact in transfers:
        assert fact.status in ENDED or fact.order_id not in ended
        if fact.status in ENDED:
            ended.add(fact.order_id)


def test_transfers_of_two_day_ends_in_one_message_are_two() -> None:
    """Nobody answers the first for three days; the next day's end proposes another, all in one message."""
    log = Log()
    log.tell(
        SupplierDefined("mill", 0, lead_time_days=20.0),
        ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill"),
        LaneDefined("lyon", "paris", 0, 1.0, 1.0, 1.0),
    )
    log.tell(log.measured("opening", 3), log.measured("opening", 60, location="lyon"), log.sale(1, location="lyon"))
    log.tell(log.sale(2), *(Tick(START + day * DAY) for day in range(1, 9)))
    proposed = [fact.order_id for fact in log.said(Transfer) if fact.status == "proposed"]
    assert len(proposed) == len(set(proposed)) >= 2

"""A size that opened with none and never sold is wanted where its siblings sell, and nowhere else."""

import pytest

from schemas.facts import Alert, DemandForecast, Reorder
from schemas.observations import ItemDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

SIZES = ("30", "32", "34")


def _tell_catalogue(log: Log, style: str = "jeans", sizes: tuple[str, ...] = SIZES) -> None:
    for size in sizes:
        log.tell(ItemDefined(f"{style}-{size}", style, 0, size=size, colour="blue", price=50.0, cost=20.0))


def _open(log: Log, units: dict[str, int], location: str = "paris", style: str = "jeans") -> None:
    for size, there in units.items():
        log.tell(log.measured("opening", there, location=location, sku=f"{style}-{size}", style=style))


def _sell(log: Log, days: int, sizes: tuple[str, ...], location: str = "paris", units: int = 2) -> None:
    for day in range(days):
        at_ms = START + day * DAY + 12 * HOUR
        log.tell(*(log.sale(units, at_ms, location, sku=f"jeans-{size}") for size in sizes))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))


def _ordered(log: Log) -> set[tuple[str, str]]:
    return {(order.location, order.sku) for order in log.said(Reorder)}


def test_a_missing_size_is_ordered_and_spoken_of(log: Log) -> None:
    _tell_catalogue(log)
    _open(log, {"30": 400, "32": 400, "34": 0})
    _sell(log, 10, ("30", "32"))
    order = next(order for order in log.said(Reorder) if order.sku == "jeans-34")
    assert order.quantity > 0
    out = [alert for alert in log.said(Alert) if alert.kind == "stockout"]
    assert [(alert.sku, alert.state) for alert in out] == [("jeans-34", "firing")]


def test_it_is_expected_to_sell_as_the_size_curve_says(log: Log) -> None:
    """In Lyon 34 sells twice as much as the others, so in Paris, where 30 and 32 sell two a day, it would sell four."""
    _tell_catalogue(log)
    _open(log, dict.fromkeys(SIZES, 2_000), "lyon")
    _open(log, {"30": 2_000, "32": 2_000, "34": 0})
    for day in range(28):
        at_ms = START + day * DAY + 12 * HOUR
        lyon = [
            log.sale(units, at_ms, "lyon", sku=f"jeans-{size}") for size, units in (("30", 4), ("32", 4), ("34", 8))
        ]
        log.tell(*lyon, *(log.sale(2, at_ms, sku=f"jeans-{size}") for size in ("30", "32")))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))
    learner = log.state.learner
    outlook = learner.outlook(learner.register.find("jeans-34", "paris"))
    assert outlook is not None
    assert outlook.mean / outlook.days == pytest.approx(4.0, rel=0.25)


def test_it_becomes_itself_once_it_is_there(log: Log) -> None:
    _tell_catalogue(log)
    _open(log, {"30": 900, "32": 900, "34": 0})
    _sell(log, 10, ("30", "32"))
    log.tell(log.moved("receipt", 500, START + 10 * DAY + 2 * HOUR, sku="jeans-34"))
    for day in range(11, 60):
        at_ms = START + day * DAY + 12 * HOUR
        log.tell(*(log.sale(2, at_ms, sku=f"jeans-{size}") for size in ("30", "32")))
        log.tell(log.sale(int(day % 4 == 0), at_ms, sku="jeans-34"))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))
    told = [fact for fact in log.said(DemandForecast) if fact.sku == "jeans-34"]
    assert max(fact.mean_per_day for fact in told) > 1.0
    assert told[-1].mean_per_day < 0.5


def test_a_catalogue_of_which_nothing_sells_is_somebodys_list(log: Log) -> None:
    """Lyon has the whole of it in its books with none, Lille with some that nobody buys."""
    _tell_catalogue(log)
    _tell_catalogue(log, "shirt")
    for style in ("jeans", "shirt"):
        _open(log, dict.fromkeys(SIZES, 0), "lyon", style)
        _open(log, {"30": 40, "32": 40, "34": 0}, "lille", style)
    _open(log, {"30": 400, "32": 400, "34": 400})
    _open(log, dict.fromkeys(SIZES, 0), "paris", "shirt")
    _sell(log, 20, SIZES)
    assert {place for place, _ in _ordered(log)} <= {"paris"}
    assert {sku for _, sku in _ordered(log)} <= {f"jeans-{size}" for size in SIZES}


@pytest.mark.parametrize("more", [{"retired": True}, {"season_end_ms": START + DAY}])
def test_what_is_not_replenished_is_not_missed(log: Log, more: dict[str, int]) -> None:
    _tell_catalogue(log)
    log.tell(ItemDefined("jeans-34", "jeans", START, size="34", colour="blue", price=50.0, cost=20.0, **more))
    _open(log, {"30": 400, "32": 400, "34": 0})
    _sell(log, 10, ("30", "32"))
    assert ("paris", "jeans-34") not in _ordered(log)


def test_a_sibling_that_is_out_since_its_first_day_does_not_sell_more_every_day(log: Log) -> None:
    """Of it two were there and sold at once; what it would have sold since is a guess, and no ground for another."""
    _tell_catalogue(log)
    _open(log, {"30": 2, "32": 0, "34": 0})
    _open(log, dict.fromkeys(SIZES, 2_000), "lyon")
    means = []
    for day in range(20):
        at_ms = START + day * DAY + 12 * HOUR
        log.tell(*(log.sale(9, at_ms, "lyon", sku=f"jeans-{size}") for size in SIZES))
        if day == 0:
            log.tell(log.sale(2, at_ms, sku="jeans-30"))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))
        outlook = log.state.learner.outlook(log.state.learner.register.find("jeans-34", "paris"))
        means.append(0.0 if outlook is None else outlook.mean / outlook.days)
    assert 0.0 < means[-1] <= 2.0 * max(means[:3])
    assert max(means) < 4.0


def test_it_does_not_matter_where_the_log_is_cut(log: Log) -> None:
    _tell_catalogue(log)
    _open(log, {"30": 400, "32": 400, "34": 0})
    _sell(log, 10, ("30", "32"))
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(0, len(log.messages), 3)))

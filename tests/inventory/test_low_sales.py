"""Badly placed items are found by what the same sells elsewhere on the same days, and hardly anything else is."""

from collections.abc import Callable

import numpy as np
import pytest

from inventory.alerts.low_sales import LOW_SALES
from inventory.demand.panel.arrays import Array
from inventory.demand.peers import Peers
from inventory.demand.register import Register
from inventory.demand.size_runs import Look
from schemas.facts import Alert
from schemas.observations import ItemDefined, LocationDefined, Observation, RulesChanged, Signal, Tick
from sinks.channels.slack import LONGEST_LINE
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

PLACES, STYLES, DAYS, BAD_FROM = 50, 60, 120, 60
CHANCE = 3e-4
SHOPS = ("paris", "lyon", "lille", "nice")


class Chain:
    """Stores of unlike size and taste selling styles of unlike rates, whose season ends everywhere at once."""

    def __init__(self, seed: int, sizes: int = 1, scatter: float = 0.05) -> None:
        self.rng = np.random.default_rng(seed)
        self.register = Register()
        for place in range(PLACES):
            for item in range(STYLES * sizes):
                style = item // sizes
                self.register.series(f"sku-{item}", f"shop-{place}", f"category-{style % 4}", f"style-{style}")
        self.looks = [Look("", str(item % sizes)) for item in range(STYLES * sizes)]
        self.style = np.array(self.register.item) // sizes
        self.place = np.array(self.register.location)
        stores, taste = self.rng.gamma(4.0, 0.25, PLACES), self.rng.gamma(1.0 / scatter, scatter, (STYLES, PLACES))
        self.rate = self.rng.gamma(2.0, 0.4, STYLES)[self.style] / sizes * stores[self.place]
        self.rate *= taste[self.style, self.place]

    def alerts(self, bad: Array) -> dict[tuple[int, int], int]:
        """The day each style at a place is found first; ``bad`` (n,) is what is left of the rates from a day on."""
        peers, n, found = Peers(self.register), len(self.register), dict[tuple[int, int], int]()
        peers.place(self.looks)
        for day in range(DAYS):
            usual = (1.0 + 0.5 * (day % 7 == 5)) * (1.0 - 0.5 * day / DAYS)
            share = np.where(self.rng.random(n) < 0.1, self.rng.random(n), 1.0)
            mean = self.rate * usual * share * (bad if day >= BAD_FROM else 1.0)
            peers.learn(day, self.rng.poisson(mean).astype(np.float64), share, np.full(n, float(day)))
            lacks = peers.lacks(np.ones(n, dtype=np.bool_), np.full(n, float(day)))
            for first in lacks.first[lacks.chance <= CHANCE].tolist():
                found.setdefault((int(self.style[first]), int(self.place[first])), day)
        return found


@pytest.mark.parametrize("scatter", [0.001, 0.05, 0.5])
def test_a_chain_in_which_nothing_is_wrong_is_left_in_peace(scatter: float) -> None:
    """3,000 pairs for 17 weeks: at three a week over 15,000 pairs these would have ten."""
    chain = Chain(11, scatter=scatter)
    assert len(chain.alerts(np.ones(len(chain.register)))) <= 10


@pytest.mark.parametrize("sizes", [1, 4])
def test_badly_placed_styles_are_found(sizes: int) -> None:
    """Thirty that sell at least 20 units in the 60 days that are left come down to a tenth."""
    chain = Chain(12, sizes)
    total = np.zeros((STYLES, PLACES))
    np.add.at(total, (chain.style, chain.place), chain.rate)
    planted = np.argwhere(total * 60 * 0.6 >= 20.0)
    planted = planted[np.random.default_rng(5).choice(len(planted), 30, replace=False)]
    bad = np.ones(len(chain.register))
    for style, place in planted:
        bad[(chain.style == style) & (chain.place == place)] = 0.1
    found = chain.alerts(bad)
    right = [day for pair, day in found.items() if list(pair) in planted.tolist() and day >= BAD_FROM]
    assert len(right) >= 20
    assert len(found) - len(right) <= 10
    assert np.median(right) - BAD_FROM <= 30


def _sales(
    log: Log, day: int, units: Callable[[str, str, int], int], price: Callable[[str], float]
) -> list[Observation]:
    at_ms = START + day * DAY + 12 * HOUR
    rows = [(shop, sku, units(shop, sku, day)) for shop in SHOPS for sku in ("jeans-32", "shirt-m", "coat-l")]
    return [
        log.sale(sold, at_ms, shop, sku=sku, style=sku.partition("-")[0], unit_price=price(shop))
        for shop, sku, sold in rows
        if sold
    ]


def _run(
    log: Log,
    days: range,
    units: Callable[[str, str, int], int],
    price: Callable[[str], float] = lambda _shop: 50.0,
) -> None:
    for day in days:
        log.tell(*_sales(log, day, units, price))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))


def _open(log: Log, price: float | None = 50.0) -> None:
    for sku in ("jeans-32", "shirt-m", "coat-l"):
        style = sku.partition("-")[0]
        log.tell(ItemDefined(sku, style, 0, price=price, cost=20.0 if price else None, category="clothes"))
        log.tell(*(log.measured("opening", 2_000, location=shop, sku=sku, style=style) for shop in SHOPS))


def _bad(shop: str, sku: str, day: int) -> int:
    """Four of everything everywhere, but in Paris from day 10 on one pair of jeans in three days."""
    return int(day % 3 == 0) if (shop, sku) == ("paris", "jeans-32") and day >= 10 else 4


def _said(log: Log) -> list[Alert]:
    return [alert for alert in log.said(Alert) if alert.kind == LOW_SALES]


def test_it_says_what_was_sold_what_was_expected_since_when_and_what_it_costs(log: Log) -> None:
    _open(log)
    _run(log, range(24), _bad)
    fired, *others = _said(log)
    assert (fired.state, fired.location, fired.sku) == ("firing", "paris", "jeans-32")
    # Sold on days 12 and 15, since day 10; four on each of six days, those of before weighing a little less.
    assert "jeans-32 at paris: 2 sold on the shelf since 2023-11-25, 23 expected " in fired.summary
    # 3.67 too few a day, 30 earned on each
    assert fired.money_at_risk_per_hour == pytest.approx(3.67 * 30 / 24, rel=0.25)
    assert others == []
    assert len(fired.summary) <= LONGEST_LINE


def test_it_ends_when_it_sells_again_and_does_not_flap(log: Log) -> None:
    _open(log)
    _run(log, range(24), _bad)
    _run(log, range(24, 42), lambda *_: 4)
    assert [alert.state for alert in _said(log)][-1] == "resolved"
    assert [alert.state for alert in _said(log)].count("resolved") == 1
    assert LOW_SALES not in log.at().alerts


def test_the_sizes_of_a_style_are_one_alert(log: Log) -> None:
    for size in ("30", "32"):
        log.tell(ItemDefined(f"jeans-{size}", "jeans", 0, size=size, colour="blue", price=50.0, cost=20.0))
    skus = ("jeans-30", "jeans-32", "shirt-m", "coat-l")
    for sku in skus:
        style = sku.partition("-")[0]
        log.tell(*(log.measured("opening", 2_000, location=shop, sku=sku, style=style) for shop in SHOPS))
    for day in range(26):
        at_ms = START + day * DAY + 12 * HOUR
        sold = [
            log.sale(2, at_ms, shop, sku=sku, style=sku.partition("-")[0], unit_price=50.0)
            for shop in SHOPS
            for sku in skus
            if (shop, sku[:5]) != ("paris", "jeans") or day < 10 or day % 5 == 0
        ]
        log.tell(*sold, Tick(START + (day + 1) * DAY + HOUR))
    fired = {(alert.location, alert.sku) for alert in _said(log)}
    assert fired == {("paris", "jeans-30")}
    assert _said(log)[0].summary.startswith("jeans blue (2 SKUs) at paris: ")


def test_where_stock_may_be_in_the_book_only_that_is_said_and_not_this(log: Log) -> None:
    log.tell(RulesChanged("r1", {"phantom_probability": 0.05}, 0))
    _open(log)
    _run(log, range(20), lambda shop, sku, day: 0 if (shop, sku) == ("paris", "jeans-32") and day >= 10 else 4)
    phantoms = [alert for alert in log.said(Alert) if alert.kind == "phantom_stock"]
    assert {(alert.sku, alert.state) for alert in phantoms} == {("jeans-32", "firing")}
    assert len({alert.alert_id for alert in phantoms}) == 1, "said again as it becomes likelier"
    assert _said(log) == []


def test_what_the_whole_chain_sells_less_of_is_no_lack(log: Log) -> None:
    _open(log)
    _run(log, range(30), lambda _shop, sku, day: 1 if sku == "jeans-32" and day >= 10 else 4)
    assert _said(log) == []


def test_a_shop_that_sells_less_of_everything_places_nothing_badly(log: Log) -> None:
    _open(log)
    _run(log, range(30), lambda shop, _sku, _day: 1 if shop == "paris" else 6)
    assert _said(log) == []


def test_what_is_sold_out_is_not_badly_placed(log: Log) -> None:
    _open(log)
    _run(log, range(10), _bad)
    log.tell(log.moved("write_off", -log.at().ledger.on_hand, START + 10 * DAY))
    _run(log, range(10, 26), _bad)
    assert _said(log) == []


def test_what_is_not_there_when_it_is_badly_placed_ends_it(log: Log) -> None:
    _open(log)
    _run(log, range(24), _bad)
    log.tell(log.moved("write_off", -log.at().ledger.on_hand, START + 24 * DAY))
    _run(log, range(24, 25), _bad)
    assert [alert.state for alert in _said(log)] == ["firing", "resolved"]


def test_a_retired_item_ends_it(log: Log) -> None:
    _open(log)
    _run(log, range(24), _bad)
    log.tell(ItemDefined("jeans-32", "jeans", START + 24 * DAY, price=50.0, cost=20.0, retired=True))
    _run(log, range(24, 25), _bad)
    assert [alert.state for alert in _said(log)] == ["firing", "resolved"]


def _promoted(shop: str, sku: str, _day: int) -> int:
    if sku != "jeans-32":
        return 2
    return 1 if shop == "paris" else 8


def test_a_promotion_elsewhere_that_was_told_is_no_lack_here(log: Log) -> None:
    """The others sell four times as much for weeks; that they would was said (an uplift). Paris sells one."""
    _open(log)
    _run(log, range(10), lambda *_: 2)
    promoted = [
        Signal(
            "promotion_uplift",
            4.0,
            START + 10 * DAY,
            location=shop,
            sku="jeans-32",
            style="jeans",
            until_ms=START + 29 * DAY,
            starts_at_ms=START + 10 * DAY,
        )
        for shop in SHOPS
        if shop != "paris"
    ]
    log.tell(*promoted)
    _run(log, range(10, 28), _promoted)
    assert _said(log) == []
    learner = log.state.learner
    lacks = learner.lacks(
        np.ones(len(learner.days()), dtype=np.bool_),
    )
    lack = lacks.first.tolist().index(learner.register.find("jeans-32", "paris"))
    # Two a day for 18 days, not eight; the first of them weigh two thirds by now.
    assert lacks.expected[lack] == pytest.approx(18 * 2 * 0.8, rel=0.25)


def test_what_is_dearer_here_sells_less_here(log: Log) -> None:
    """All of it costs three times as much in Paris from a day on; 3 ** -1.5 of four units are 0.8."""
    _open(log)
    _run(log, range(10), lambda *_: 4)

    def dear(shop: str) -> float:
        return 150.0 if shop == "paris" else 50.0

    _run(log, range(10, 28), lambda shop, sku, _day: 1 if (shop, sku) == ("paris", "jeans-32") else 4, dear)
    assert _said(log) == []


@pytest.mark.parametrize(
    ("rules", "price", "fires"),
    [
        ({}, 50.0, True),
        ({"low_sales_chance": 0.0}, 50.0, False),
        ({"look_cost": 150.0}, 50.0, False),  # 110 a day are lost
        ({}, 20.01, False),  # four cents a day
        ({}, None, True),  # nobody knows what it earns
    ],
)
def test_it_is_said_where_it_costs_something(
    log: Log, rules: dict[str, float | str | bool], price: float | None, fires: bool
) -> None:
    log.tell(RulesChanged("r1", rules, 0))
    _open(log, price)
    _run(log, range(24), _bad)
    assert bool(_said(log)) == fires


def test_it_does_not_matter_where_the_log_is_cut(log: Log) -> None:
    _open(log)
    _run(log, range(24), _bad)
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(0, len(log.messages), 7)))


@pytest.mark.parametrize("bulk", [60, 120, 300])
def test_a_bulk_sale_at_one_shop_is_no_lack_at_the_others(log: Log, bulk: int) -> None:
    _open(log)
    _run(log, range(45), lambda _shop, _sku, _day: 4)
    _run(log, range(45, 46), lambda shop, sku, _day: bulk if (shop, sku) == ("lyon", "coat-l") else 4)
    _run(log, range(46, 60), lambda _shop, _sku, _day: 4)
    assert [alert for alert in log.said(Alert) if alert.kind == LOW_SALES] == []


def test_only_stores_are_looked_at(log: Log) -> None:
    log.tell(LocationDefined("lyon", "online", 0))
    _open(log)
    _run(log, range(90), lambda shop, sku, day: 0 if (shop, sku) == ("lyon", "coat-l") and day > 30 else 4)
    assert [alert for alert in log.said(Alert) if alert.kind == LOW_SALES] == []

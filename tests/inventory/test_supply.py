"""Suppliers as the fold learns them: from orders and receipts, told late, in parts, twice, or not at all."""

import itertools
import math
from collections.abc import Iterator

import pytest

from inventory import state
from inventory.facts import Saying, origin_of
from inventory.replenishment.lead_time import LeadTime, stated
from inventory.replenishment.rounding import Lots
from inventory.replenishment.suppliers import HALF_LIFE_ORDERS, PRIOR_ORDERS, STATED_DELIVERED_SHARE, Record
from inventory.supply import Source, lead_time_of, source_of
from inventory.turn import Turn
from schemas.facts import Alert, DemandForecast, Reorder, SupplierScorecard
from schemas.observations import (
    ApprovalGiven,
    ItemDefined,
    OfferDefined,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

MILL = SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1)
STATED = stated(7, 2)
FADE = 0.5 ** (1.0 / HALF_LIFE_ORDERS)


class Mill(Log):
    """A log whose orders of new SKUs all go to the mill."""

    def __init__(self) -> None:
        super().__init__()
        self._skus = itertools.count()
        self.tell(MILL)

    def order(self, day: float = 0.0, location: str = "paris", **answer: object) -> Reorder:
        """A SKU that sells out for the first time, and the order of it, taken at once."""
        sku, at_ms = f"sku-{next(self._skus)}", START + int(day * DAY)
        self.tell(ItemDefined(sku, "jeans", 0, price=50.0, cost=20.0, supplier="mill"))
        self.tell(self.measured("opening", 10, at_ms - HOUR, location, sku=sku))
        self.tell(self.sale(9, at_ms, location, sku=sku))
        order = self.said(Reorder)[-1]
        assert (order.sku, order.supplier) == (sku, "mill")
        self.answer(order, "acknowledged", day, **answer)
        return order

    def answer(self, order: Reorder, status: str, day: float, **more: object) -> None:
        self.tell(OrderAcknowledged(order.order_id, status, START + int(day * DAY), **more))

    def receive(self, order: Reorder, day: float, quantity: int | None = None, **more: object) -> None:
        units, at_ms = order.quantity if quantity is None else quantity, START + int(day * DAY)
        where = {"location": order.location, "sku": order.sku, "order_id": order.order_id}
        self.tell(self.moved("receipt", units, at_ms, **where, **more))

    def end(self, day: int) -> None:
        """Days end up to the beginning of this one."""
        self.tell(Tick(START + day * DAY))

    def record(self, location: str = "paris") -> Record:
        known = self.state.supply.lanes.get(f"mill|{location}")
        return Record() if known is None else known.record

    def days(self, location: str = "paris") -> LeadTime:
        return lead_time_of(self.state, MILL, location)


@pytest.fixture
def mill() -> Mill:
    return Mill()


def _nothing(mill: Mill) -> bool:
    return mill.record() == Record()


def test_who_says_seven_days_and_takes_fourteen_is_believed_after_some_orders(mill: Mill) -> None:
    assert mill.days() == STATED
    for number in range(12):
        mill.receive(mill.order(number), number + 14)
        assert mill.days() == STATED, "within a day nothing changes"
    mill.end(26)
    assert mill.days().quantile(0.5) == 14
    assert mill.days().mean_days == pytest.approx((PRIOR_ORDERS / 2 * 7.7 + 12 * 14) / (PRIOR_ORDERS / 2 + 12), abs=1.5)
    assert mill.days("lyon").quantile(0.5) == 14, "a lane without orders is taken for the supplier's others"
    card = [card for card in mill.said(SupplierScorecard) if card.location == "paris"][-1]
    assert (card.median_days, card.day.isoformat()) == (14, "2023-12-10")
    assert card.on_time_share < 0.5


def test_orders_that_do_not_come_are_believed_before_the_first_receipt(mill: Mill) -> None:
    for day in range(10):
        mill.order(day)
    means = []
    for day in (8, 12, 20, 30):
        mill.end(day)
        means.append(mill.days().mean_days)
    assert means == sorted(means)
    assert means[-1] > 20.0
    assert mill.days().quantile(0.95) >= 28, "ten orders have been out for 21 to 30 days"


def test_demand_is_forecast_over_the_learned_protection_interval(mill: Mill) -> None:
    """Stated are 7 days and a review period of 1; orders that take 14 make it at least 13."""
    for number in range(12):
        mill.receive(mill.order(number), number + 14)
    mill.end(28)
    mill.end(29)
    mill.tell(mill.sale(1, START + 29 * DAY + HOUR, sku="sku-1"))
    assert mill.said(DemandForecast)[-1].interval_days == math.ceil(mill.days().mean_days + 1.0) >= 13


def test_lead_times_change_when_a_day_ends_only(mill: Mill) -> None:
    mill.receive(mill.order(0), 14)
    mill.end(15)
    before = mill.days()
    assert before.mean_days > 7.5
    for _ in range(5):
        mill.receive(mill.order(15), 15.1)
    assert mill.days() is before
    mill.end(16)
    assert mill.days().mean_days < before.mean_days


def test_one_forgotten_order_does_not_move_the_lead_time_for_ever(mill: Mill) -> None:
    """Twenty orders take 7 days, one never comes: after a year it counts no more than one that was out for a month."""
    lost = mill.order(0)
    for number in range(20):
        mill.receive(mill.order(number), number + 7)
    mill.end(60)
    two_months = mill.days()
    mill.end(365)
    assert mill.days().quantile(0.9) == 7
    assert mill.days().mean_days == pytest.approx(two_months.mean_days, abs=0.5)
    assert mill.days().mean_days < 11.0
    card = mill.said(SupplierScorecard)[-1]
    assert card.overdue_open == 1
    mill.answer(lost, "cancelled", 366)
    mill.end(367)
    assert mill.said(SupplierScorecard)[-1].delivered_share < card.delivered_share


def test_parts_count_as_they_come(mill: Mill) -> None:
    order = mill.order(0)
    half = order.quantity // 2
    share = half / order.quantity
    mill.receive(order, 4, half)
    assert mill.record().arrived == {4: share}
    assert mill.record().closed == 0.0
    mill.end(5)
    waiting = mill.days()
    mill.end(12)
    assert mill.days().mean_days > waiting.mean_days, "the rest is still out"
    mill.receive(order, 12, order.quantity)
    assert mill.record().arrived == pytest.approx({4: share * FADE, 12: (1 - share) * FADE})
    assert mill.record().given_up == {}, "more than was ordered is all of it"
    assert (mill.record().closed, mill.record().delivered) == pytest.approx((FADE, FADE))
    assert mill.record().on_time == pytest.approx(share * FADE), "the second part is beyond 11 days, 95 % of 7 +- 2"


def test_what_was_taken_and_given_up(mill: Mill) -> None:
    for status in ("cancelled", "rejected"):
        mill.answer(mill.order(0), status, 9)
    assert mill.record().arrived == {}
    assert mill.record().given_up == pytest.approx({9: FADE + FADE**2})
    assert mill.record().delivered == 0.0


def test_part_of_an_order_that_was_taken_off_did_not_come(mill: Mill) -> None:
    order = mill.order(0)
    where = {"sku": order.sku, "order_id": order.order_id}
    mill.tell(mill.supplied("cancelled", 1, START + 3 * DAY, "paris", **where))
    mill.receive(order, 5, order.quantity - 1)
    assert mill.record().delivered == pytest.approx(FADE * (1 - 1 / order.quantity))
    assert mill.record().given_up == pytest.approx({5: FADE / order.quantity})


def test_what_nobody_took_says_nothing(mill: Mill) -> None:
    mill.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill"))
    mill.tell(mill.measured("opening", 10), mill.sale(9))
    first = mill.said(Reorder)[-1]
    mill.tell(ApprovalGiven(first.order_id, "reject", START + HOUR))
    assert _nothing(mill)
    mill.tell(mill.sale(30, START + 40 * DAY))
    second = mill.said(Reorder)[-1]
    assert second.order_id != first.order_id
    mill.answer(second, "rejected", 41)
    assert _nothing(mill)


def test_an_order_that_is_approved_and_taken_counts(mill: Mill) -> None:
    mill.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill"))
    mill.tell(mill.measured("opening", 10), mill.sale(9))
    order = mill.said(Reorder)[-1]
    mill.tell(ApprovalGiven(order.order_id, "accept", START + HOUR))
    mill.answer(order, "acknowledged", 2)
    mill.receive(order, 8)
    assert mill.record().arrived == pytest.approx({6: FADE}), "from the acknowledgement"


def test_goods_without_a_word_before_count_from_the_proposal(mill: Mill) -> None:
    mill.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill"))
    mill.tell(mill.measured("opening", 10), mill.sale(9))
    order = mill.said(Reorder)[-1]
    mill.receive(order, 6, 1)
    mill.answer(order, "acknowledged", 1)
    mill.receive(order, 8, order.quantity - 1)
    share = 1 / order.quantity
    assert mill.record().arrived == pytest.approx({6: share * FADE, 8: (1 - share) * FADE})


def test_a_receipt_that_was_an_error_is_taken_back(mill: Mill) -> None:
    order = mill.order(0)
    mill.receive(order, 4, 3, key=77)
    assert mill.record().arrived == pytest.approx({4: 3 / order.quantity})
    mill.receive(order, 4, 3, key=77, retracts=True)
    assert mill.record().arrived == {}
    mill.receive(order, 6, 2)
    mill.receive(order, 9, -2)
    assert mill.record().arrived == {}, "goods that went back"
    mill.receive(order, 11)
    assert mill.record().arrived == pytest.approx({11: FADE})
    assert mill.record().delivered == pytest.approx(FADE)


def test_an_answer_and_a_receipt_of_the_same_goods_count_once(mill: Mill) -> None:
    order = mill.order(0)
    mill.answer(order, "received", 5)
    mill.receive(order, 5.2)
    assert mill.record().arrived == pytest.approx({5: FADE})
    assert mill.record().closed == pytest.approx(FADE)
    short = mill.order(6)
    mill.answer(short, "received", 10, quantity=short.quantity - 1)
    part = 1 / short.quantity
    assert mill.record().arrived == pytest.approx({5: FADE**2, 4: (1 - part) * FADE})
    assert mill.record().given_up == pytest.approx({4: part * FADE})


def test_told_twice_and_late(mill: Mill) -> None:
    order = mill.order(0)
    mill.receive(order, 5, key=5)
    mill.receive(order, 5, key=5)
    mill.answer(order, "acknowledged", 0)
    mill.answer(order, "cancelled", 9)
    assert mill.record().arrived == pytest.approx({5: FADE})
    assert mill.record().given_up == {}


def test_a_scorecard_by_hand(mill: Mill) -> None:
    """Promised for day 5. A comes whole on day 4, C is cancelled on day 8, part of B comes on day 4, the rest on 10.

    Closed in the order A, C, B, each fades those before it by k: k^3, k^2, k.
    """
    promise = {"expected_at_ms": START + 5 * DAY}
    a, b, c = (mill.order(0, **promise) for _ in range(3))
    half = b.quantity // 2
    mill.receive(a, 4)
    mill.receive(b, 4, half)
    mill.answer(c, "cancelled", 8)
    mill.receive(b, 10, b.quantity - half)
    mill.end(11)
    k = FADE
    closed, delivered, on_time = k**3 + k**2 + k, k**3 + k, k**3 + k * half / b.quantity
    usual = (delivered + 6 * 0.98) / (closed + 6)
    usual_on_time = (on_time + 6 * 0.9) / (closed + 6)
    all_lanes, paris = mill.said(SupplierScorecard)[-2:]
    for card in (all_lanes, paris):
        assert card.orders == pytest.approx(closed, abs=1e-3)
        assert card.delivered_share == pytest.approx((delivered + 6 * usual) / (closed + 6), abs=1e-4)
        assert card.on_time_share == pytest.approx((on_time + 6 * usual_on_time) / (closed + 6), abs=1e-4)
        assert (card.supplier, card.overdue_open, card.day.isoformat()) == ("mill", 0, "2023-11-25")
    assert (all_lanes.location, paris.location) == ("", "paris")


def test_a_scorecard_is_said_when_it_changed(mill: Mill) -> None:
    mill.receive(mill.order(0), 7)
    mill.end(8)
    said = len(mill.said(SupplierScorecard))
    assert said == 2
    for day in range(9, 20):
        mill.end(day)
    assert len(mill.said(SupplierScorecard)) == said


def test_without_learning_what_is_stated_holds(mill: Mill) -> None:
    mill.tell(RulesChanged("v2", {"learn_lead_times": False}, 0))
    for number in range(5):
        mill.receive(mill.order(number), number + 14)
    mill.end(20)
    assert mill.days() == STATED
    mill.tell(RulesChanged("v3", {}, 0))
    assert mill.days().quantile(0.5) == 14


def test_a_late_order_is_one_that_its_lane_would_have_brought(mill: Mill) -> None:
    """Where the ERP told no date, 95 % of the lane's lead time is waited for, and a day."""
    for number in range(10):
        mill.receive(mill.order(number / 24), number / 24 + 14)
    mill.end(15)
    late_day = mill.days().quantile(0.95)
    assert late_day >= 14
    mill.order(15)

    def alerts() -> list[Alert]:
        return [alert for alert in mill.said(Alert) if alert.kind == "late_order"]

    mill.end(15 + late_day)
    assert alerts() == [], "later than stated, and not late"
    mill.end(15 + late_day + 2)
    assert [alert.state for alert in alerts()] == ["firing"]


def _source(log: Log, sku: str = "jeans-32", location: str = "paris") -> Source:
    turn = Turn(log.state, Saying(origin_of("log", 0, log.state.core.applied + 1, b"")))
    return source_of(turn, log.state.skus[sku], location)


def _two_offers(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=60.0, cost=20.0, supplier="mill", pack=2))
    log.tell(MILL, SupplierDefined("far", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(log.measured("opening", 5_000))
    log.tell(*(log.sale(4, START + hour * HOUR) for hour in range(1, 20)))


def test_alone_the_items_supplier_at_the_items_cost(mill: Mill) -> None:
    _two_offers(mill)
    found = _source(mill)
    assert (found.supplier, found.unit_cost, found.lots) == (MILL, 20.0, Lots(0, 2))
    assert (found.lead_time, found.review_period_days, found.alternatives) == (STATED, 1.0, {})


def test_the_cheaper_offer_until_it_cannot_be_relied_on(mill: Mill) -> None:
    _two_offers(mill)
    mill.tell(OfferDefined("far", "jeans", 19.0, 0, minimum_order_units=12, pack=6))
    found = _source(mill)
    assert (found.supplier.supplier, found.unit_cost, found.lots) == ("far", 19.0, Lots(12, 6))
    assert list(found.alternatives) == ["far", "mill"]
    for number in range(12):
        sku = f"far-{number}"
        mill.tell(ItemDefined(sku, "jeans", 0, cost=20.0, supplier="far"))
        mill.tell(mill.measured("opening", 10, sku=sku), mill.sale(9, sku=sku))
        order = mill.said(Reorder)[-1]
        assert order.supplier == "far"
        mill.answer(order, "acknowledged", 0)
        mill.answer(order, "cancelled", 20 + number)
    mill.end(40)
    found = _source(mill)
    assert found.supplier.supplier == "mill"
    assert found.alternatives["far"] > found.alternatives["mill"]


def test_an_open_suggestion_keeps_its_supplier_unless_another_is_much_cheaper(mill: Mill) -> None:
    _two_offers(mill)
    mill.tell(mill.sale(4_920, START + 21 * HOUR))
    assert mill.at().book.suggestion is not None
    assert mill.at().book.suggestion.supplier == "mill"
    mill.tell(OfferDefined("far", "jeans", 19.5, 0, "jeans-32"))
    assert list(_source(mill).alternatives) == ["far", "mill"]
    assert _source(mill).supplier.supplier == "mill"
    mill.tell(OfferDefined("far", "jeans", 15.0, 0, "jeans-32"))
    assert _source(mill).supplier.supplier == "far"


def test_offers_of_a_sku_go_before_its_styles_and_can_be_withdrawn(mill: Mill) -> None:
    _two_offers(mill)
    mill.tell(OfferDefined("far", "jeans", 10.0, 0), OfferDefined("far", "jeans", 11.0, 0, "jeans-32"))
    assert _source(mill).unit_cost == 11.0
    mill.tell(OfferDefined("far", "jeans", 11.0, 0, "jeans-32", retired=True))
    assert _source(mill).unit_cost == 10.0
    mill.tell(OfferDefined("far", "jeans", 10.0, 0, retired=True))
    assert (_source(mill).unit_cost, _source(mill).alternatives) == (20.0, {})
    assert log_is_empty(mill)


def log_is_empty(mill: Mill) -> bool:
    return mill.state.offers.skus == mill.state.offers.styles == {}


def test_of_equal_offers_the_first_by_name_and_other_currencies_none(mill: Mill) -> None:
    _two_offers(mill)
    mill.tell(OfferDefined("far", "jeans", 20.0, 0), OfferDefined("abroad", "jeans", 1.0, 0, currency="USD"))
    assert (_source(mill).supplier.supplier, list(_source(mill).alternatives)) == ("far", ["far", "mill"])


def _history(mill: Mill) -> Iterator[bytes]:
    for number in range(6):
        order = mill.order(number, location=("paris", "lyon")[number % 2])
        if number % 3:
            mill.receive(order, number + 9, order.quantity - number % 2)
        mill.end(number + 1)
    mill.tell(OfferDefined("far", "jeans", 30.0, 0))
    mill.end(30)
    mill.order(31)
    mill.end(40)
    mill.tell(mill.sale(1, START + 40 * DAY, sku="sku-0"), SupplierDefined("mill", 0, retired=True))
    yield from mill.messages


def test_whatever_is_stored_in_between_the_same_is_known_and_said(mill: Mill) -> None:
    messages = list(_history(mill))
    digest, said = fold_all(messages)
    assert digest == state.digest(mill.state)
    assert mill.state.supply.lanes["mill|lyon"].lead_time is not None
    for store_after in (frozenset(range(len(messages))), frozenset(range(0, len(messages), 7))):
        assert fold_all(messages, store_after=store_after) == (digest, said)


def test_suppliers_are_stored_when_something_was_learned(mill: Mill) -> None:
    state.encode_changed(mill.state)
    mill.tell(mill.sale())
    assert not any(name.startswith(("supply", "offers")) for name in state.encode_changed(mill.state))
    mill.order(1)
    assert "supply" in state.encode_changed(mill.state)
    mill.tell(OfferDefined("far", "jeans", 10.0, 0))
    assert "offers" in state.encode_changed(mill.state)


def test_shares_of_an_unknown_supplier_are_those_of_the_prior(mill: Mill) -> None:
    mill.order(0)
    assert mill.state.supply.lanes["mill|paris"].delivered_share == STATED_DELIVERED_SHARE


def _retire(mill: Mill, name: str = "mill") -> list[object]:
    return list(mill.tell(SupplierDefined(name, 0, retired=True)))


def test_a_retired_supplier_wins_no_comparison(mill: Mill) -> None:
    _two_offers(mill)
    mill.tell(SupplierDefined("near", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    mill.tell(OfferDefined("far", "jeans", 15.0, 0), OfferDefined("near", "jeans", 25.0, 0))
    assert list(_source(mill).alternatives) == ["far", "mill", "near"]
    _retire(mill, "far")
    assert (_source(mill).supplier.supplier, list(_source(mill).alternatives)) == ("mill", ["mill", "near"])
    _retire(mill)
    found = _source(mill)
    assert (found.supplier.supplier, found.unit_cost, found.alternatives, found.barred) == ("near", 25.0, {}, "")
    _retire(mill, "near")
    assert _source(mill).barred == "far, mill, near retired and no other supplier is known"
    mill.tell(MILL)
    assert (_source(mill).supplier, _source(mill).barred) == (MILL, "")


def test_what_is_suggested_to_a_supplier_that_is_retired_goes_to_another_at_once(mill: Mill) -> None:
    _two_offers(mill)
    mill.tell(OfferDefined("far", "jeans", 25.0, 0), mill.sale(4_920, START + 21 * HOUR))
    first = mill.said(Reorder)[-1]
    assert first.supplier == "mill"
    dropped, second = (fact for fact in _retire(mill) if isinstance(fact, Reorder))
    assert (dropped.order_id, dropped.status, dropped.reason) == (
        first.order_id, "cancelled", "supplier mill is retired",
    )  # fmt: skip
    assert (second.status, second.supplier, second.unit_cost) == ("proposed", "far", 25.0)
    assert second.order_id != first.order_id


def test_an_offer_of_a_supplier_nobody_told_of_does_not_win_over_those_that_are_known(mill: Mill) -> None:
    _two_offers(mill)
    mill.tell(OfferDefined("ghost", "jeans", 1.0, 0))
    assert _source(mill).supplier.supplier != "ghost"
    assert "ghost" not in _source(mill).alternatives
    mill.tell(SupplierDefined("ghost", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    assert _source(mill).supplier.supplier == "ghost"


def test_where_nobody_told_of_any_supplier_offers_are_compared_as_they_are(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0), log.measured("opening", 10))
    log.tell(OfferDefined("ghost", "jeans", 1.0, 0), OfferDefined("spectre", "jeans", 2.0, 0), log.sale(9))
    assert log.said(Reorder)[-1].supplier == "ghost"


@pytest.mark.parametrize("sku", ["", "jeans-32"])
def test_what_is_suggested_by_an_offer_that_is_retired_goes_to_another_at_once(mill: Mill, sku: str) -> None:
    _two_offers(mill)
    mill.tell(OfferDefined("far", "jeans", 15.0, 0, sku=sku), mill.sale(4_920, START + 21 * HOUR))
    first = mill.said(Reorder)[-1]
    assert first.supplier == "far"
    other = mill.tell(OfferDefined("far", "jeans", 15.0, 0, sku="" if sku else "jeans-34", retired=True))
    assert [fact for fact in other if isinstance(fact, Reorder)] == [], "it was another offer"
    said = mill.tell(OfferDefined("far", "jeans", 15.0, 0, sku=sku, retired=True))
    dropped, second = (fact for fact in said if isinstance(fact, Reorder))
    assert (dropped.order_id, dropped.status) == (first.order_id, "superseded")
    assert (second.status, second.supplier, second.unit_cost) == ("proposed", "mill", 20.0)


def _told(mill: Mill) -> list[tuple[str, str]]:
    return [(alert.state, alert.summary) for alert in mill.said(Alert) if alert.kind == "not_orderable"]


def test_where_only_a_retired_supplier_is_left_nothing_is_ordered_and_an_alert_says_why(mill: Mill) -> None:
    _two_offers(mill)
    _retire(mill)
    for hour in range(3):
        mill.tell(mill.sale(1_640, START + (21 + hour) * HOUR))
    assert mill.said(Reorder) == []
    why = "jeans-32 is needed at paris and cannot be ordered: mill retired and no other supplier is known"
    assert set(_told(mill)) == {("firing", why)}, "said again as more is at risk"
    mill.tell(MILL, mill.sale(1, START + 25 * HOUR))
    assert [state for state, _ in _told(mill)][-2:] == ["firing", "resolved"]
    assert len({alert.alert_id for alert in mill.said(Alert) if alert.kind == "not_orderable"}) == 1
    assert mill.said(Reorder)[-1].supplier == "mill"


def test_an_item_whose_smallest_order_is_beyond_its_cap_says_so_once(mill: Mill) -> None:
    named = {"price": 60.0, "cost": 20.0, "supplier": "mill", "pack": 48}
    mill.tell(ItemDefined("jeans-32", "jeans", 0, maximum_order_units=40, **named), mill.measured("opening", 10))
    assert _told(mill) == []
    mill.tell(mill.sale(9))
    mill.tell(mill.sale(1, START + HOUR))
    why = "an order is of 48 units at least (minimum and pack) and of 40 at most"
    assert _told(mill) == [("firing", f"jeans-32 is needed at paris and cannot be ordered: {why}")]
    assert mill.said(Reorder) == []
    mill.tell(ItemDefined("jeans-32", "jeans", 0, maximum_order_units=48, **named), mill.sale(1, START + 2 * HOUR))
    assert [state for state, _ in _told(mill)] == ["firing", "resolved"]
    assert mill.said(Reorder)[-1].quantity == 48


def test_the_alert_ends_when_the_stock_came_otherwise_or_nobody_orders_here_any_more(mill: Mill) -> None:
    for end in ("receipt", "retired"):
        sku = f"jeans-{end}"
        mill.tell(ItemDefined(sku, "jeans", 0, pack=48, maximum_order_units=40), mill.measured("opening", 10, sku=sku))
        mill.tell(mill.sale(9, sku=sku))
        if end == "receipt":
            mill.tell(mill.moved("receipt", 500, START + HOUR, sku=sku))
        else:
            mill.tell(ItemDefined(sku, "jeans", 0, retired=True), mill.sale(1, START + HOUR, sku=sku))
        assert [state for state, _ in _told(mill)][-2:] == ["firing", "resolved"], end

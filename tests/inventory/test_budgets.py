"""Orders under budgets in the fold: they wait, say what they are worth, and follow budgets as they come and go."""

from typing import Any

import pytest

from schemas.facts import BudgetEntry, OverrideScore, Reorder
from schemas.observations import ApprovalGiven, BudgetDefined, ItemDefined, OrderAcknowledged, SupplierDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all


def _budget(name: str = "autumn", **more: Any) -> BudgetDefined:
    fields = {"amount": 1_000.0, "currency": "EUR", "starts_at_ms": START - DAY, "ends_at_ms": START + 5 * DAY}
    return BudgetDefined(name, occurred_at_ms=0, **(fields | more))


def _shop(log: Log, *first: BudgetDefined, cost: float | None = 20.0, pack: int = 1) -> None:
    log.tell(
        ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=cost, pack=pack, supplier="mill", category="denim"),
        SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1),
        *first,
    )
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(4))


def _verdict(order: Reorder, verdict: str, quantity: int | None = None, **more: Any) -> ApprovalGiven:
    fields = {"by": "budget:autumn", "reason": "said the budget", "revision": order.revision}
    return ApprovalGiven(order.order_id, verdict, 0, quantity=quantity, **(fields | more))


def _newest(log: Log) -> tuple[Reorder, BudgetEntry]:
    return log.said(Reorder)[-1], log.said(BudgetEntry)[-1]


def test_an_order_under_a_budget_waits_and_says_what_each_lot_is_worth(log: Log) -> None:
    _shop(log, _budget(), pack=2)
    order, claim = _newest(log)
    assert (order.status, order.budgets) == ("pending", ("autumn",))
    assert order.reason.endswith("waits for budget autumn")
    assert (claim.kind, claim.order_id, claim.revision) == ("claim", order.order_id, order.revision)
    assert (claim.quantity, claim.counted_units, claim.unit_cost) == (order.quantity, 0, 20.0)
    assert not claim.needs_person
    assert (claim.first_lot_units, claim.lot_units, len(claim.lot_gains)) == (2, 2, order.quantity // 2)
    assert list(claim.lot_gains) == sorted(claim.lot_gains, reverse=True)
    assert order.inputs is not None
    costs = order.inputs.expected_costs
    assert sum(claim.lot_gains) == pytest.approx(costs["nothing"] - costs["ordered"], abs=0.01)


@pytest.mark.parametrize(
    ("more", "covers"),
    [
        ({}, True),
        ({"suppliers": ("mill", "other")}, True),
        ({"suppliers": ("other",)}, False),
        ({"categories": ("denim",)}, True),
        ({"categories": ("shoes",)}, False),
        ({"locations": ("paris",)}, True),
        ({"locations": ("rome",)}, False),
        ({"currency": "SEK"}, False),
        ({"ends_at_ms": START}, False),
        ({"starts_at_ms": START + 1}, False),
        ({"retired": True}, False),
    ],
)
def test_a_budget_covers_what_it_says(log: Log, more: dict[str, Any], covers: bool) -> None:
    _shop(log, _budget(**more))
    order = log.said(Reorder)[-1]
    assert (order.status, order.budgets) == (("pending", ("autumn",)) if covers else ("proposed", ()))
    assert bool(log.said(BudgetEntry)) == covers


def test_several_budgets_cover_one_order(log: Log) -> None:
    _shop(log, _budget("spring"), _budget("denim", categories=("denim",)))
    assert log.said(Reorder)[-1].budgets == ("denim", "spring")


def test_an_order_whose_cost_is_not_known_needs_a_person(log: Log) -> None:
    _shop(log, _budget(), cost=None)
    assert log.said(BudgetEntry)[-1].needs_person


def test_the_budgets_verdict_releases_its_revision_and_no_other(log: Log) -> None:
    _shop(log, _budget())
    order, _ = _newest(log)
    log.tell(_verdict(order, "accept", revision=order.revision + 1))
    assert _newest(log)[0] == order
    log.tell(_verdict(order, "modify", 3), _verdict(order, "modify", 3))
    released, claim = _newest(log)
    assert (released.status, released.quantity, released.reason) == ("approved", 3, "said the budget")
    assert (claim.status, claim.counted_units) == ("approved", 3)
    assert len([one for one in log.said(Reorder) if one.status == "approved"]) == 1
    log.tell(_verdict(order, "accept"))
    assert _newest(log)[0] == released, "told late, it changes nothing"


def test_a_budget_is_no_person_whose_judgement_is_scored(log: Log) -> None:
    _shop(log, _budget())
    log.tell(_verdict(log.said(Reorder)[-1], "modify", 3))
    assert log.state.core.overrides == []
    for day in range(1, 30):
        log.tell(Tick(START + day * DAY))
    assert log.said(OverrideScore) == []


def test_a_persons_verdict_counts_as_well(log: Log) -> None:
    _shop(log, _budget())
    order, _ = _newest(log)
    log.tell(_verdict(order, "modify", 99, by="ada", revision=None))
    assert _newest(log)[1].counted_units == 99


def test_hold_says_why_and_changes_nothing(log: Log) -> None:
    _shop(log, _budget())
    order, claim = _newest(log)
    log.tell(_verdict(order, "hold", reason="budget autumn has 0.00 left"))
    said, still = _newest(log)
    assert (said.status, said.revision, said.reason) == ("pending", order.revision, "budget autumn has 0.00 left")
    assert still == claim
    log.tell(_verdict(order, "accept"), _verdict(order, "hold"))
    assert _newest(log)[0].status == "approved"


def test_what_was_released_is_not_enlarged_but_ordered_again_once_answered(log: Log) -> None:
    _shop(log, _budget())
    order, _ = _newest(log)
    log.tell(_verdict(order, "accept"))
    released, _ = _newest(log)
    for hour in range(1, 6):
        log.tell(log.sale(3, START + hour * HOUR))
    assert _newest(log)[0] == released
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 6 * HOUR))
    log.tell(log.sale(1, START + 7 * HOUR))
    another, _ = _newest(log)
    assert another.order_id != order.order_id
    assert another.status == "pending"


def test_what_is_cancelled_or_comes_short_gives_back(log: Log) -> None:
    _shop(log, _budget())
    order, _ = _newest(log)
    log.tell(_verdict(order, "accept"))
    log.tell(OrderAcknowledged(order.order_id, "received", START + HOUR, quantity=2))
    claims = [claim for claim in log.said(BudgetEntry) if claim.order_id == order.order_id]
    assert (claims[-1].status, claims[-1].counted_units) == ("received", 2)
    other = Log()
    _shop(other, _budget())
    other.tell(_verdict(other.said(Reorder)[-1], "accept"))
    other.tell(OrderAcknowledged(other.said(Reorder)[-1].order_id, "cancelled", START + HOUR))
    gone = other.said(BudgetEntry)[-1]
    assert (gone.status, gone.counted_units) == ("cancelled", 0)


def test_a_budget_that_comes_later_counts_what_is_on_its_way(log: Log) -> None:
    _shop(log)
    order = log.said(Reorder)[-1]
    assert (order.status, log.said(BudgetEntry)) == ("proposed", [])
    log.tell(_budget())
    (claim,) = log.said(BudgetEntry)
    assert (claim.order_id, claim.status, claim.counted_units) == (order.order_id, "proposed", order.quantity)
    log.tell(_budget(amount=2_000.0))
    assert len(log.said(BudgetEntry)) == 1, "it is counted already"
    late = Log()
    _shop(late)
    late.tell(_budget(starts_at_ms=START + 1))
    assert late.said(BudgetEntry) == []


def test_a_retired_budget_holds_nobody_back(log: Log) -> None:
    _shop(log, _budget())
    log.tell(_budget(retired=True))
    log.tell(log.sale(1, START + HOUR))
    order = log.said(Reorder)[-1]
    assert (order.status, order.budgets) == ("amended", ())


def test_when_its_period_ends_a_waiting_order_goes_to_the_next_budget(log: Log) -> None:
    _shop(log, _budget(), _budget("winter", starts_at_ms=START + 5 * DAY, ends_at_ms=START + 90 * DAY))
    assert log.said(Reorder)[-1].budgets == ("autumn",)
    for day in range(1, 7):
        log.tell(Tick(START + day * DAY))
    order, claim = _newest(log)
    assert (order.status, order.budgets, claim.budgets) == ("pending", ("winter",), ("winter",))


def test_it_says_every_day_what_it_is_worth_by_then(log: Log) -> None:
    _shop(log, _budget())
    before, revision = len(log.said(BudgetEntry)), log.said(Reorder)[-1].revision
    for hour in range(1, 24):
        log.tell(Tick(START + hour * HOUR))
    assert len(log.said(BudgetEntry)) == before
    log.tell(Tick(START + DAY))
    assert len(log.said(BudgetEntry)) == before + 1
    assert log.said(BudgetEntry)[-1].revision >= revision


def test_borders_do_not_matter(log: Log) -> None:
    """Law 3: however the state is stored and read in between, the same is said, budgets and all."""
    for sku in ("b", "a", "c"):
        log.tell(ItemDefined(sku, f"style-{sku}", 0, price=50.0, cost=20.0, supplier="mill", category="denim"))
        log.tell(log.measured("opening", 10, sku=sku, style=f"style-{sku}"))
        log.tell(log.sale(4, sku=sku, style=f"style-{sku}"))
    log.tell(_budget())
    for day in range(1, 4):
        log.tell(log.sale(2, START + day * DAY, sku="a", style="style-a"), Tick(START + day * DAY))
    log.tell(_verdict(log.said(Reorder)[-1], "modify", 2), _budget("denim"))
    whole = fold_all(log.messages)
    assert whole == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))
    assert whole == fold_all(log.messages, store_after=frozenset({8, 9, 11}))

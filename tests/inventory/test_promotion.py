"""Promotion and rollback by themselves: how often by luck, what is in force then, and what never lets it happen."""

import copy
import doctest
import statistics
from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from inventory import recomputation, state
from inventory.demand.panel.arrays import Array
from inventory.facts import Saying, origin_of
from inventory.recomputation import differences
from inventory.shadow import trial as module
from inventory.shadow.promotion import why_turn
from inventory.shadow.trial import LEAST_WEEKS, Brought, Trial, half_width
from inventory.state import PartitionState
from inventory.supply import source_of
from inventory.turn import Turn
from schemas import observations as log_
from schemas.facts import Alert, PolicyPromotion, Reorder, ShadowLedger
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

SCARCE: dict[str, float | str | bool] = {"cycle_service_level": 0.05, "order_cover_days": 0.0}
ENOUGH = {"cycle_service_level": 0.9, "order_cover_days": 7.0}
SEEDS, YEAR = 200, 364


def comparing(
    in_force: dict[str, float | str | bool], shadow: dict[str, float | str | bool], **more: float | str | bool
) -> dict[str, float | str | bool]:
    """Rules that compare two min-max policies and promote."""
    named = {f"shadow_{name.removeprefix('cycle_')}": value for name, value in shadow.items()}
    return {**in_force, **named, "shadow_policy": "periodic_min_max", "shadow_promotes": True, **more}


class Shop(Log):
    """One with customers of its own."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.customers = np.random.default_rng(seed)


def a_shop(rules: dict[str, float | str | bool], *, price: float = 60.0, currency: str = "EUR", seed: int = 0) -> Shop:
    """One size that sells about four a day, three days from its supplier."""
    log = Shop(seed)
    log.tell(define(price, currency=currency), log.measured("opening", 20, START))
    log.tell(log_.SupplierDefined("acme", 0, lead_time_days=3.0, lead_time_sd_days=1.0, review_period_days=1.0))
    log.tell(log_.RulesChanged("v1", rules, START))
    return log


def define(price: float, sku: str = "jeans-32", currency: str = "EUR") -> log_.ItemDefined:
    return log_.ItemDefined(
        sku, "jeans", 0, category="denim", price=price, cost=20.0, supplier="acme", currency=currency
    )


def live(log: Shop, first: int, last: int, *skus: str) -> Shop:
    """Days of sales; every sixteenth 70 units are counted, which is nothing to the virtual worlds."""
    for day in range(first, last):
        noon = START + day * DAY + 12 * HOUR
        for sku in skus or ("jeans-32",):
            sold = int(log.customers.poisson(4.0))
            if sold:
                log.tell(log.sale(sold, noon, sku=sku))
            if day % 16 == 15:
                log.tell(log.measured("count", 70, noon + HOUR, sku=sku))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
    return log


def actions(log: Log) -> list[str]:
    return [fact.action for fact in log.said(PolicyPromotion)]


# How sure one is


def test_a_trial_by_hand() -> None:
    """Weeks of 1, 2, ... 8 a day: mean 4.5, and the deviation of those numbers."""
    trial = Trial(100)
    for day in range(56):
        closed = trial.pass_day(100 + day, Brought(float(day // 7 + 1), 10, 7, 8))
        assert closed == (day % 7 == 6)
    assert (trial.weeks, trial.more_profit_a_day, trial.more_fill) == (8, 4.5, pytest.approx(0.1))
    assert trial.doubt == pytest.approx(half_width(8, statistics.variance(range(1, 9))))
    assert trial.doubt == pytest.approx(statistics.stdev(range(1, 9)) * half_width(8, 1.0))
    assert doctest.testmod(module).failed == 0


def test_weeks_with_holes_and_weeks_without_demand_say_nothing() -> None:
    trial = Trial(0)
    for day in range(28):
        if day != 9:
            trial.pass_day(day, Brought(1.0, 0 if day // 7 == 2 else 5, 0, 0))
    assert (trial.weeks, trial.whole.demand) == (2, 70)


def test_weeks_that_are_all_the_same_leave_no_doubt() -> None:
    for more in (0.1, 0.7, 1e-9, 123.4567):
        trial = Trial(0)
        for day in range(7 * 30):
            trial.pass_day(day, Brought(more, 1, 1, 1))
        assert trial.doubt == pytest.approx(0.0, abs=1e-9 + 1e-6 * more)


def noise(seed: int, days: int) -> Array:
    """Of deviation 1, and of correlation 0.5 from one day to the next."""
    told = np.random.default_rng(seed).normal(0.0, 0.75**0.5, days)
    for day in range(1, days):
        told[day] += 0.5 * told[day - 1]
    return told


def promoted(more: Callable[[int], Array], **fill: int) -> int:
    """Of 200 shadows that earn so much more, those that are promoted within a year, looked at every week."""
    units = Brought(0.0, *{"demand": 100, "in_force": 95, "shadow": 95, **fill}.values())
    found = 0
    for seed in range(SEEDS):
        trial = Trial(0)
        for day, extra in enumerate(more(seed).tolist()):
            brought = msgspec.structs.replace(units, more_profit=extra)
            if trial.pass_day(day, brought) and why_turn(trial, 0.01, drifts=False):
                assert trial.weeks >= LEAST_WEEKS
                found += 1
                break
    return found


def test_what_is_no_better_is_promoted_in_at_most_5_of_100_and_what_is_better_nearly_always() -> None:
    assert promoted(lambda seed: noise(seed, YEAR)) <= 0.05 * SEEDS
    assert promoted(lambda seed: noise(seed, YEAR) - 0.1) <= 0.02 * SEEDS
    skewed = [np.random.default_rng(seed).exponential(1.0, YEAR) - 1.0 for seed in range(SEEDS)]
    assert promoted(lambda seed: skewed[seed]) <= 0.05 * SEEDS
    assert promoted(lambda seed: -skewed[seed]) <= 0.05 * SEEDS
    assert promoted(lambda seed: noise(seed, YEAR) + 0.6) >= 0.98 * SEEDS
    assert promoted(lambda seed: noise(seed, YEAR) + 0.6, shadow=93) == 0  # it serves 2 % less


def decided(*, more: float, served: int, weeks: int = 9, promoted: bool = False) -> Trial:
    """Weeks that differ by very little; 90 of 100 are served by the policy in force."""
    trial = Trial(0, in_force=int(promoted), shadow=1 - promoted)
    for day in range(7 * weeks):
        trial.pass_day(day, Brought(more + 0.01 * (day % 3), 100, 90, served))
    return trial


def test_what_lets_them_change_places() -> None:
    assert why_turn(decided(more=1.0, served=90), 0.01, drifts=False) == "the shadow earns more"
    assert why_turn(decided(more=1.0, served=89), 0.01, drifts=False) == "the shadow earns more"
    assert why_turn(decided(more=1.0, served=88), 0.01, drifts=False) == ""
    assert why_turn(decided(more=1.0, served=90), 0.01, drifts=True) == ""
    assert why_turn(decided(more=1.0, served=90, weeks=7), 0.01, drifts=False) == ""
    assert why_turn(decided(more=-1.0, served=99), 0.01, drifts=False) == ""


def test_what_lets_the_policy_of_the_rules_come_back() -> None:
    """No guard holds it back, and it comes back too where the promoted one leaves customers without."""
    back = "the policy of the rules earns more"
    assert why_turn(decided(more=1.0, served=50, promoted=True), 0.01, drifts=True) == back
    less = "the promoted policy serves less of demand"
    assert why_turn(decided(more=-1.0, served=93, promoted=True), 0.01, drifts=False) == less
    assert why_turn(decided(more=-1.0, served=92, promoted=True), 0.01, drifts=False) == ""  # within twice the margin
    assert why_turn(decided(more=-1.0, served=93, weeks=7, promoted=True), 0.01, drifts=False) == ""


# In the fold


@pytest.fixture(scope="module")
def better() -> Shop:
    """A shadow that loses far less, for twelve weeks; its rules change in nothing that is compared meanwhile."""
    log = live(a_shop(comparing(SCARCE, ENOUGH)), 0, 30)
    log.tell(log_.RulesChanged("v2", comparing(SCARCE, ENOUGH, look_cost=7.0), START + 30 * DAY))
    return live(log, 30, 84)


def test_a_planted_better_policy_is_promoted_and_decides_from_then_on(better: Shop) -> None:
    (fact,) = better.said(PolicyPromotion)
    assert (fact.action, fact.weeks, fact.currency) == ("promoted", 8, "EUR")
    assert fact.in_force == "PeriodicMinMax(cycle_service_level=0.9, order_cover_days=7.0)"
    assert fact.comparison == f"PeriodicMinMax(cycle_service_level=0.05, order_cover_days=0.0) / {fact.in_force}"
    assert fact.low is not None
    assert 0.0 < fact.low < fact.more_profit_a_day
    assert fact.more_fill > 0.1
    at = better.facts.index(fact)
    before = [one for one in better.facts[:at] if isinstance(one, Reorder) and one.inputs]
    after = [one for one in better.facts[at:] if isinstance(one, Reorder) and one.inputs]
    assert after[0].log_offset == fact.log_offset  # what that makes due is ordered at once
    assert {(one.inputs.rules_version, one.inputs.cycle_service_level) for one in before if one.inputs} == {
        ("v1", 0.05), ("v2", 0.05)
    }  # fmt: skip
    assert {(one.inputs.rules_version, one.inputs.cycle_service_level) for one in after if one.inputs} == {
        ("v2+shadow", 0.9)
    }


def test_the_worlds_go_on_and_only_their_roles_change(better: Shop) -> None:
    """Who served most of demand before, still does, but in force; the comparison has a new name and a new beginning."""
    (fact,) = better.said(PolicyPromotion)
    told = better.said(ShadowLedger)
    turned = [one for one in told if one.since != fact.since]
    assert {one.since for one in turned} == {fact.occurred_at.date()} == {min(one.day for one in turned)}
    assert {one.comparison for one in turned} == {" / ".join(reversed(fact.comparison.split(" / ")))}
    for role, ledger in (("shadow", [one for one in told if one not in turned]), ("in_force", turned)):
        served = sum(one.served_units for one in ledger if one.role == role)
        assert served > 1.2 * sum(one.served_units for one in ledger if one.role != role)
    # Each has the stock that it had on the evening before: on the first day already.
    (enough,) = [one.average_stock_units for one in turned if one.day == one.since and one.role == "in_force"]
    (scarce,) = [one.average_stock_units for one in turned if one.day == one.since and one.role == "shadow"]
    assert enough > scarce + 5.0
    assert better.state.shadow.in_force.on_hand.sum() > better.state.shadow.shadow.on_hand.sum()


def test_people_are_told_while_a_promoted_policy_decides(better: Shop) -> None:
    (alert,) = [one for one in better.said(Alert) if one.kind == "shadow_promoted"]
    assert (alert.state, alert.severity, alert.device) == ("firing", "info", "EUR, log partition 0")


def test_it_goes_on_the_same_after_checkpoints_around_a_promotion(better: Shop) -> None:
    plain = fold_all(better.messages)
    (fact,) = better.said(PolicyPromotion)
    near = {at for at in range(len(better.messages)) if abs(at - fact.log_offset) <= 2 or at % 20 == 0}
    assert fold_all(better.messages, store_after=frozenset(near)) == plain


def test_an_order_decided_after_a_promotion_is_recomputed_to_equality(better: Shop) -> None:
    """From the log's beginning, and from a checkpoint that lies between the promotion and the order."""
    (fact,) = better.said(PolicyPromotion)
    order_id = better.said(Reorder)[-1].order_id
    said = [one for one in better.said(Reorder) if one.order_id == order_id]
    assert said[0].log_offset > fact.log_offset
    numbered, first = list(enumerate(better.messages)), fact.log_offset + 1
    stored = Log()
    for value in better.messages[:first]:
        stored.append(log_.decode(value))
    kept = state.decode(0, state.encode_changed(stored.state))
    for begun, messages in ((PartitionState(0), numbered), (kept, numbered[first:])):
        again = [one.decision for one in recomputation.recompute(begun, "log", messages, order_id)]
        assert [differences(*pair) for pair in zip(said, again, strict=True)] == [[]] * len(said)


@pytest.mark.parametrize("seed", [1, 2])
def test_neither_a_worse_one_nor_one_that_is_the_same_is_promoted(seed: int) -> None:
    assert actions(live(a_shop(comparing(ENOUGH, SCARCE, shadow_fill_margin=1.0), seed=seed), 0, 72)) == []
    assert actions(live(a_shop(comparing(ENOUGH, ENOUGH), seed=seed), 0, 72)) == []


def test_without_being_asked_nothing_is_promoted_but_what_is_known_counts_once_it_is() -> None:
    log = live(a_shop(comparing(SCARCE, ENOUGH, shadow_promotes=False)), 0, 65)
    assert actions(log) == []
    log.tell(log_.RulesChanged("v2", comparing(SCARCE, ENOUGH), START + 65 * DAY))
    live(log, 65, 72)
    assert [(fact.action, fact.weeks) for fact in log.said(PolicyPromotion)] == [("promoted", 10)]


def test_a_promoted_policy_is_rolled_back_once_it_earns_less() -> None:
    """Once a unit earns next to nothing and stock costs dearly, what little the rules' own policy holds is better."""
    log = live(a_shop(comparing(SCARCE, ENOUGH)), 0, 57)
    assert actions(log) == ["promoted"]
    log.tell(define(20.01))
    log.tell(log_.RulesChanged("v2", comparing(SCARCE, ENOUGH, carrying_share_per_year=1.0), START + 57 * DAY))
    live(log, 57, 130)
    assert actions(log)[:2] == ["promoted", "rolled_back"]
    back = log.said(PolicyPromotion)[1]
    assert back.in_force == "PeriodicMinMax(cycle_service_level=0.05, order_cover_days=0.0)"
    told = [one.state for one in log.said(Alert) if one.kind == "shadow_promoted"]
    assert told[:2] == ["firing", "resolved"]
    after = [one.inputs for one in log.facts[log.facts.index(back) :] if isinstance(one, Reorder) and one.inputs]
    assert {used.rules_version for used in after} <= {"v2"}


def test_a_policy_that_serves_less_is_not_promoted_whatever_it_earns() -> None:
    """Little stock earns more where a unit earns nothing and stock costs dearly."""
    rules = comparing(ENOUGH, SCARCE, carrying_share_per_year=1.0)
    assert actions(live(a_shop(rules, price=20.01), 0, 65)) == []
    rules["shadow_fill_margin"] = 1.0
    assert actions(live(a_shop(rules, price=20.01), 0, 65)) == ["promoted"]


def test_none_is_promoted_while_sales_have_left_their_forecasts() -> None:
    log = live(a_shop(comparing(SCARCE, ENOUGH)), 0, 40)
    log.state.core.drifted["demand_drift|denim|paris"] = log.state.learner.day + 30
    live(log, 40, 65)
    assert actions(log) == []
    assert log.state.shadow.trials["EUR"].shadow_earns_more


@pytest.mark.parametrize(
    "rules",
    [comparing(SCARCE, ENOUGH, shadow_promotes=False), comparing(SCARCE, ENOUGH, order_cover_days=1.0), {}],
    ids=["promotes-none", "compares-others", "no-shadow"],
)
def test_rules_that_say_otherwise_hold_at_once(better: Shop, rules: dict[str, float | str | bool]) -> None:
    log = copy.deepcopy(better)
    log.tell(log_.RulesChanged("v3", rules, START + 84 * DAY))
    assert actions(log) == ["promoted", "reset"]
    reset = log.said(PolicyPromotion)[-1]
    assert reset.comparison.startswith("PeriodicMinMax(cycle_service_level=0.9,")
    assert [one.state for one in log.said(Alert) if one.kind == "shadow_promoted"] == ["firing", "resolved"]
    live(log, 84, 108)
    after = [one.inputs for one in log.facts[log.facts.index(reset) :] if isinstance(one, Reorder) and one.inputs]
    assert {used.rules_version for used in after} == {"v3"}
    assert fold_all(log.messages, store_after=frozenset({len(log.messages) - 12})) == fold_all(log.messages)


def test_each_currency_is_judged_for_itself() -> None:
    """What sells for euros earns far more with enough of it; what sells for kronor earns nothing with either."""
    log = a_shop(comparing(SCARCE, ENOUGH))
    log.tell(define(20.0, "jeans-34", "SEK"), log.measured("opening", 20, START, sku="jeans-34"))
    live(log, 0, 70, "jeans-32", "jeans-34")
    assert [(fact.action, fact.currency) for fact in log.said(PolicyPromotion)] == [("promoted", "EUR")]
    at = log.facts.index(log.said(PolicyPromotion)[0])
    after = [one for one in log.facts[at:] if isinstance(one, Reorder) and one.inputs]
    assert {(one.sku, one.inputs.rules_version) for one in after if one.inputs} == {
        ("jeans-32", "v1+shadow"), ("jeans-34", "v1")
    }  # fmt: skip


def test_challengers_have_their_turns_until_they_are_decided() -> None:
    """As little more is no matter for eight weeks, then much more is better, then the rules' own policy is not."""
    rules = comparing(SCARCE, {**SCARCE, "cycle_service_level": 0.06}, shadow_service_levels="0.9", shadow_weeks=8.0)
    log = live(a_shop(rules), 0, 57)
    shadow = log.state.shadow
    assert (shadow.in_force.on_hand == shadow.shadow.on_hand).all()
    assert shadow.trials["EUR"].shadow == 2
    live(log, 57, 172)
    told = log.said(PolicyPromotion)
    low, little, much = (
        f"PeriodicMinMax(cycle_service_level={level}, order_cover_days=0.0)" for level in (0.05, 0.06, 0.9)
    )
    assert [(fact.action, fact.comparison, fact.in_force, fact.weeks) for fact in told] == [
        ("kept", f"{low} / {little}", low, 8),
        ("promoted", f"{low} / {much}", much, 8),
        ("kept", f"{much} / {low}", much, 8),
    ]
    assert told[0].reason == "not promoted after 8 weeks"
    assert told[2].reason == "the policy in force earns more"
    assert log.said(ShadowLedger)[-1].comparison == f"{much} / {little}"
    inputs = log.said(Reorder)[-1].inputs
    assert inputs is not None
    assert inputs.cycle_service_level == 0.9
    near = {at for at in range(len(log.messages)) if any(abs(at - fact.log_offset) <= 1 for fact in told)}
    assert fold_all(log.messages, store_after=frozenset(near)) == fold_all(log.messages)


def test_the_supplier_is_chosen_for_what_the_policy_in_force_orders_at_once() -> None:
    """Freight of 30 an order is dear for a day's units, and cheap a unit for those of ten more days."""
    log = a_shop(comparing(SCARCE, {**ENOUGH, "order_cover_days": 10.0}))
    log.tell(
        log_.OfferDefined("bulk", "jeans", 19.0, 0, freight_per_order=30.0),
        log_.SupplierDefined("bulk", 0, lead_time_days=3.0, lead_time_sd_days=1.0, review_period_days=1.0),
    )
    live(log, 0, 10)
    turn = Turn(log.state, Saying(origin_of("log", 0, 0, b"")))

    def supplier() -> str:
        return source_of(turn, log.state.skus["jeans-32"], "paris").supplier.supplier

    log.at().book.orders.clear()  # who is asked already stays for a little more
    assert supplier() == "acme"
    log.state.shadow.trials["EUR"] = Trial(0, in_force=1, shadow=0)
    assert supplier() == "bulk"

"""Transfers promise what those before them brought: the share is learned, said, and scales gains and nothing else."""

import pytest
from msgspec import structs

from inventory.recomputation import differences, recompute
from inventory.state import PartitionState
from inventory.transfers.chain import End, Way
from inventory.transfers.proposals import best_units
from inventory.transfers.realisation import PRIOR_TRANSFERS, Realised, learn, share_of
from inventory.transfers.value import Market
from schemas.facts import Transfer, TransferOutcome
from schemas.observations import ApprovalGiven, LocationDefined, RulesChanged, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all
from tests.inventory.transfers import Shop, inputs_of, settle

TODAY = START // DAY


def _propose(log: Log, sku: str = "jeans-32", day: int = 0) -> Transfer:
    """Paris sells its last four on that day; Lyon has fifty."""
    settle(log, [Shop("paris", 4), Shop("lyon", 51)], sku=sku)
    log.tell(log.sale(4, START + day * DAY, sku=sku))
    return [said for said in log.said(Transfer) if said.sku == sku][-1]


def _move(log: Log, transfer: Transfer, day: int = 0) -> None:
    """All of it, in a day."""
    named = {"order_id": transfer.order_id, "sku": transfer.sku}
    left, there = START + day * DAY + 20 * HOUR, START + (day + 1) * DAY + 7 * HOUR
    log.tell(log.moved("transfer_out", -transfer.quantity, left, "lyon", counterpart="paris", **named))
    log.tell(log.moved("transfer_in", transfer.quantity, there, counterpart="lyon", **named))


def _pass(log: Log, days: range) -> None:
    for day in days:
        log.tell(Tick(START + (day + 1) * DAY + HOUR))


@pytest.fixture
def disappointed() -> Log:
    """The first transfer sold nothing in its days, and earned nothing; then another SKU falls short."""
    log = Log()
    _move(log, _propose(log))
    _pass(log, range(9))
    assert [said.earned for said in log.said(TransferOutcome)] == [0.0]
    _propose(log, "jeans-34", 9)
    return log


def test_nothing_judged_promises_everything() -> None:
    assert share_of(None, 5, 28.0) == 1.0
    assert inputs_of(_propose(Log())).realised_share == 1.0


def _young(half_days: float) -> Log:
    log = Log()
    log.tell(RulesChanged("r", {"transfer_young_days": half_days}, 0))
    return log


def test_of_one_day_an_eighth_is_believed_and_a_sell_out_rescued_all_the_same() -> None:
    """1 / (1 + 7), with fewer units than the 33 of a forecast that is known; the costs are all there."""
    said = _propose(_young(7.0))
    given = inputs_of(said)
    assert (given.realised_share, given.days_observed, given.transfers_judged) == (0.125, 1.0, 0.0)
    assert said.expected_gain == pytest.approx((given.destination_gain - given.donor_loss) / 8, abs=0.01)
    assert said.expected_gain > said.expected_cost == said.quantity * 1.0 + 10.0
    assert 0 < said.quantity < 33


def test_more_is_believed_with_every_day_of_both_stores() -> None:
    """Each saw four days that are over and the open one: 5 / (5 + 7)."""
    log = _young(7.0)
    settle(log, [Shop("paris", 44), Shop("lyon", 90)])
    for day in range(4):
        log.tell(log.sale(10, START + day * DAY), log.sale(1, START + day * DAY, "lyon"))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))
    log.tell(log.sale(4, START + 4 * DAY + 9 * HOUR))
    given = inputs_of(log.said(Transfer)[-1])
    assert given.days_observed == 5.0
    assert given.realised_share == pytest.approx(5 / 12)


def test_a_warehouse_is_not_asked_how_long_it_was_observed() -> None:
    """Of Paris one day is over; the mean with Lyon, where nobody buys, would be half a day less."""
    log = _young(7.0)
    log.tell(LocationDefined("lyon", "warehouse", 0))
    settle(log, [Shop("paris", 4), Shop("lyon", 51, sold=0)])
    log.tell(log.sale(1, START), Tick(START + DAY + HOUR))
    assert inputs_of(log.said(Transfer)[-1]).days_observed == 2.0


@pytest.mark.parametrize(("half_days", "most"), [(0.0, 20), (7.0, 10)])
def test_a_store_of_the_first_day_is_not_emptied(half_days: float, most: int) -> None:
    """By noon Paris sold its twenty, and Lyon none of as many: it gives half at most, however sure it may seem."""
    log = _young(half_days)
    settle(log, [Shop("paris", 20), Shop("lyon", 20, sold=0)])
    log.tell(log.sale(20, START))
    given = [said.quantity for said in log.said(Transfer)]
    assert given, "what is short is rescued all the same"
    assert max(given) <= most
    assert half_days or max(given) > 10


def test_a_second_that_asks_gets_nothing_of_the_other_half_and_the_first_keeps_its_own() -> None:
    log = _young(7.0)
    settle(log, [Shop("paris", 20), Shop("lyon", 20, sold=0)])
    settle(log, [Shop("nice", 20), Shop("lyon", 20, sold=0)])
    log.tell(log.sale(20, START), log.sale(20, START, "nice"))
    by_order = {said.order_id: (said.origin, said.quantity) for said in log.said(Transfer)}
    assert sum(units for origin, units in by_order.values() if origin == "lyon") <= 10


def test_what_was_judged_takes_its_place() -> None:
    """Ten that count as having earned an eighth, and thirty that earned half."""
    log = _young(7.0)
    log.state.core.realised["EUR"] = Realised(TODAY, 30.0, 100.0, 50.0)
    given = inputs_of(_propose(log))
    assert given.realised_share == pytest.approx((10 / 8 + 30 / 2) / 40)
    assert given.transfers_judged == 30.0


def test_young_or_not_the_log_says_it_again() -> None:
    log = _young(7.0)
    said = _propose(log)
    (again,) = (one.decision for one in recompute(PartitionState(0), "log", enumerate(log.messages), said.order_id))
    assert differences(said, again) == []


def test_what_was_earned_of_what_was_expected_is_promised_on(disappointed: Log) -> None:
    """One of n that earned nothing, beside the ten that count as having earned all: 10 / (10 + weight)."""
    first, second = (next(said for said in disappointed.said(Transfer) if said.sku == sku) for sku in _SKUS)
    seen = disappointed.state.core.realised["EUR"]
    assert (seen.transfers, seen.earned) == (1.0, 0.0)
    assert seen.expected == pytest.approx(first.expected_gain, abs=0.01)
    given = inputs_of(second)
    aged = 0.5 ** ((TODAY + 9 - seen.day) / 28.0)
    assert given.realised_share == pytest.approx(PRIOR_TRANSFERS / (PRIOR_TRANSFERS + aged))
    assert given.realised_share < 1.0
    assert given.transfers_judged == pytest.approx(aged, abs=1e-4)
    whole = given.destination_gain - given.donor_loss
    assert second.expected_gain == pytest.approx(given.realised_share * whole, abs=0.01)
    assert second.expected_cost == second.quantity * 1.0 + 10.0, "what is certain is not scaled"
    assert given.compared["move and buy"] - given.compared["buy"] == pytest.approx(
        second.expected_gain - second.expected_cost, abs=0.01
    )


_SKUS = ("jeans-32", "jeans-34")


def test_it_is_learned_from_what_the_forecasts_said(disappointed: Log) -> None:
    """Not from what was promised after earlier disappointments: that would be held against itself."""
    second = disappointed.said(Transfer)[-1]
    before = disappointed.state.core.realised["EUR"].expected
    _move(disappointed, second, 9)
    _pass(disappointed, range(9, 19))
    seen, kept = disappointed.state.core.realised["EUR"], 0.5 ** (9 / 28)
    raw = inputs_of(second).destination_gain - inputs_of(second).donor_loss
    assert seen.expected == pytest.approx(kept * before + raw, abs=0.01)
    assert raw > second.expected_gain


def test_the_log_says_it_again_and_stored_halves_say_the_same(disappointed: Log) -> None:
    said = disappointed.said(Transfer)[-1]
    messages = list(enumerate(disappointed.messages))
    (again,) = (one.decision for one in recompute(PartitionState(0), "log", messages, said.order_id))
    assert differences(said, again) == []
    whole = fold_all(disappointed.messages)
    assert fold_all(disappointed.messages, store_after=frozenset(range(0, len(messages), 2))) == whole


@pytest.mark.parametrize(("share", "proposed"), [(1.0, True), (0.1, True), (0.0, False)])
def test_what_does_not_pay_at_that_rate_is_not_proposed(share: float, proposed: bool) -> None:
    """717 by the forecasts, against 43 for all of it: a tenth pays still, with fewer units."""
    log = Log()
    log.state.core.realised["EUR"] = Realised(TODAY, 1e9, 1.0, share)
    settle(log, [Shop("paris", 4), Shop("lyon", 51)])
    log.tell(log.sale(4))
    found = log.said(Transfer)
    assert bool(found) is proposed
    if proposed:
        assert found[-1].expected_gain > found[-1].expected_cost
        assert found[-1].quantity == (33 if share == 1.0 else pytest.approx(28, abs=4))


def test_another_currency_has_its_own() -> None:
    log = Log()
    log.state.core.realised["USD"] = Realised(TODAY, 1e9, 1.0, 0.0)
    assert inputs_of(_propose(log)).realised_share == 1.0


def test_of_units_that_did_not_move_nothing_was_expected() -> None:
    log = Log()
    transfer = _propose(log)
    log.tell(ApprovalGiven(transfer.order_id, "modify", 0, "ann", quantity=11))
    _move(log, structs.replace(transfer, quantity=11))
    _pass(log, range(9))
    assert log.state.core.realised["EUR"].expected == pytest.approx(transfer.expected_gain * 11 / 33, abs=0.01)


def test_a_unit_goes_while_its_share_pays_for_it() -> None:
    """Units whose forecast gain is at least the cost over the share: the same as at the cost that much higher."""
    market = Market(4.0, 4.0, 7.0, 50.0, 20.0)
    ends = [End(at, "s", market, free, (), 0, most) for at, free, most in (("paris", 0, 60), ("lyon", 50, 0))]
    halves = [end._replace(realised_share=0.5) for end in ends]
    way, dearer = Way("lyon", "paris", 1.0, 8.0), Way("lyon", "paris", 1.0, 16.0)
    units, gain = best_units(*halves, way)
    assert (units, 2.0 * gain) == (best_units(*ends, dearer)[0], pytest.approx(best_units(*ends, dearer)[1]))
    assert units < best_units(*ends, way)[0]


def test_weights_halve_and_the_share_returns_to_all() -> None:
    seen = Realised()
    learn(seen, 10, 100.0, 20.0, 28.0)
    learn(seen, 38, 50.0, 30.0, 28.0)
    assert (seen.day, seen.transfers, seen.expected, seen.earned) == (38, 1.5, 100.0, 40.0)
    shares = [share_of(seen, day, 28.0) for day in (38, 66, 1_000)]
    assert shares[0] == pytest.approx((10 + 1.5 * 0.4) / 11.5)
    assert shares[0] < shares[1] < shares[2] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("earned", "share"), [(-1e6, 0.0), (300.0, 1.0)])
def test_losses_promise_nothing_and_windfalls_no_more_than_forecasts(earned: float, share: float) -> None:
    assert share_of(Realised(3, 5.0, 100.0, earned), 3, 28.0) == share


def test_one_that_lost_many_times_what_it_was_to_gain_does_not_stop_all_others() -> None:
    seen = Realised()
    learn(seen, 0, 4.0, -900.0, 28.0)
    assert share_of(seen, 0, 28.0) == pytest.approx((10.0 - 2.0) / 11.0)
    learn(seen, 0, -0.01, -500.0, 28.0)  # nothing was expected by the forecasts
    assert share_of(seen, 0, 28.0) == pytest.approx((10.0 - 2.0) / 11.0)

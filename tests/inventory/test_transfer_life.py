"""How a transfer ends before it left: closed ends, other donors, an ERP that sends it all the same, verdicts."""

import pytest

from inventory.reports import position_of
from schemas.facts import Transfer
from schemas.observations import (
    ApprovalGiven,
    ItemDefined,
    LaneDefined,
    LocationDefined,
    Observation,
    OrderAcknowledged,
    RulesChanged,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all
from tests.inventory.transfers import Shop, inputs_of, settle

LYON, NICE = Shop("lyon", 60), Shop("nice", 60)
RETIRED = ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill", retired=True)
OVER = ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill", season_end_ms=START)
CLOSINGS: list[tuple[Observation, str]] = [
    (LocationDefined("paris", "store", 0, retired=True), "paris is retired"),
    (LocationDefined("paris", "store", 0, replenished=False), "paris is no longer replenished"),
    (LocationDefined("lyon", "store", 0, retired=True), "lyon is retired"),
    (LaneDefined("lyon", "paris", 0, retired=True), "there is no way from lyon any more"),
    (RETIRED, "the item is retired"),
    (OVER, "its season ended on 2023-11-15"),
]


def _open(log: Log, *donors: Shop) -> Transfer:
    """Paris, which sold its last 4, is to get 33."""
    settle(log, [Shop("paris", 4), *(donors or (LYON,))])
    log.tell(log.sale(4, START + HOUR))
    (transfer,) = log.said(Transfer)
    assert (transfer.origin, transfer.quantity) == ("lyon", 33)
    return transfer


def _last(log: Log) -> Transfer:
    return log.said(Transfer)[-1]


def _answer(transfer: Transfer, status: str, quantity: int | None = None, hour: int = 3) -> OrderAcknowledged:
    return OrderAcknowledged(transfer.order_id, status, START + hour * HOUR, quantity=quantity)


def _coming(log: Log) -> int:
    return position_of(log.at()).on_order - log.at().book.on_order


@pytest.mark.parametrize(("stop", "reason"), CLOSINGS)
@pytest.mark.parametrize("status", ["proposed", "approved", "acknowledged"])
def test_a_closed_end_ends_it_at_once(log: Log, stop: Observation, reason: str, status: str) -> None:
    transfer = _open(log)
    if status == "approved":
        log.tell(ApprovalGiven(transfer.order_id, "accept", 0, "ann"))
    elif status == "acknowledged":
        log.tell(_answer(transfer, status, hour=1))
    log.tell(stop)
    assert (_last(log).order_id, _last(log).status, _last(log).reason) == (transfer.order_id, "cancelled", reason)
    assert log.at().transfers == []
    log.tell(Tick(START + DAY + HOUR))
    assert _last(log).order_id == transfer.order_id, "nor is another proposed"


@pytest.mark.parametrize("stop", [stop for stop, _ in CLOSINGS])
def test_what_has_left_arrives(log: Log, stop: Observation) -> None:
    transfer = _open(log)
    way = {"counterpart": "paris", "order_id": transfer.order_id}
    log.tell(log.moved("transfer_out", -33, START + 2 * HOUR, "lyon", **way))
    log.tell(stop)
    assert (_last(log).status, _coming(log)) == ("shipped", 33)


def test_a_season_that_ends_ends_it_with_the_day(log: Log) -> None:
    _open(log)
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill", season_end_ms=START + DAY))
    assert _last(log).status == "proposed"
    log.tell(Tick(START + DAY))
    assert (_last(log).status, _last(log).reason) == ("cancelled", "its season ended on 2023-11-16")


def test_a_closed_shop_gives_nothing(log: Log) -> None:
    log.tell(LocationDefined("lyon", "store", 0, retired=True))
    settle(log, [Shop("paris", 4), LYON, NICE])
    log.tell(log.sale(4, START + HOUR))
    assert [fact.origin for fact in log.said(Transfer)] == ["nice"]


@pytest.mark.parametrize("gone", ["sold", "retired"])
def test_another_donor_is_asked_at_once(log: Log, gone: str) -> None:
    first = _open(log, LYON, NICE)
    assert list(inputs_of(first).rejected_donors) == ["nice"]
    facts = log.tell(
        log.sale(59, START + 2 * HOUR, "lyon")
        if gone == "sold"
        else LocationDefined("lyon", "store", START + 2 * HOUR, retired=True)
    )
    said = [(fact.origin, fact.status) for fact in facts if isinstance(fact, Transfer)]
    assert said == [("lyon", "cancelled"), ("nice", "proposed")]
    assert len(log.at().transfers) == 1
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))


def test_a_donor_that_swings_is_not_asked_with_every_count(log: Log) -> None:
    _open(log)
    for hour in range(2, 14):
        units = 59 if hour % 2 else 3
        log.tell(log.measured("count", units, START + hour * HOUR, "lyon"), log.sale(1, START + hour * HOUR))
    assert [fact.status for fact in log.said(Transfer)] == ["proposed", "cancelled"]


@pytest.mark.parametrize(
    ("news", "reason"),
    [
        (("count", 3, "lyon"), "lyon has 3 left and would sell them itself"),
        (("count", 0, "lyon"), "lyon has none to spare any more"),
        (("count", 60, "paris"), "the need is gone: 60 there, 0 to come by itself"),
    ],
)
def test_the_reason_is_the_end_that_changed(log: Log, news: tuple[str, int, str], reason: str) -> None:
    _open(log)
    kind, units, where = news
    log.tell(log.measured(kind, units, START + 2 * HOUR, where))
    assert (_last(log).status, _last(log).reason) == ("cancelled", reason)


def test_a_few_that_do_not_pay_for_the_trip_are_called_so(log: Log) -> None:
    """Of 12 that are left Lyon sells 7 or so itself, and five times 30 is less than the trip."""
    settle(log, [Shop("paris", 4), LYON], trip=200.0)
    log.tell(log.sale(4, START + HOUR))
    log.tell(log.measured("count", 12, START + 2 * HOUR, "lyon"))
    assert _last(log).reason.startswith("lyon has 12 left, and the ")
    assert _last(log).reason.endswith(" it would give do not pay for the trip")


def _withdrawn(log: Log, *donors: Shop) -> Transfer:
    transfer = _open(log, *donors)
    log.tell(log.measured("count", 3, START + 2 * HOUR, "lyon"))
    assert next(fact for fact in reversed(log.said(Transfer)) if fact.origin == "lyon").status == "cancelled"
    return transfer


@pytest.mark.parametrize("status", ["acknowledged", "shipped"])
def test_an_erp_that_sends_what_was_withdrawn_is_believed(log: Log, status: str) -> None:
    transfer = _withdrawn(log)
    log.tell(_answer(transfer, status))
    said = _last(log)
    assert (said.order_id, said.status, _coming(log)) == (transfer.order_id, status, 33)
    assert said.reason == f"{status} by the ERP; it was withdrawn too late"
    log.tell(log.moved("receipt", 60, START + 4 * HOUR))
    assert _last(log).status == status, "it has the last word"
    way = {"order_id": transfer.order_id}
    log.tell(log.moved("transfer_out", -33, START + 5 * HOUR, "lyon", counterpart="paris", **way))
    log.tell(log.moved("transfer_in", 33, START + DAY, counterpart="lyon", **way))
    assert (_last(log).status, log.at().transfers, log.at().withdrawn) == ("received", [], [])


@pytest.mark.parametrize("days", [1, 31, 34])
def test_goods_that_leave_tell_it_too_for_a_month(log: Log, days: int) -> None:
    transfer = _withdrawn(log)
    log.tell(log.measured("count", 0, START + 3 * HOUR, "lyon"))
    for day in range(1, days + 1):
        log.tell(Tick(START + day * DAY))
    way = {"counterpart": "paris", "order_id": transfer.order_id}
    log.tell(log.moved("transfer_out", -33, START + days * DAY + HOUR, "lyon", **way))
    assert _coming(log) == (33 if days <= 31 else 0)
    assert (transfer.order_id in log.state.orders) == (days <= 31)
    if days <= 31:
        assert _last(log).reason == "33 units shipped by lyon; it was withdrawn too late"


def test_units_that_came_of_it_in_part_are_followed_by_the_rest(log: Log) -> None:
    transfer = _withdrawn(log)
    log.tell(log.moved("transfer_in", 20, START + DAY, counterpart="lyon", order_id=transfer.order_id))
    assert (log.at().ledger.on_hand, _coming(log), _last(log).status) == (20, 13, "shipped")


def test_what_was_proposed_instead_goes_when_the_first_comes_after_all(log: Log) -> None:
    transfer = _withdrawn(log, LYON, NICE)
    assert (_last(log).origin, _last(log).status) == ("nice", "proposed")
    log.tell(_answer(transfer, "acknowledged"))
    assert [(one.origin, one.status) for one in log.at().transfers] == [("lyon", "acknowledged")]
    assert _last(log).reason == "the need is gone: 0 there, 33 to come by itself"


def test_an_erp_that_confirms_the_end_cannot_send_it_after(log: Log) -> None:
    transfer = _withdrawn(log)
    log.tell(_answer(transfer, "cancelled"))
    assert log.tell(_answer(transfer, "acknowledged")) == []
    assert (log.at().withdrawn, _coming(log)) == ([], 0)


@pytest.mark.parametrize("end", ["reject", "silence"])
def test_what_a_person_rejected_or_nobody_answered_may_leave_all_the_same(log: Log, end: str) -> None:
    transfer = _open(log)
    if end == "reject":
        log.tell(ApprovalGiven(transfer.order_id, "reject", 0, "ann"))
    else:
        log.tell(log.reserved(0, START + HOUR), *(Tick(START + day * DAY) for day in range(1, 5)))
    assert transfer.order_id not in {one.order_id for one in log.at().transfers}
    log.tell(_answer(transfer, "shipped", hour=100))
    assert transfer.order_id in {one.order_id for one in log.at().transfers}


def test_a_verdict_on_another_revision_is_passed_over(log: Log) -> None:
    transfer = _open(log)
    log.tell(log.moved("write_off", -45, START + 2 * HOUR, "lyon"))
    amended = _last(log)
    assert (amended.status, amended.revision) == ("amended", 2)
    log.tell(ApprovalGiven(transfer.order_id, "accept", START + 3 * HOUR, "eve", revision=1))
    assert _last(log) == amended
    log.tell(ApprovalGiven(transfer.order_id, "accept", START + 3 * HOUR, "eve", revision=2))
    assert (_last(log).status, _last(log).quantity) == ("approved", amended.quantity)


def _limit(money: float) -> RulesChanged:
    return RulesChanged(f"limit-{money:g}", {"approval_limit": money}, 0)


@pytest.mark.parametrize(("limit", "status"), [(702.0, "pending"), (703.0, "proposed"), (0.0, "proposed")])
def test_above_the_limit_it_waits_for_a_person(log: Log, limit: float, status: str) -> None:
    """33 units of 20, 33 for the way and 10 for the trip: 703."""
    log.tell(_limit(limit))
    transfer = _open(log)
    assert transfer.status == status
    assert ("waits for a person" in transfer.reason) == (status == "pending")
    assert _coming(log) == 33, "as an order does, it counts"


@pytest.mark.parametrize(
    ("verdict", "status"), [("accept", "approved"), ("modify", "approved"), ("reject", "rejected")]
)
def test_a_person_decides_about_it(log: Log, verdict: str, status: str) -> None:
    log.tell(_limit(100.0))
    transfer = _open(log)
    log.tell(ApprovalGiven(transfer.order_id, "hold", 0, "ann", reason="ann asks lyon first"))
    assert (_last(log).status, _last(log).revision, _last(log).reason) == ("pending", 1, "ann asks lyon first")
    log.tell(ApprovalGiven(transfer.order_id, verdict, 0, "ann", quantity=9, revision=1))
    said = _last(log)
    assert (said.status, said.revision) == (status, 2)
    assert said.quantity == (9 if verdict == "modify" else 33)
    log.tell(log.sale(1, START + 2 * HOUR, "lyon"), _limit(50.0))
    assert _last(log) == said, "nobody is asked again"


def test_it_follows_a_limit_that_changes(log: Log) -> None:
    transfer = _open(log)
    log.tell(_limit(100.0))
    assert (_last(log).order_id, _last(log).status, _last(log).revision) == (transfer.order_id, "pending", 2)
    assert _last(log).reason == "worth more than 100, the approval limit by now"
    log.tell(_limit(200.0))
    assert _last(log).revision == 2
    log.tell(_limit(5_000.0))
    assert (_last(log).status, _last(log).revision) == ("amended", 3)
    assert _last(log).reason == "worth no more than 5000, the approval limit by now"
    log.tell(_limit(100.0), _limit(0.0))
    assert _last(log).status == "amended"


def test_a_lower_limit_leaves_what_the_erp_took(log: Log) -> None:
    """Nor does it wait for a person when it is made smaller afterwards."""
    transfer = _open(log)
    log.tell(_answer(transfer, "acknowledged", hour=1))
    log.tell(_limit(100.0))
    assert _last(log).status == "acknowledged"
    log.tell(log.moved("write_off", -45, START + 2 * HOUR, "lyon"))
    log.tell(log.reserved(0, START + 2 * HOUR), log.sale(1, START + 3 * HOUR, "lyon"))
    assert {fact.status for fact in log.said(Transfer)} == {"proposed", "acknowledged", "amended"}


def test_what_is_made_smaller_below_the_limit_is_released(log: Log) -> None:
    log.tell(_limit(400.0))
    transfer = _open(log)
    assert transfer.status == "pending"
    log.tell(log.moved("write_off", -45, START + 2 * HOUR, "lyon"))
    assert (_last(log).status, _last(log).quantity * 20 < 400) == ("amended", True)


def _of_one(gain: float) -> Log:
    told = Log()
    told.tell(RulesChanged("r", {"transfer_least_gain": gain}, 0))
    settle(told, [Shop("paris", 4), LYON])
    told.tell(told.sale(4, START + HOUR))
    return told


def test_none_is_proposed_that_earns_less_than_it_has_to() -> None:
    """It earns 717.44 less 43."""
    (transfer,) = _of_one(0.0).said(Transfer)
    net = transfer.expected_gain - transfer.expected_cost
    assert net == pytest.approx(674.44, abs=0.01)
    assert len(_of_one(net - 0.02).said(Transfer)) == 1
    assert not _of_one(net + 0.02).said(Transfer)

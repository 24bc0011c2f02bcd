"""Transfers that are held out: drawn from their ids, sent by nobody, judged as if they had been sent."""

from collections.abc import Iterator
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.rules import STATE_VERSION
from inventory.transfers import day_end, holdout, outcomes, proposals
from inventory.transfers.holdout import is_drawn
from schemas import observations as log_
from schemas.facts import Transfer, TransferOutcome
from schemas.observations import ItemDefined, LaneDefined, RulesChanged, SupplierDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all
from tests.inventory.transfers import Shop, settle

A_DAY = 4


@pytest.fixture
def all_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is drawn from is held out."""
    for where in (proposals, day_end):
        monkeypatch.setattr(where, "is_drawn", lambda _, share: share > 0.0)


def _log(share: float = 0.5) -> Log:
    log = Log()
    log.tell(RulesChanged("r", {"transfer_holdout_share": share}, 0))
    return log


def _short(log: Log, spare: int = 50) -> None:
    """Paris sells its last; the supplier takes 7 days and the lane one: six days to sell in."""
    settle(log, [Shop("paris", A_DAY), Shop("lyon", spare + 1)])
    log.tell(log.sale(A_DAY))


def _pass(log: Log, days: range, at_lyon: int = 0, at_paris: int = 0) -> None:
    for day in days:
        at_ms = START + day * DAY + 12 * HOUR
        for location, units in (("lyon", at_lyon), ("paris", at_paris)):
            sold = min(units, log.at(location).ledger.on_hand)
            if sold > 0:
                log.tell(log.sale(sold, at_ms, location))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))


def _outcomes(log: Log) -> tuple[TransferOutcome, ...]:
    return tuple(log.said(TransferOutcome))


def test_shares_are_kept_and_draws_are_nested() -> None:
    """Of 10,000 ids a tenth, give or take four standard deviations; who is drawn stays so with a larger share."""
    ids = [f"{number:08x}" for number in range(10_000)]
    drawn = {share: {one for one in ids if is_drawn(one, share)} for share in (0.0, 0.1, 0.3, 0.5)}
    assert not drawn[0.0]
    assert abs(len(drawn[0.1]) - 1_000) < 4 * 30
    assert drawn[0.1] < drawn[0.3] < drawn[0.5]


@pytest.mark.usefixtures("all_held")
def test_what_is_held_out_is_no_order_and_takes_nothing() -> None:
    log = _log()
    _short(log)
    assert log.said(Transfer) == []
    (said,) = _outcomes(log)
    assert (said.held_out, said.judged, said.origin, said.destination) == (True, False, "lyon", "paris")
    assert said.reason == "sold out before the supplier could deliver; it is worth less at lyon"
    assert said.expected_gain == pytest.approx(717.4, abs=0.2)
    assert (said.proposed_units, said.shipped_units, said.received_units) == (33, 0, 0)
    assert log.at().transfers == [], "nothing is on its way"
    assert log.state.on_lane == {}
    assert said.order_id not in log.state.orders


@pytest.mark.usefixtures("all_held")
def test_nothing_else_is_proposed_there_until_it_is_judged() -> None:
    """Neither at once nor at a day's end, nor from the donor that comes second; afterwards it may be."""
    log = _log()
    log.tell(LaneDefined("nice", "paris", 0, 1.0, 1.0, 10.0))
    settle(log, [Shop("paris", A_DAY), Shop("lyon", 51), Shop("nice", 40)])
    log.tell(log.sale(A_DAY))
    _pass(log, range(7))
    assert [said.judged for said in _outcomes(log)] == [False]
    until = _outcomes(log)[0].held_until
    assert until is not None
    assert until.timestamp() * 1000 == START + 8 * DAY
    _pass(log, range(7, 9))
    held, judged, *after = _outcomes(log)
    assert (judged.order_id, judged.judged) == (held.order_id, True)
    assert all(said.order_id != held.order_id for said in after)
    assert after, "Paris is short still: the next is planned, and held out as well"


@pytest.mark.usefixtures("all_held")
def test_judged_late_it_does_not_end_the_hold_of_the_next() -> None:
    """Where days end late, as tills are read late, the first hold is over and another one has begun."""
    log = _log()
    _short(log)
    log.at().held_until_ms = later = _hold_of(_outcomes(log)[0]) + 4 * DAY
    _pass(log, range(9))
    assert [said.judged for said in _outcomes(log)] == [False, True]
    assert log.at().held_until_ms == later


@pytest.mark.usefixtures("all_held")
def test_what_would_have_sold_is_what_was_asked_for_and_not_there() -> None:
    """Paris sells nothing for seven days; what the learner says was asked for would have been sold of 33 units."""
    log = _log()
    _short(log)
    _pass(log, range(8))
    _, said = _outcomes(log)[:2]
    assert (said.shipped_units, said.received_units, said.days) == (33, 33, 6)
    assert said.destination_sold_units == 0
    assert 0.0 < said.sold_units == pytest.approx(min(said.destination_demand_units, 33.0))
    assert said.earned == pytest.approx(30.0 * said.sold_units, abs=0.01)
    assert said.destination_expected_units == pytest.approx(6 * A_DAY, rel=0.01), "without the day they came"
    assert log.state.core.realised == {}, "what did not happen teaches nothing"


@pytest.mark.usefixtures("all_held")
@pytest.mark.parametrize("why", ["told", "retired"])
def test_where_nobody_can_buy_nothing_would_have_been_sold(why: str) -> None:
    """Paris is closed for the whole week, or given up, before the units would have come."""
    log = _log()
    _short(log)
    days = {"starts_at_ms": START + HOUR, "until_ms": START + 10 * DAY}
    log.tell(
        log_.Signal("closed", 1.0, START + HOUR, location="paris", **days)
        if why == "told"
        else log_.LocationDefined("paris", "store", 0, retired=True)
    )
    _pass(log, range(8))
    said = next(said for said in _outcomes(log) if said.judged)
    assert (said.received_units, said.destination_demand_units, said.sold_units) == (33, 0.0, 0.0)


@pytest.mark.usefixtures("all_held")
def test_what_the_donor_sold_of_them_would_have_been_lost() -> None:
    """Lyon keeps 14 and gives 20; it sells 6 a day, all of its 34, and would have had 14 to sell."""
    log = _log()
    _short(log, spare=34)
    (held,) = _outcomes(log)
    assert held.proposed_units == 20
    _pass(log, range(1), 0)
    _pass(log, range(1, 8), at_lyon=6)
    said = _outcomes(log)[1]
    assert said.lost_units == 20.0


@pytest.mark.usefixtures("all_held")
def test_where_the_donor_has_none_left_nothing_is_compared() -> None:
    log = _log()
    _short(log)
    log.tell(log.measured("count", 0, START + 10 * HOUR, "lyon"))
    _pass(log, range(1))
    said = _outcomes(log)[1]
    assert (said.judged, said.shipped_units, said.sold_units, said.earned) == (True, 0, 0.0, 0.0)
    assert log.state.core.moved == {}
    assert log.at().held_until_ms == -1


@pytest.mark.usefixtures("all_held")
def test_what_is_pushed_out_by_others_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more than can be followed the oldest ends, compared with nothing, and its place is free again."""
    monkeypatch.setattr(outcomes, "_MOST", 1)
    log = _log()
    _short(log)
    _pass(log, range(2))
    assert log.state.core.moved[_outcomes(log)[0].order_id].received == 33, "half of it is judged already"
    settle(log, [Shop("paris", A_DAY), Shop("lyon", 51)], sku="jeans-34")
    log.tell(log.sale(A_DAY, START + 2 * DAY, sku="jeans-34"))
    first, over, second = _outcomes(log)
    assert (first.sku, over.order_id, over.sku, second.sku) == ("jeans-32", first.order_id, "jeans-32", "jeans-34")
    assert (over.held_out, over.judged, second.judged) == (True, True, False)
    assert (over.shipped_units, over.received_units, over.sold_units, over.earned) == (0, 0, 0.0, 0.0)
    assert list(log.state.core.moved) == [second.order_id]
    assert (log.at().held_until_ms, log.at(sku="jeans-34").held_until_ms) == (-1, _hold_of(second))


def _hold_of(said: TransferOutcome) -> int:
    """Judging may take five days more."""
    assert said.held_until is not None
    return int(said.held_until.timestamp() * 1000) + 5 * DAY


def _sent_or_held(share: float, wanted: list[int], donor_wanted: list[int], receipt_day: int) -> TransferOutcome:
    """The same days, with goods sent or held out; demand comes at noon, and is what there is of ``wanted``."""
    log = _log(share)
    _short(log, spare=40)
    if share == 0.0:
        transfer = log.said(Transfer)[-1]
        named = {"order_id": transfer.order_id}
        log.tell(log.moved("transfer_out", -transfer.quantity, START + 20 * HOUR, "lyon", counterpart="paris", **named))
    log.tell(Tick(START + DAY + HOUR))
    if share == 0.0:
        came = START + DAY + 2 * HOUR
        log.tell(log.moved("transfer_in", transfer.quantity, came, counterpart="lyon", **named))
    for day in range(1, 8):
        if day == receipt_day:
            log.tell(log.moved("receipt", 5, START + day * DAY + 3 * HOUR))
        for location, units in (("paris", wanted[day - 1]), ("lyon", donor_wanted[day - 1])):
            sold = min(units, log.at(location).ledger.on_hand)
            if sold:
                log.tell(log.sale(sold, START + day * DAY + 12 * HOUR, location))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))
    return next(said for said in log.said(TransferOutcome) if said.judged)


_UNITS = st.lists(st.integers(0, 6), min_size=7, max_size=7)


@settings(max_examples=25, deadline=None)
@given(_UNITS, _UNITS, st.integers(1, 9))
def test_sent_or_held_out_it_comes_to_the_same_where_demand_is_the_same(
    wanted: list[int], donor_wanted: list[int], receipt_day: int
) -> None:
    """What the learner makes of a day differs with what could be seen of it, so both are told what was asked for."""
    with pytest.MonkeyPatch.context() as patched:
        for where in (proposals, day_end):
            patched.setattr(where, "is_drawn", lambda _, share: share > 0.0)
        truth = {"paris": wanted, "lyon": donor_wanted}
        patched.setattr("inventory.transfers.outcomes._asked_for", _told(truth))
        sent = _sent_or_held(0.0, wanted, donor_wanted, receipt_day)
        held = _sent_or_held(0.5, wanted, donor_wanted, receipt_day)
    same = ("proposed_units", "shipped_units", "received_units", "sold_units", "lost_units", "earned", "expected_gain")
    same += ("expected_cost", "days", "arrived_at", "destination_expected_units")
    assert [getattr(sent, name) for name in same] == [getattr(held, name) for name in same]
    assert (sent.held_out, held.held_out) == (False, True)
    assert "-0.0" not in (str(held.sold_units), str(held.lost_units)), "nothing has no sign"


def _told(truth: dict[str, list[int]]) -> object:
    first = START // DAY

    def asked_for(_turn: object, judgement: object, _sku: str, location: str) -> float:
        day = judgement.day - first  # type: ignore[attr-defined]
        return float(truth[location][day - 1]) if 1 <= day <= 7 else 0.0

    return asked_for


def _history(seed: int) -> Iterator[tuple[log_.Observation, ...]]:
    """Three weeks of four shops and two SKUs, sales, receipts and counts at random."""
    random, log = Random(seed), Log()
    shops = ["paris", "lyon", "nice", "lille"]
    yield (SupplierDefined("mill", 0, lead_time_days=7.0, review_period_days=1.0),)
    for sku in ("a", "b"):
        yield (ItemDefined(sku, "jeans", 0, price=50.0, cost=20.0, supplier="mill"),)
        for shop in shops:
            yield (log.measured("opening", random.choice((0, 3, 60)), location=shop, sku=sku),)
    for origin in shops:
        yield tuple(LaneDefined(origin, other, 0, 1.0, 0.5, 4.0) for other in shops if other != origin)
    for day in range(21):
        for _ in range(12):
            at_ms = START + day * DAY + random.randrange(8, 20) * HOUR
            named = {"location": random.choice(shops), "sku": random.choice("ab")}
            kind = random.random()
            if kind < 0.8:
                yield (log.sale(random.randrange(1, 4), at_ms, **named),)
            elif kind < 0.9:
                yield (log.moved("receipt", random.randrange(1, 9), at_ms, **named),)
            else:
                yield (log.measured("count", random.randrange(0, 30), at_ms, **named),)
        yield (Tick(START + (day + 1) * DAY + HOUR),)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.3, 0.5]))
def test_no_transfer_is_proposed_where_one_is_held_out(seed: int, share: float) -> None:
    log, held = _log(share), dict[tuple[str, str], float]()
    for told in _history(seed):
        for fact in log.tell(*told):
            if isinstance(fact, TransferOutcome) and fact.held_out:
                pair = (fact.sku, fact.destination)
                assert (pair in held) == fact.judged, "held out once, then judged"
                if fact.judged:
                    del held[pair]
                else:
                    assert fact.held_until is not None
                    assert is_drawn(fact.order_id, share)
                    held[pair] = fact.held_until.timestamp() * 1000
            elif isinstance(fact, Transfer) and fact.revision == 1:
                assert not is_drawn(fact.order_id, share)
                until = held.get((fact.sku, fact.destination), 0.0)
                assert log.state.core.clock_ms >= until or until == 0.0
    for sku in log.state.skus.values():
        for location, stock in sku.locations.items():
            assert len(stock.transfers) <= 1 or any(one.overdue for one in stock.transfers)
            assert not (stock.transfers and holdout.is_held_out(stock, log.state.core.clock_ms)), location


@pytest.mark.parametrize("seed", range(3))
def test_a_share_of_none_changes_nothing(seed: int) -> None:
    """Byte by byte, beside rules that do not know of it."""

    def said(rules: dict[str, float | str | bool]) -> list[bytes]:
        log = Log()
        log.tell(RulesChanged("r", rules, 0))
        facts = [fact for told in _history(seed) for fact in log.tell(*told)]
        assert any(isinstance(fact, Transfer) for fact in facts)
        return [msgspec.json.encode(fact) for fact in facts]

    assert said({"transfer_holdout_share": 0.0}) == said({})


@pytest.mark.parametrize("seed", range(3))
def test_the_log_says_it_again_and_stored_halves_say_the_same(seed: int) -> None:
    log = _log(0.4)
    for told in _history(seed):
        log.tell(*told)
    assert any(said.held_out and said.judged for said in log.said(TransferOutcome))
    whole = fold_all(log.messages)
    assert fold_all(log.messages, store_after=frozenset(range(0, len(log.messages), 7))) == whole
    assert STATE_VERSION >= 17


def test_a_trip_pays_without_what_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two SKUs share a trip that neither pays for alone: with one held out the other stays at home too."""
    monkeypatch.setattr(day_end, "is_drawn", lambda order_id, share: share > 0.0 and order_id == "a")
    monkeypatch.setattr(day_end, "new_order_id", lambda _turn, sku, _destination: sku)
    way = day_end.Way("lyon", "paris", 1.0, 0.0, 10.0)
    moves = [day_end._Move("lyon", "paris", sku, 1, 6.0, 5.0, 2, 4.0) for sku in "ab"]

    class _Rules:
        transfer_holdout_share, transfer_least_gain = 0.5, 0.0

    class _Turn:
        rules = _Rules()

    assert day_end._sent(_Turn(), moves, [way]) == moves[:1]  # type: ignore[arg-type]  # what it asks for
    dear = [move._replace(gain=16.0) for move in moves]
    held, sent = day_end._sent(_Turn(), dear, [way])  # type: ignore[arg-type]
    assert held == dear[0]
    assert (sent.sku, sent.fixed_cost, sent.sharing) == ("b", 10.0, 1)

"""Where the world leaves what a belief expects: it must find its way back, and say which device fails."""

import itertools
from random import Random

import pytest

from inventory.stock.belief import Belief, chances, empty, likeliest, mean
from schemas.facts import Alert, Reorder, StockBelief, StockLevel, Task
from schemas.observations import DeviceReported, ItemDefined, ItemsSeen, TagSeen, Tick
from tests.inventory.logs import DAY, HOUR, START, Log

OTHERS = [f"shirt-{number}" for number in range(8)]
LOUD, STRAY, FAINT = -50.0, -62.0, -80.0


class Store:
    """A floor with eight other styles of eight tags each, swept daily, and the SKU under test, a style of its own."""

    def __init__(self, count: int) -> None:
        self.log, self.random, self.day = Log(), Random(3), 0
        self.mine = tuple(f"mine-{number}" for number in range(count))
        for sku in (*OTHERS, "jeans-32"):
            style = "jeans" if sku == "jeans-32" else sku
            self.log.tell(ItemDefined(sku, style, START - DAY, price=50.0, cost=20.0))
        for sku in OTHERS:
            tags = tuple(f"{sku}-{number}" for number in range(8))
            self.log.tell(self.log.measured("opening", 8, zone="sales_floor", epcs=tags, sku=sku, style=sku))
        if count:
            self.log.tell(self.log.measured("opening", count, zone="sales_floor", epcs=self.mine))

    @property
    def belief(self) -> Belief:
        return self.log.at().belief

    @property
    def now(self) -> int:
        return START + self.day * DAY

    def sweep(self, tags: tuple[str, ...], rate: float = 0.95, reader: str = "r1") -> None:
        """A day later a sweep hears these and most of the others."""
        self.day += 1
        for sku in OTHERS:
            self.hear(reader, sku, sku, [f"{sku}-{n}" for n in range(8) if self.random.random() < rate])
        self.hear(reader, "jeans-32", "jeans", list(tags))
        self.end_sweep(reader, "sales_floor")

    def hear(
        self, reader: str, sku: str, style: str, tags: list[str], dbm: float = LOUD, zone: str = "sales_floor"
    ) -> None:
        heard = tuple(TagSeen(tag, 1, dbm, self.now, self.now) for tag in tags)
        if heard:
            self.log.tell(ItemsSeen(self.log.key(), "paris", sku, style, zone, reader, self.now, heard))

    def end_sweep(self, reader: str, zone: str, tags_heard: int = 0) -> None:
        self.log.tell(DeviceReported("paris", zone, reader, "reader", "sweep_ended", self.now, "", tags_heard))

    def sweeps(self, times: int, tags: tuple[str, ...], **more: object) -> None:
        for _ in range(times):
            self.sweep(tags, **more)  # type: ignore[arg-type]

    def alerts(self, kind: str) -> list[str]:
        """States of the alerts of a kind as they were said, repetitions left out."""
        states = [alert.state for alert in self.log.said(Alert) if alert.kind == kind]
        return [state for state, _ in itertools.groupby(states)]


def test_units_found_end_a_phantom_and_answer_the_task() -> None:
    store = Store(2)
    for day in range(10):
        store.log.tell(store.log.sale(1, START + day * DAY + HOUR), store.log.moved("receipt", 1, START + day * DAY))
    store.sweeps(12, ())
    assert empty(store.belief) > 0.6
    store.log.tell(store.log.measured("count", 2, store.now + HOUR))
    assert empty(store.belief) < 0.2
    assert likeliest(store.belief) == 2
    assert store.alerts("phantom_stock") == ["firing", "resolved"]
    assert [task.status for task in store.log.said(Task) if task.kind == "look"] == ["open", "done"]


def test_a_phantom_that_is_heard_again_ends_at_once_and_its_task_with_the_same_number() -> None:
    """It has a hysteresis of its own, so it does not stay open for hours at a probability that nobody believes in."""
    store = Store(2)
    for day in range(10):
        store.log.tell(store.log.sale(1, START + day * DAY + HOUR), store.log.moved("receipt", 1, START + day * DAY))
    store.sweeps(12, ())
    store.log.tell(store.log.sale(2, store.now + HOUR))
    store.log.tell(store.log.moved("receipt", 4, store.now + HOUR))
    ended = [alert for alert in store.log.said(Alert) if alert.kind == "phantom_stock"][-1]
    task = [task for task in store.log.said(Task) if task.kind == "look"][-1]
    assert (ended.state, task.status) == ("resolved", "cancelled")
    assert f"{ended.probability:.2f}" in ended.summary
    assert task.reason.endswith(f"{ended.probability:.2f}")
    assert ended.occurred_at == task.occurred_at


def test_a_sale_takes_the_task_back_since_nobody_looked() -> None:
    store = Store(2)
    for day in range(10):
        store.log.tell(store.log.sale(1, START + day * DAY + HOUR), store.log.moved("receipt", 1, START + day * DAY))
    store.sweeps(12, ())
    store.log.tell(store.log.sale(2, store.now + HOUR))
    assert [task.status for task in store.log.said(Task) if task.kind == "look"] == ["open", "cancelled"]


@pytest.mark.parametrize(("counted", "zone"), [(9, ""), (9, "sales_floor"), (0, "")])
def test_a_count_settles_what_was_believed_otherwise(counted: int, zone: str) -> None:
    store = Store(5)
    store.sweeps(8, store.mine)
    for _ in range(2):
        store.log.tell(store.log.measured("count", counted, store.now + HOUR, zone=zone))
    assert likeliest(store.belief) == counted


def test_what_a_count_finds_missing_was_lost() -> None:
    store = Store(5)
    store.sweeps(3, store.mine)
    before = store.belief.losses.lost
    store.log.tell(store.log.measured("count", 2, store.now + HOUR))
    assert store.belief.losses.lost - before == pytest.approx(3.0, abs=0.3)


@pytest.mark.parametrize("count", [3, 8])
def test_a_style_that_vanishes_at_once_is_no_section_skipped_for_ever(count: int) -> None:
    store = Store(count)
    store.sweeps(10, store.mine)
    store.sweep(())
    assert likeliest(store.belief) == count  # one sweep may have passed it by
    store.sweeps(20, ())
    assert empty(store.belief) > 0.9
    assert store.alerts("phantom_stock") == ["firing"]


def test_a_delivery_that_never_came_is_found_out() -> None:
    store = Store(2)
    store.sweeps(5, store.mine)
    missing = tuple(f"never-{number}" for number in range(8))
    store.log.tell(store.log.moved("receipt", 8, store.now + HOUR, zone="sales_floor", epcs=missing))
    store.sweep(store.mine)
    assert likeliest(store.belief) == 10
    store.sweeps(20, store.mine)
    assert likeliest(store.belief) == 2


def test_units_nobody_booked_are_believed_when_they_are_heard_again_and_again() -> None:
    """One of them may be a second tag of the unit that was booked."""
    store = Store(1)
    store.sweeps(5, store.mine)
    store.sweeps(8, (*store.mine, "other-1", "other-2", "other-3"))
    assert likeliest(store.belief) >= 3


def test_room_for_a_tag_that_is_never_heard_does_not_fill_by_itself() -> None:
    """Strays are heard now and then; a tag that nobody ever heard is none of them, and hardly there the longer."""
    store = Store(4)
    more = tuple(f"more-{number}" for number in range(4))
    store.log.tell(store.log.moved("receipt", 4, START, zone="sales_floor", epcs=more))
    store.sweeps(4, (*store.mine, *more))
    above = sum(chance for units, chance in chances(store.belief).items() if units > 8)
    for _ in range(60):
        for sku in OTHERS:
            store.hear("r1", sku, sku, [f"stray-{sku}-{store.random.randrange(4)}"], STRAY)
        store.sweep((*store.mine, *more))
    assert sum(chance for units, chance in chances(store.belief).items() if units > 8) < above


@pytest.mark.parametrize(("zone", "there"), [("sales_floor", 4), ("back_room", 5)])
def test_a_tag_nobody_named_is_a_second_one_only_if_it_lies_beside_another(zone: str, there: int) -> None:
    store = Store(4)
    for _ in range(8):
        unnamed = ("unnamed",) if zone == "sales_floor" else ()
        store.sweep((*store.mine, *unnamed))
        if not unnamed:
            store.hear("r2", "jeans-32", "jeans", ["unnamed"], LOUD, zone)
            store.end_sweep("r2", zone)
    assert likeliest(store.belief) == there


def test_units_are_lost_between_two_sweeps_too() -> None:
    store = Store(6)
    store.sweeps(4, store.mine)
    before = mean(store.belief)
    for day in range(1, 7):
        store.log.tell(Tick(store.now + day * DAY))
        assert mean(store.belief) < before
        before = mean(store.belief)
    assert likeliest(store.belief) == 6


def test_a_back_room_that_was_carried_to_the_floor_makes_no_reader_deaf() -> None:
    store = Store(0)
    mine = tuple(f"mine-{number}" for number in range(24))
    store.log.tell(store.log.measured("opening", 24, zone="back_room", epcs=mine))
    for left in (24, 24, 24, 2):
        store.sweep(mine[left:])
        store.hear("r2", "jeans-32", "jeans", list(mine[:left]), LOUD, "back_room")
        store.end_sweep("r2", "back_room", left)
    assert not store.log.state.core.places["paris"].readers["r2|back_room"].deaf
    assert likeliest(store.belief) == 24


def test_an_opening_after_the_first_sweep_is_a_count_of_what_it_heard() -> None:
    store = Store(0)
    mine = tuple(f"mine-{number}" for number in range(6))
    store.sweeps(2, mine)
    store.log.tell(store.log.measured("opening", 6, store.now + HOUR))
    assert likeliest(store.belief) == 6


def test_a_sale_told_after_the_count_that_missed_it_is_not_taken_twice() -> None:
    store = Store(6)
    store.sweeps(3, store.mine)
    store.log.tell(store.log.measured("count", 5, store.now + 5 * HOUR))
    store.log.tell(store.log.sale(1, store.now + HOUR))
    assert likeliest(store.belief) == 5


@pytest.mark.parametrize("a_day_ended", [False, True])
def test_a_sale_told_after_the_sweep_that_missed_its_tag_is_not_taken_twice(*, a_day_ended: bool) -> None:
    store = Store(6)
    store.sweeps(6, store.mine)
    store.sweeps(4, store.mine[1:])
    assert likeliest(store.belief) == 5
    store.sweep(store.mine[2:])
    if a_day_ended:
        store.log.tell(Tick(store.now - HOUR))
        store.log.tell(Tick(store.now + 12 * HOUR))
    lost = store.belief.losses.lost
    store.log.tell(store.log.sale(1, store.now - HOUR))
    if likeliest(store.belief) == 4:
        assert store.belief.losses.lost < lost + 0.1
    store.sweeps(2, store.mine[2:])
    assert likeliest(store.belief) == 4


def test_a_faint_read_at_the_exit_takes_no_unit() -> None:
    store = Store(4)
    store.sweeps(3, store.mine)
    for dbm, left in ((FAINT, 4), (LOUD, 3)):
        tags = (TagSeen(store.mine[0], 1, dbm, store.now + HOUR, store.now + HOUR),)
        store.log.tell(ItemsSeen(store.log.key(), "paris", "jeans-32", "jeans", "exit", "door", store.now + HOUR, tags))
        assert likeliest(store.belief) == left


def test_a_reader_that_suddenly_hears_half_is_a_device_fault_and_not_theft() -> None:
    store = Store(6)
    store.sweeps(6, store.mine)
    store.sweep(store.mine[:2], rate=0.4)
    assert store.alerts("reader_deaf") == ["firing"]
    assert next(alert for alert in store.log.said(Alert)).starts_at.timestamp() * 1000 == store.now
    assert store.log.said(StockBelief)[-1].blind_devices == "r1"
    store.sweeps(2, store.mine)
    store.log.tell(Tick(store.now), Tick(store.now + HOUR))
    assert store.alerts("reader_deaf") == ["firing", "resolved"]
    assert not store.belief.blind


def test_stock_sent_away_by_the_books_makes_no_reader_deaf() -> None:
    store = Store(4)
    store.sweeps(6, store.mine)
    for sku in OTHERS:
        gone = tuple(f"{sku}-{number}" for number in range(8))
        out = store.log.moved("transfer_out", -8, store.now + HOUR, sku=sku, style=sku, epcs=gone)
        store.log.tell(out)
    store.day += 1
    store.hear("r1", "jeans-32", "jeans", list(store.mine))
    store.log.tell(DeviceReported("paris", "sales_floor", "r1", "reader", "sweep_ended", store.now, "", 4))
    assert not store.alerts("reader_deaf")


def test_a_reader_that_was_replaced_leaves_nobody_blind() -> None:
    store = Store(4)
    store.sweeps(6, store.mine)
    store.sweep((), rate=0.0)
    assert store.belief.blind
    store.sweep(store.mine, reader="r2")
    assert not store.belief.blind


def test_orders_say_that_a_reader_was_off_when_they_were_decided() -> None:
    store = Store(3)
    store.sweeps(5, store.mine)
    store.log.tell(DeviceReported("paris", "sales_floor", "r1", "reader", "disconnected", store.now + HOUR))
    assert store.belief.blind
    for hour in range(2, 5):
        store.log.tell(store.log.sale(1, store.now + hour * HOUR))
    orders = [order for order in store.log.said(Reorder) if order.sku == "jeans-32" and order.inputs]
    assert all(order.inputs and order.inputs.blind_devices == "r1" for order in orders if order.occurred_at.hour > 1)


def test_nobody_misses_a_reader_at_night() -> None:
    """It swept by the hour until closing; at night nothing is sold. The next day it stays away while the tills sell."""
    store, at_ms = Store(3), START
    for hour in range(9, 19):
        at_ms = START + hour * HOUR
        store.log.tell(store.log.sale(1, at_ms, sku=OTHERS[0], style=OTHERS[0]))
        store.log.tell(DeviceReported("paris", "sales_floor", "r1", "reader", "sweep_ended", at_ms, "", 5))
    for hour in range(19, 33):
        store.log.tell(Tick(START + hour * HOUR))
    assert not store.alerts("device_silent")
    store.log.tell(store.log.sale(1, START + 34 * HOUR, sku=OTHERS[0], style=OTHERS[0]), Tick(START + 34 * HOUR))
    assert store.alerts("device_silent") == ["firing"]


def looks(store: Store, counts: list[int], facings: int = 1, partition_sku: str = "jeans-32") -> None:
    for number, count in enumerate(counts):
        for facing in range(facings):
            look = store.log.measured(
                "camera",
                count,
                START + number * HOUR,
                device="cam",
                facing=f"f{facing}",
                confidence=0.9,
                capacity=6,
                sku=partition_sku,
            )
            store.log.tell(look)


def test_a_picture_that_does_not_change_is_stuck_however_few_looks_at_many_facings_are_not() -> None:
    store = Store(5)
    looks(store, [3, 3], facings=10)
    assert not store.alerts("camera_stuck")
    looks(Store(5), [4, 3, 4, 4, 3, 4] * 5)
    store = Store(5)
    looks(store, [3] * 30)
    assert store.alerts("camera_stuck") == ["firing"]
    looks(store, [4])
    store.log.tell(Tick(store.now), Tick(store.now + DAY))
    assert store.alerts("camera_stuck") == ["firing", "resolved"]


def test_a_covered_camera_is_stuck_too() -> None:
    store = Store(6)
    store.sweeps(4, store.mine)
    looks(store, [0] * 12)
    assert store.alerts("camera_stuck") == ["firing"]


def test_another_partition_notices_its_own_cameras() -> None:
    log = Log(partition=1)
    log.tell(log.measured("opening", 5, zone="sales_floor"))
    for number in range(30):
        look = log.measured("camera", 3, START + number * HOUR, device="cam", facing="f", confidence=0.9, capacity=6)
        log.tell(look)
    assert {alert.kind for alert in log.said(Alert)} == {"camera_stuck"}


def test_where_no_device_looks_silence_tells_of_a_phantom() -> None:
    """It sold two a day; then nothing for weeks, while the place sells on."""
    log = in_silence()
    alerts = [alert for alert in log.said(Alert) if alert.kind == "phantom_stock"]
    assert alerts
    assert alerts[-1].state == "firing"
    assert alerts[-1].probability is not None
    assert alerts[-1].probability > 0.6
    assert log.at().ledger.on_hand == 20


def in_silence(days: int = 40) -> Log:
    """Nobody looks: two jeans a day were sold for 20 days, then none, while the place sells on; 20 are in the book."""
    log = Log()
    for sku in ("jeans-32", "shirt"):
        log.tell(ItemDefined(sku, sku.partition("-")[0], START - DAY, price=50.0, cost=20.0))
        log.tell(log.measured("opening", 60, sku=sku, style=sku.partition("-")[0]))
    for day in range(days):
        now = START + day * DAY
        log.tell(log.sale(1, now + HOUR, sku="shirt", style="shirt"), Tick(now + HOUR))
        if day < 20:
            log.tell(log.sale(2, now + 2 * HOUR), Tick(now + 2 * HOUR))
    return log


def is_as_said(log: Log, sku: str = "jeans-32") -> bool:
    """Whether people were told what is believed now."""
    told = [fact for fact in log.said(StockBelief) if fact.sku == sku]
    stock = log.at(sku=sku)
    known = chances(stock.belief)
    return (
        told[-1].book_units == stock.ledger.on_hand
        and told[-1].likeliest_units == max(known, key=known.__getitem__)
        and abs(told[-1].probability_empty - known.get(0, 0.0)) <= 0.1001
    )


def phantom_now(log: Log) -> str:
    of_jeans = (alert.state for alert in log.said(Alert) if (alert.kind, alert.sku) == ("phantom_stock", "jeans-32"))
    return list(of_jeans)[-1]


def test_what_was_said_in_silence_is_kept_true_when_it_is_over() -> None:
    log = in_silence()
    assert log.said(StockBelief)[-1].probability_empty > 0.6
    log.tell(log.moved("receipt", 30, START + 40 * DAY))
    log.tell(log.sale(1, START + 40 * DAY + HOUR), Tick(START + 40 * DAY + HOUR))
    assert phantom_now(log) == "resolved"
    assert is_as_said(log)
    assert log.said(StockBelief)[-1].likeliest_units >= 29
    for day in range(41, 70):
        now = START + day * DAY
        log.tell(log.sale(1, now + HOUR, sku="shirt", style="shirt"), Tick(now + HOUR))
        if day % 3:
            log.tell(log.sale(1, now + 2 * HOUR), Tick(now + 2 * HOUR))
        assert is_as_said(log)


def test_a_belief_that_stays_as_it_is_is_not_said_again() -> None:
    """Sure of an empty shelf the days pass: nothing changes any more, and nothing is said."""
    log = in_silence(70)
    before = len(log.facts)
    for day in range(70, 100):
        log.tell(log.sale(1, START + day * DAY + HOUR, sku="shirt", style="shirt"), Tick(START + day * DAY + HOUR))
    of_jeans = [type(fact) for fact in log.facts[before:] if getattr(fact, "sku", "") == "jeans-32"]
    assert StockBelief not in of_jeans
    assert StockLevel not in of_jeans


def test_silence_that_comes_back_is_said_and_raised_again() -> None:
    """One sale after weeks says that there are some after all, however long the silence was."""
    log = in_silence()
    log.tell(log.sale(1, START + 40 * DAY + 2 * HOUR), Tick(START + 40 * DAY + 2 * HOUR))
    assert is_as_said(log)
    assert log.said(StockBelief)[-1].likeliest_units > 10
    assert log.said(StockBelief)[-1].probability_empty < 0.2
    assert phantom_now(log) == "resolved"
    for day in range(41, 80):
        log.tell(log.sale(1, START + day * DAY + HOUR, sku="shirt", style="shirt"), Tick(START + day * DAY + HOUR))
        assert is_as_said(log)
    assert phantom_now(log) == "firing"


def test_beliefs_where_nobody_looks_and_nothing_was_silent_are_not_said() -> None:
    log = in_silence(20)
    assert log.said(StockBelief) == []


def test_counts_that_contradict_the_tills_drive_no_rate_beyond_any_number(log: Log) -> None:
    """Somebody counts ten every ninth day, and forty are sold in between."""
    log.tell(log.measured("opening", 100, START - DAY))
    for day in range(70):
        if day % 9 == 0:
            log.tell(log.measured("count", 10, START + day * DAY + 5 * HOUR))
        log.tell(*(log.sale(1, START + day * DAY + (8 + 2 * number) * HOUR) for number in range(4)))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))
    losses = log.at().belief.losses
    assert losses.expected < 1e6
    assert abs(losses.lost) < 1e6

"""The belief: exact where arithmetic or enumeration gives the answer, and sensible where only the truth does."""

import itertools
from math import e, exp, isclose, prod

import numpy as np
import pytest

from inventory.reports import position_of
from inventory.stock.belief import (
    Belief,
    Chain,
    Held,
    Losses,
    Place,
    Reader,
    Tag,
    Where,
    by_zone,
    chances,
    deliveries,
    detection,
    empty,
    flows,
    likeliest,
    passing,
    quantile,
    zone_of,
)
from inventory.stock.belief import cells as units
from inventory.stock.belief.cells import Parts
from inventory.stock.belief.sweep import sweep
from schemas.facts import Alert, Reorder, StockBelief, StockLevel, Task
from schemas.observations import DeviceReported, ItemsSeen, TagSeen, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

FLOOR_ONLY = [1.0, 0.0, 0.0, 0.0]
LOUD, FAINT = -50.0, -70.0


def where() -> Where:
    return Where(Place(shares=[1.0, 0.0, 0.0, 0.0]), Chain(), Losses())


def epcs(count: int, first: int = 0) -> tuple[str, ...]:
    return tuple(f"tag-{first + number}" for number in range(count))


def stocked(log: Log, count: int, **more: object) -> tuple[str, ...]:
    """An opening of so many tagged units on the floor."""
    tags = epcs(count)
    log.tell(log.measured("opening", count, zone="sales_floor", epcs=tags, **more))
    return tags


def swept(log: Log, tags: tuple[str, ...], at_ms: int, zone: str = "sales_floor", dbm: float = LOUD) -> None:
    """A sweep of a zone that hears these tags."""
    heard = tuple(TagSeen(tag, 1, dbm, at_ms, at_ms) for tag in tags)
    if heard:
        log.tell(ItemsSeen(log.key(), "paris", "jeans-32", "jeans", zone, "r1", at_ms, heard))
    log.tell(DeviceReported("paris", zone, "r1", "reader", "sweep_ended", at_ms, "", len(tags)))


def belief_of(log: Log) -> Belief:
    return log.at().belief


@pytest.mark.parametrize("on_floor", [0, 6])
@pytest.mark.parametrize("units_there", [12, 66])
def test_the_first_sweep_of_one_zone_says_little_of_stock_that_may_be_in_the_other(
    log: Log, units_there: int, on_floor: int
) -> None:
    """Opened without tags, nearly all in the back room; then the readers come, and one zone's sweep ends first."""
    log.tell(log.measured("opening", units_there))
    tags = epcs(units_there)
    swept(log, (), START - HOUR, "fitting_room")
    swept(log, tags[:on_floor], START)
    assert likeliest(belief_of(log)) == pytest.approx(units_there, abs=1)
    assert empty(belief_of(log)) < 0.01
    swept(log, tags[on_floor:], START, "back_room")
    assert likeliest(belief_of(log)) == units_there


@pytest.mark.parametrize("known", [0, 60])
def test_units_that_became_few_enough_to_tell_apart_are_not_taken_for_gone(log: Log, known: int) -> None:
    """Above a hundred single tags are not followed; when twenty were sold, those that are heard are there."""
    tags = epcs(104)
    if known:
        log.tell(log.measured("opening", known, epcs=tags[:known]))
        log.tell(log.moved("receipt", 104 - known))
    else:
        log.tell(log.measured("opening", 104))
    for at_ms in (START, START + HOUR, START + 2 * HOUR):
        swept(log, tags[:6], at_ms)
        swept(log, tags[6:] if at_ms == START else tags[26:], at_ms, "back_room")
        if at_ms == START:
            log.tell(log.sale(20, START + 1))
    assert likeliest(belief_of(log)) == pytest.approx(84, abs=2)


def test_many_units_that_neither_zone_hears_are_gone(log: Log) -> None:
    """Whatever their split, all of them must be in one of two zones."""
    log.tell(log.measured("opening", 20))
    for at_ms in (START, START + HOUR):
        swept(log, epcs(4), at_ms)
        swept(log, epcs(3, 100), at_ms, "back_room")
    assert likeliest(belief_of(log)) == 7


# The cells, against hand arithmetic.


def test_a_unit_that_leaves_is_a_pair_as_often_as_there_are_pairs() -> None:
    """Of eight tagged units one carries two tags: one in eight that leave takes the second tag along."""
    after = units.leave_one({units.code(Parts(8, seconds=1)): 1.0}, 1.0)
    assert after == pytest.approx({units.code(Parts(7, gone_pairs=1)): 1 / 8, units.code(Parts(7, seconds=1)): 7 / 8})


def test_an_untagged_unit_leaves_like_any_other() -> None:
    after = units.leave_one({units.code(Parts(3, untagged=1)): 1.0}, 1.0)
    assert after == pytest.approx({units.code(Parts(3)): 1 / 4, units.code(Parts(2, untagged=1)): 3 / 4})


def test_a_till_that_names_nine_tags_of_ten_makes_an_unnamed_sale_likely_untagged() -> None:
    """Weights 3 x 0.1 tagged against 1 untagged: 1 / 1.3."""
    after = units.leave_one({units.code(Parts(3, untagged=1)): 1.0}, 1.0, tagged_weight=0.1)
    assert after[units.code(Parts(3))] == pytest.approx(1 / 1.3)


def test_nobody_leaves_an_empty_shelf() -> None:
    assert units.leave_one({units.code(Parts(0)): 1.0}, 1.0) == {units.code(Parts(0)): 1.0}


# The sweep, against Bayes' rule and enumeration.


def one_tag(presence: float) -> Belief:
    cells = {units.code(Parts(1)): presence, units.code(Parts(0)): 1.0 - presence}
    return Belief(cells=cells, tags={"tag-0": Tag(presence, list(FLOOR_ONLY), listed=True, home=0)}, at_ms=START)


def test_a_miss_lowers_presence_by_bayes_rule() -> None:
    """FORMULAS.md 3.8: pi' = pi (1 - p) / (pi (1 - p) + 1 - pi), once and again, p as learned of the tag.

    A tag that is not here is heard all the same in 2 of 1,000 sweeps.
    """
    at, reader, belief = where(), Reader(), one_tag(0.9)
    expected = 0.9
    for look in range(2):
        rate = detection.tag_rates(at.chain, reader, np.array([0.0]), np.array([float(look)])).item()
        expected = expected * (1 - rate) / (expected * (1 - rate) + (1 - expected) * 0.998)
        sweep(at, reader, "sales_floor", [Held("jeans", belief, at.losses)], START)
        assert 1.0 - empty(belief) == pytest.approx(expected, rel=1e-6)


def test_the_count_is_that_of_enumerating_every_set_of_tags() -> None:
    """Given their number, tags are independent but for their sum: the posterior of the number, by brute force."""
    presences, heard = [0.88, 0.7, 0.4, 0.85], [True, False, True, False]  # none so sure that it teaches
    prior = {4: 0.2, 3: 0.5, 2: 0.2, 1: 0.1}
    at, reader = where(), Reader()
    tags = {f"tag-{n}": Tag(x, list(FLOOR_ONLY), listed=True, home=0) for n, x in enumerate(presences)}
    belief = Belief(cells={units.code(Parts(n)): p for n, p in prior.items()}, tags=tags, at_ms=START)
    belief.heard = {"sales_floor": {f"tag-{n}": LOUD for n, one in enumerate(heard) if one}}
    rate = detection.tag_rates(at.chain, reader, np.array([0.0]), np.array([0.0])).item()
    shift = detection.section_shift(np.array(presences)[[0, 1, 2, 3]], np.full(4, rate), np.array(heard), 0.05)
    rate = 1 / (1 + (1 / rate - 1) * np.exp(-shift))
    loud, stray = detection.loudness(reader, LOUD)
    present = [rate * loud if one else 1 - rate for one in heard]
    absent = [0.002 * stray if one else 1 - 0.002 for one in heard]
    expected = _enumerated(prior, presences, present, absent)
    sweep(at, reader, "sales_floor", [Held("jeans", belief, at.losses)], START)
    assert chances(belief) == pytest.approx(expected, rel=1e-6)


def _enumerated(
    prior: dict[int, float], presences: list[float], present: list[float], absent: list[float]
) -> dict[int, float]:
    weights: dict[int, list[float]] = {number: [0.0, 0.0] for number in prior}
    for inside in itertools.product([True, False], repeat=len(presences)):
        number = sum(inside)
        if number in weights:
            before = prod(x if one else 1 - x for x, one in zip(presences, inside, strict=True))
            told = prod(p if one else a for p, a, one in zip(present, absent, inside, strict=True))
            weights[number][0] += before
            weights[number][1] += before * told
    posterior = {number: prior[number] * told / before for number, (before, told) in weights.items()}
    whole = sum(posterior.values())
    return {number: posterior[number] / whole for number in sorted(posterior)}


# The log: what a store sees.


def test_papers_and_tills_are_followed(log: Log) -> None:
    stocked(log, 6)
    assert likeliest(belief_of(log)) == 6
    log.tell(log.sale(2), log.moved("receipt", 5, epcs=epcs(5, 10)), log.sale(1, line_type="return"))
    assert likeliest(belief_of(log)) == 10
    assert sum(chances(belief_of(log)).values()) == pytest.approx(1.0)


def test_a_theft_is_noticed_and_silence_alone_is_no_absence(log: Log) -> None:
    tags = stocked(log, 6)
    for day in range(1, 4):
        swept(log, tags, START + day * DAY)
    swept(log, tags[1:], START + 4 * DAY)
    once = likeliest(belief_of(log))
    for day in range(5, 8):
        swept(log, tags[1:], START + day * DAY)
    assert once == 6  # one miss is not absence
    assert likeliest(belief_of(log)) == 5
    assert log.at().ledger.on_hand == 6  # the book does not know


def test_a_reader_that_hears_next_to_nothing_says_nothing_of_the_stock(log: Log) -> None:
    tags = stocked(log, 12)
    for day in range(1, 5):
        swept(log, tags, START + day * DAY)
    before = dict(chances(belief_of(log)))
    swept(log, (), START + 4 * DAY + HOUR)
    assert chances(belief_of(log)) == pytest.approx(before, abs=1e-4)
    assert likeliest(belief_of(log)) == 12
    assert [alert.state for alert in log.said(Alert) if alert.kind == "reader_deaf"] == ["firing"]
    swept(log, tags, START + 5 * DAY)
    log.tell(Tick(START + 5 * DAY), Tick(START + 6 * DAY))
    assert [alert.state for alert in log.said(Alert) if alert.kind == "reader_deaf"] == ["firing", "resolved"]


def test_while_a_reader_is_deaf_decisions_count_with_the_most_there_may_be(log: Log) -> None:
    tags = stocked(log, 12)
    for day in range(1, 4):
        swept(log, tags, START + day * DAY)
    for day in range(4, 7):
        swept(log, tags[:11], START + day * DAY)  # one is not heard: gone, or missed
    assert position_of(log.at()).on_hand == likeliest(belief_of(log)) == 11
    log.tell(log.sale(1, START + 6 * DAY + HOUR))
    swept(log, (), START + 6 * DAY + 2 * HOUR)
    assert likeliest(belief_of(log)) == 10
    assert position_of(log.at()).on_hand == quantile(belief_of(log), 0.995) > 10
    swept(log, tags[:10], START + 7 * DAY)
    assert position_of(log.at()).on_hand == likeliest(belief_of(log))


def test_a_section_nobody_went_to_is_not_theft(log: Log) -> None:
    tags = stocked(log, 12)
    for day in range(1, 5):
        swept(log, tags, START + day * DAY)
    log.tell(DeviceReported("paris", "sales_floor", "r1", "reader", "sweep_ended", START + 5 * DAY, "", 0))
    assert likeliest(belief_of(log)) == 12


def test_a_unit_with_two_tags_is_one_unit(log: Log) -> None:
    tags = epcs(7)
    log.tell(log.measured("opening", 6, zone="sales_floor", epcs=tags))
    for day in range(1, 4):
        swept(log, tags, START + day * DAY)
    assert likeliest(belief_of(log)) == 6
    log.tell(log.sale(1, START + 3 * DAY + HOUR))
    for day in range(4, 8):
        swept(log, tags[2:], START + day * DAY)  # two tags went with one sale: the pair
    assert likeliest(belief_of(log)) == 5


def test_strangers_that_are_faint_and_seldom_are_no_stock(log: Log) -> None:
    tags = stocked(log, 5)
    for day in range(1, 10):
        swept(log, tags, START + day * DAY)
        if day % 3 == 0:
            swept(log, (*tags, f"stranger-{day}"), START + day * DAY + HOUR, dbm=FAINT)
    assert likeliest(belief_of(log)) == 5


def test_one_faint_read_does_not_move_a_unit_to_another_zone(log: Log) -> None:
    tags = stocked(log, 4)
    for day in range(1, 6):
        swept(log, tags, START + day * DAY)
        swept(log, (), START + day * DAY, zone="back_room")
    swept(log, (tags[0],), START + 6 * DAY, zone="back_room", dbm=FAINT)
    assert zone_of(belief_of(log), tags[0]) == "sales_floor"
    assert sum(by_zone(belief_of(log)).values()) == pytest.approx(4, abs=0.3)


def test_a_sale_that_names_its_tag_takes_that_tag(log: Log) -> None:
    tags = stocked(log, 5)
    log.tell(log.sale(1, START, epcs=(tags[2],)))
    assert likeliest(belief_of(log)) == 4
    assert belief_of(log).tags[tags[2]].presence < 0.01
    assert belief_of(log).tags[tags[1]].presence > 0.9


@pytest.mark.parametrize("sold_first", [True, False])
def test_the_exit_and_the_till_speak_of_the_same_unit(log: Log, sold_first: bool) -> None:
    tags = stocked(log, 5)
    sale = log.sale(1, START)
    leaving = ItemsSeen(
        log.key(), "paris", "jeans-32", "jeans", "exit", "door", START + 60_000,
        (TagSeen(tags[0], 1, LOUD, START + 60_000, START + 60_000),),
    )  # fmt: skip
    log.tell(*((sale, leaving) if sold_first else (leaving, sale)))
    assert likeliest(belief_of(log)) == 4
    assert belief_of(log).tags[tags[0]].presence < 0.3


def test_a_tag_that_leaves_unsold_is_missing(log: Log) -> None:
    tags = stocked(log, 5)
    log.tell(
        ItemsSeen(
            log.key(), "paris", "jeans-32", "jeans", "exit", "door", START, (TagSeen(tags[0], 1, LOUD, START, START),)
        )
    )
    assert likeliest(belief_of(log)) == 4


def test_a_reader_that_tells_no_sweeps_sweeps_by_the_hour(log: Log) -> None:
    tags = stocked(log, 6)
    for hour in range(1, 12):
        at_ms = START + hour * HOUR
        heard = tags if hour < 4 else tags[1:]
        seen = tuple(TagSeen(tag, 1, LOUD, at_ms, at_ms) for tag in heard)
        log.tell(ItemsSeen(log.key(), "paris", "jeans-32", "jeans", "sales_floor", "r9", at_ms, seen))
    assert likeliest(belief_of(log)) == 5


def test_a_count_settles_it_and_stock_nobody_told_of_begins_with_the_first_sweep(log: Log) -> None:
    swept(log, epcs(3), START)
    assert likeliest(belief_of(log)) == 3
    log.tell(log.measured("count", 5, START + HOUR))
    assert likeliest(belief_of(log)) == 5


def test_receipts_without_lists_of_tags_work(log: Log) -> None:
    log.tell(log.measured("opening", 4, zone="sales_floor"))
    for day in range(1, 4):
        swept(log, epcs(4), START + day * DAY)
    assert likeliest(belief_of(log)) == 4
    for day in range(4, 9):
        swept(log, epcs(3), START + day * DAY)
    assert likeliest(belief_of(log)) == 3


def test_deliveries_nobody_sweeps_stay_small(log: Log) -> None:
    log.tell(log.measured("opening", 5, zone="sales_floor"))
    for day in range(200):
        log.tell(log.moved("receipt", 3, START + day * DAY), log.sale(3, START + day * DAY + HOUR))
    assert len(belief_of(log).tags) <= 164
    assert likeliest(belief_of(log)) <= 8


def test_thousands_of_units_stay_small(log: Log) -> None:
    log.tell(log.measured("opening", 50_000, zone="sales_floor"))
    for day in range(30):
        log.tell(log.sale(500, START + day * DAY), log.moved("receipt", 400, START + day * DAY))
    belief = belief_of(log)
    assert len(belief.tags) <= 160
    assert len(belief.cells) < 2_000
    assert isclose(likeliest(belief), 50_000 - 30 * 100, rel_tol=0.01)


# What is said and decided.


def test_phantom_stock_is_an_alert_and_a_task_that_a_count_ends(log: Log) -> None:
    tags = stocked(log, 1)
    item = log.at  # the SKU exists from here on
    assert item() is not None
    for day in range(1, 4):
        swept(log, tags, START + day * DAY)
    for day in range(4, 9):
        swept(log, (), START + day * DAY)
    firing = [alert for alert in log.said(Alert) if alert.kind == "phantom_stock"]
    assert {alert.state for alert in firing} == {"firing"}
    assert len({alert.alert_id for alert in firing}) == 1
    assert [alert.probability for alert in firing] == sorted(alert.probability or 0.0 for alert in firing)
    assert log.said(StockBelief)[-1].probability_empty > 0.6
    log.tell(log.measured("count", 0, START + 9 * DAY))
    assert log.said(Alert)[-1].state == "resolved"
    assert {task.status for task in log.said(Task) if task.kind == "look"} <= {"open", "done"}


def test_decisions_rest_on_the_belief_and_the_level_on_the_book(log: Log) -> None:
    tags = stocked(log, 14)
    for day in range(1, 6):
        swept(log, tags[day - 1 :], START + day * DAY)
        log.tell(log.sale(1, START + day * DAY + HOUR, epcs=(tags[day - 1],)))
    for day in range(6, 18):
        swept(log, tags[8:], START + day * DAY)  # three more have gone
    assert log.at().ledger.on_hand == 9
    assert log.said(StockBelief)[-1].likeliest_units == 6
    for number in range(3):
        log.tell(log.sale(1, START + 17 * DAY + (number + 1) * HOUR, epcs=(tags[8 + number],)))
    assert log.said(StockLevel)[-1].on_hand == 6
    assert position_of(log.at()).on_hand == 3
    assert all(order.inputs.on_hand <= order.inputs.book_on_hand for order in log.said(Reorder) if order.inputs)


def looked(log: Log, count: int, look: int) -> None:
    """What the camera of the floor sees of the facing, in the hour ``look``."""
    at_ms = START + look * HOUR
    log.tell(log.measured("camera", count, at_ms, zone="sales_floor", device="cam", facing="F1", capacity=8))


def test_a_camera_that_repeats_itself_is_not_believed(log: Log) -> None:
    stocked(log, 5)
    for look in range(12):
        looked(log, 4, look)
    assert [alert.state for alert in log.said(Alert) if alert.kind == "camera_stuck"] == ["firing"]
    before = dict(chances(belief_of(log)))
    looked(log, 4, 12)
    assert chances(belief_of(log)) == pytest.approx(before, abs=1e-3)
    looked(log, 3, 13)
    log.tell(Tick(START + 13 * HOUR), Tick(START + 14 * HOUR))
    assert [alert.state for alert in log.said(Alert) if alert.kind == "camera_stuck"] == ["firing", "resolved"]


def test_an_empty_facing_lowers_the_belief(log: Log) -> None:
    stocked(log, 2)
    counts = (0, 1, 0, 0, 0, 0)
    for look, count in enumerate(counts):
        log.tell(
            log.measured(
                "camera", count, START + look * HOUR, zone="sales_floor", device="cam", facing="F1", capacity=8
            )
        )
    assert chances(belief_of(log))[2] < 0.9


def test_a_reader_that_stays_away_is_silent(log: Log) -> None:
    tags = stocked(log, 3)
    for day in range(1, 7):
        swept(log, tags, START + day * DAY)
    log.tell(Tick(START + 8 * DAY))
    assert not [alert for alert in log.said(Alert) if alert.kind == "device_silent"]
    log.tell(Tick(START + 10 * DAY))
    assert [alert.state for alert in log.said(Alert) if alert.kind == "device_silent"] == ["firing"]


def test_a_checkpoint_in_between_changes_nothing(log: Log) -> None:
    tags = stocked(log, 6)
    for day in range(1, 6):
        swept(log, tags[: 6 - day % 2], START + day * DAY)
        log.tell(log.sale(1, START + day * DAY + HOUR))
    everywhere = frozenset(range(len(log.messages)))
    assert fold_all(log.messages) == fold_all(log.messages, store_after=everywhere)


def test_flows_do_not_take_what_is_not_there() -> None:
    belief, at = Belief(), where()
    deliveries.come(belief, at, 1, ("tag-0",), "sales_floor", START)
    flows.go(belief, at, 3, (), START)
    assert min(chances(belief)) == 0
    assert sum(chances(belief).values()) == pytest.approx(1.0)


# What was lost: seen from where it is learned.


@pytest.mark.parametrize("steps", [1, 3, 21])
def test_what_was_lost_fades_with_time_however_often_it_is_asked(steps: int) -> None:
    """To 1/e in 21 days. Of no units nothing is lost or expected to be, so that only what was known remains."""
    at = Where(Place(losses=Losses(6.0, 12.0, START)), Chain(), Losses(3.0, 1.5, START))
    belief = Belief(cells={units.code(Parts(0)): 1.0}, at_ms=START, losses=Losses(-2.0, 4.0, START))
    for step in range(steps):
        passing.advance(belief, at, START + (step + 1) * 21 * DAY // steps)
    faded = [(losses.lost * e, losses.expected * e) for losses in (at.place.losses, at.losses, belief.losses)]
    assert faded == [pytest.approx((6.0, 12.0)), pytest.approx((3.0, 1.5)), pytest.approx((-2.0, 4.0))]


def test_a_belief_that_lags_behind_brings_back_nothing_that_faded() -> None:
    """The SKU is at two places; the other one was brought up to a later time before."""
    at = Where(Place(), Chain(), Losses(3.0, 1.5, START + 5 * DAY))
    late = Belief(cells={units.code(Parts(0)): 1.0}, at_ms=START)
    passing.advance(late, at, START + DAY)
    assert at.losses == Losses(3.0, 1.5, START + 5 * DAY)


def test_a_bad_guess_of_the_first_weeks_is_not_held_against_a_place_for_ever() -> None:
    """Forty losses were expected where none were seen; then ten weeks pass in which as many are lost as is usual."""
    at = Where(Place(losses=Losses(0.0, 40.0, START)), Chain(), Losses())
    usual, another = at.chain.loss_per_day, Where(at.place, at.chain, Losses())
    assert passing.loss_rate(Belief(), another) == pytest.approx(usual * 10 / 50)
    for day in range(70):
        told = at.place.losses.lost
        belief = Belief(cells={units.code(Parts(10)): 1.0}, at_ms=START + day * DAY)
        passing.advance(belief, at, START + (day + 1) * DAY)
        at.place.losses.lost = told * exp(-1 / 21) + 10 * usual  # with what a sweep finds
    assert passing.loss_rate(Belief(), another) == pytest.approx(usual, rel=0.2)

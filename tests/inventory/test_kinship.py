"""What series have in common, learned in the fold: sizes that were planted, stores that were made alike."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from inventory.demand.kinship import Likeness
from inventory.demand.learner import Learner, Terms, canonical, decoded, encoded
from inventory.demand.panel.arrays import Array
from inventory.demand.siblings import GONE_DAYS, Siblings
from inventory.demand.size_runs import Curve, Look
from schemas.facts import DemandCluster, SizeCurve
from schemas.observations import ItemDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log

FIRST = 19_723  # 1 January 2024, a Monday
SIZES = ("L", "M", "S")
PLANTED = np.array([0.2, 0.5, 0.3])
PLACES, STYLES = 9, 4
STYLE_UNITS = 3.0

Rates = Callable[[int, int, int], float]
"""Units a day of a place, style and size."""
Out = Callable[[int, int, int, int], bool]
"""Whether a place has none of a style's size on a day, from noon on."""


def planted(_place: int, _style: int, size: int) -> float:
    return float(STYLE_UNITS * PLANTED[size])


def never(_day: int, _place: int, _style: int, _size: int) -> bool:
    return False


class Chain:
    """Stores that sell styles in sizes, evenly from 8 to 20 o'clock; what is asked for while it is out is not sold."""

    def __init__(
        self, rates: Rates, out: Out = never, categories: int = 1, late: Sequence[tuple[int, int, int]] = ()
    ) -> None:
        self.learner = Learner()
        self.said: list[Likeness] = []
        self._out, self._rates, self._categories = out, rates, categories
        self.keys: list[tuple[int, int, int]] = []
        self.series: list[int] = []
        self.open(
            [key for key in itertools.product(range(PLACES), range(STYLES), range(len(SIZES))) if key not in late]
        )
        self.looks = [Look("red", SIZES[size], SIZES) for _ in range(STYLES) for size in range(len(SIZES))]

    def open(self, keys: Sequence[tuple[int, int, int]]) -> None:
        """These are heard of for the first time."""
        number = self.learner.register.series
        for place, style, size in keys:
            names = f"{style}-{size}", f"store-{place}", f"cat-{style % self._categories}", f"st-{style}"
            self.series.append(number(*names))
        self.keys += keys
        self.rates = np.array([self._rates(*key) for key in self.keys])

    def run(self, days: range, rates: Array | None = None) -> "Chain":
        usual = self.rates if rates is None else rates
        for day in days:
            halves = np.random.default_rng((11, day)).poisson(np.repeat(usual[:, None], 2, axis=1) / 2.0)
            for key, series, (morning, evening) in zip(self.keys, self.series, halves, strict=True):
                self._sell(day, series, int(morning), int(evening), out=self._out(day, *key))
            self._end_day()
        return self

    def sell(self, day: int, units: Array, out: Array) -> None:
        """A day's units (n,), all at noon, and what is out (n,) from its first hour to its last."""
        start = (FIRST + day) * DAY
        for series, sold, gone in zip(self.series, units, out, strict=True):
            if sold:
                self.learner.sold(series, start + 12 * HOUR, int(sold))
            if gone:
                self.learner.turned(series, start, in_stock=False)
                self.learner.turned(series, start + DAY, in_stock=True)
        self._end_day()

    def _end_day(self) -> None:
        n = len(self.series)
        terms = Terms(
            np.full(n, 9), np.full(n, np.nan), np.zeros(n, dtype=np.bool_), lambda _day, _place: {}, self.looks
        )
        self.said.append(self.learner.end_day(terms).likeness)

    def _sell(self, day: int, series: int, morning: int, evening: int, *, out: bool) -> None:
        start = (FIRST + day) * DAY
        if morning:
            self.learner.sold(series, start + 10 * HOUR, morning)
        if out:
            self.learner.turned(series, start + 12 * HOUR, in_stock=False)
            self.learner.turned(series, start + DAY, in_stock=True)
        elif evening:
            self.learner.sold(series, start + 16 * HOUR, evening)

    @property
    def curves(self) -> list[Curve]:
        """The newest ones."""
        return next(said.curves for said in reversed(self.said) if said.curves)


def shares(curve: Curve) -> Array:
    return np.array([curve.shares[size] for size in SIZES])


def test_curves_are_said_at_the_end_of_weeks_in_which_there_was_something_to_say() -> None:
    chain = Chain(planted).run(range(21))
    assert [bool(said.curves) for said in chain.said] == [(FIRST + day + 1) % 7 == 0 for day in range(21)]
    assert {(curve.location, curve.category) for curve in chain.curves} == {
        (f"store-{at}", "cat-0") for at in range(PLACES)
    }


def test_planted_curves_are_found() -> None:
    """A store sells 12 a day: 720 units in 60 days, shares to 3 * sqrt(0.25 / 720) and a little for the pooling."""
    for curve in Chain(planted).run(range(61)).curves:
        assert sum(curve.shares.values()) == pytest.approx(1.0)
        assert shares(curve) == pytest.approx(PLANTED, abs=0.06)


def test_sizes_that_are_out_keep_their_share() -> None:
    """The size most asked for is out every afternoon: of what is sold it makes 0.25 / 0.75."""

    def out(_day: int, _place: int, _style: int, size: int) -> bool:
        return size == 1

    found = np.mean([shares(curve) for curve in Chain(planted, out).run(range(61)).curves], axis=0)
    assert found == pytest.approx(PLANTED, abs=0.04)
    assert abs(found[1] - 0.5) < 0.2 * abs(0.25 / 0.75 - 0.5)


def test_a_store_of_its_own_gets_its_own_curve_and_a_new_one_that_of_the_chain() -> None:
    """Store 0 sells small sizes; store 8 sells a unit every ten days."""

    def rates(place: int, style: int, size: int) -> float:
        if place == 0:
            return STYLE_UNITS * (0.1, 0.2, 0.7)[size]
        return planted(place, style, size) * (1.0 / 120.0 if place == PLACES - 1 else 1.0)

    found = {curve.location: shares(curve) for curve in Chain(rates).run(range(120)).curves}
    assert found["store-0"] == pytest.approx([0.1, 0.2, 0.7], abs=0.1)
    assert found["store-1"] == pytest.approx(PLANTED, abs=0.06)
    if "store-8" in found:
        assert found["store-8"] == pytest.approx(PLANTED, abs=0.12)


def test_a_style_of_one_size_has_no_curve() -> None:
    chain = Chain(planted)
    chain.looks = [Look("red", "ONE SIZE", ("ONE SIZE",))] * len(chain.looks)
    assert not any(said.curves for said in chain.run(range(14)).said)


def test_a_size_set_may_grow() -> None:
    """From the second week on styles have a size nobody sells yet: it is given little, and known sizes keep theirs."""
    chain = Chain(planted).run(range(7))
    chain.looks = [look._replace(sizes=(*SIZES, "XL")) for look in chain.looks]
    for curve in chain.run(range(7, 63)).curves:
        assert list(curve.shares) == [*SIZES, "XL"]
        assert sum(curve.shares.values()) == pytest.approx(1.0)
        assert shares(curve) / shares(curve).sum() == pytest.approx(PLANTED, abs=0.08)


def two_kinds(place: int, style: int, size: int) -> float:
    """Odd stores sell styles of category 1 three times as much, even ones those of category 0."""
    return planted(place, style, size) * (3.0 if place % 2 == style % 2 else 1.0)


def test_stores_that_sell_alike_are_of_one_cluster() -> None:
    chain = Chain(two_kinds, categories=2).run(range(40))
    of = {moved.store: moved.cluster for said in chain.said for moved in said.moved}
    assert set(of) == {f"store-{place}" for place in range(PLACES)}
    even, odd = ({of[f"store-{place}"] for place in range(start, PLACES, 2)} for start in (0, 1))
    assert not even & odd


def test_a_store_that_turns_is_told_within_two_weeks() -> None:
    chain = Chain(two_kinds, categories=2).run(range(40))
    before = len(chain.said)
    turned = np.array([two_kinds(place + (place == 2), style, size) for place, style, size in chain.keys])
    moves = [moved for said in chain.run(range(40, 54), turned).said[before:] for moved in said.moved]
    assert "store-2" in {moved.store for moved in moves}
    assert all(moved.before is not None and moved.before != moved.cluster for moved in moves)


def test_taken_up_again_it_goes_on_as_if_it_had_never_been_away() -> None:
    chain, again = Chain(two_kinds, categories=2), Chain(two_kinds, categories=2)
    chunks: dict[str, bytes] = {}
    for start in range(0, 28, 7):
        if start == 14:
            for one in (chain, again):
                one.looks = [look._replace(sizes=(*SIZES, "XL")) for look in one.looks]
        chain.run(range(start, start + 7))
        again.run(range(start, start + 7))
        chunks |= encoded(again.learner, told=True, learned=True)
        again.learner = decoded(chunks)
    assert canonical(again.learner) == canonical(chain.learner)
    assert again.said == chain.said


def test_the_fold_says_both() -> None:
    """Two weeks of nine stores, sizes written in two ways."""
    log = Log(partition=5)
    log.tell(
        ItemDefined("jeans-32", "jeans", START - DAY, size=" s ", category="trousers"),
        ItemDefined("jeans-34", "jeans", START - DAY, size="M", category="trousers"),
    )
    for day in range(22):
        for place in range(PLACES):
            at_ms = START + day * DAY + 12 * HOUR
            log.tell(log.sale(1, at_ms, f"store-{place}"), log.sale(3, at_ms, f"store-{place}", sku="jeans-34"))
        log.tell(Tick(START + (day + 1) * DAY))
    curve, moved = log.said(SizeCurve)[-1], log.said(DemandCluster)
    assert (curve.category, curve.size_set, curve.log_partition) == ("trousers", "M|S", 5)
    assert curve.shares["M"] == pytest.approx(0.75, abs=0.02)
    assert {fact.location for fact in moved} == {f"store-{place}" for place in range(PLACES)}
    assert all(fact.before is None for fact in moved)
    assert len({fact.fact_id for fact in log.facts}) == len(log.facts)


def switching(share: float, days: range, gone: range) -> Chain:
    """Sizes are out for some days now and then, a planted share of who asks for them takes another one; size 1 of
    style 0 is out in store 0 all through ``gone``.
    """
    chain = Chain(planted)
    keys = np.array(chain.keys)
    run = keys[:, 0] * STYLES + keys[:, 1]
    for day in days:
        random = np.random.default_rng((17, day))
        # A size is out in one week of eight.
        out = np.random.default_rng((19, day // 7)).random(len(keys)) < 1.0 / 8.0
        out |= (keys == (0, 0, 1)).all(axis=1) & (day in gone)
        asked = random.poisson(chain.rates).astype(np.float64)
        looking = np.bincount(run, random.binomial((asked * out).astype(int), share))
        there = chain.rates * ~out
        chance = there / np.maximum(np.bincount(run, there)[run], 1e-9)
        chain.sell(day, asked * ~out + random.poisson(looking[run] * chance), out)
    return chain


def _forecast(chain: Chain) -> Array:
    """Units a day."""
    looks = [chain.learner.outlook(series) for series in chain.series]
    return np.array([look.mean for look in looks if look is not None]) / 9.0


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_long_stock_out_does_not_raise_its_siblings_for_good(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1.5 units a day of size M half come to L and S, own 1.5 together, for five weeks; a memory of 28 days would
    hold 0.75 * (1 - exp(-35 / 28)) = 0.54 of them. Where nobody switches nothing is taken off."""
    days = 240
    gone = range(days - 35, days)
    chain = switching(share, range(days), gone)
    others = [chain.keys.index((0, 0, size)) for size in (0, 2)]
    assert _forecast(chain)[others].sum() == pytest.approx(1.5, abs=0.2)
    assert _forecast(chain).sum() == pytest.approx(chain.rates.sum(), rel=0.03)
    if share:
        monkeypatch.setattr(Siblings, "gained", lambda _self, units, *_day: np.zeros(len(units)))
        naive = switching(share, range(days), gone)
        assert _forecast(naive)[others].sum() > _forecast(chain)[others].sum() + 0.2
        assert _forecast(naive).sum() > chain.rates.sum() * 1.04


def test_too_little_evidence_takes_nothing_off() -> None:
    """The prior of a fifth alone is no reason to change what was sold."""
    chain = Chain(planted).run(range(3))
    state = Siblings(chain.learner.register)
    state.place(chain.looks)
    n = len(chain.series)
    share = np.where(np.arange(n) % 3 == 1, 0.0, 1.0)
    day = np.where(share > 0.0, 3.0, 0.0), np.full(n, 2.0), share, np.ones(n, dtype=np.bool_)
    assert not state.gained(*day).any()
    for _ in range(GONE_DAYS - 1):
        state.learn(*day)
    assert (state.gained(*day)[share > 0.0] > 0.0).any()


def test_what_is_out_for_ever_is_not_missed_for_ever() -> None:
    chain = Chain(planted).run(range(3))
    state, n = Siblings(chain.learner.register), len(chain.series)
    state.place(chain.looks)
    share, heard = np.where(np.arange(n) % 3 == 1, 0.0, 1.0), np.ones(n, dtype=np.bool_)
    day = 3.0 * share, np.full(n, 2.0), share, heard
    taken = []
    for _ in range(GONE_DAYS + 2):
        taken.append(state.gained(*day).sum())
        state.learn(*day)
    assert taken[GONE_DAYS - 1] > 0.0
    assert taken[GONE_DAYS + 1] == 0.0


def test_a_new_item_of_a_style_that_sells_well_is_taken_to_sell_well() -> None:
    """Styles sell 3 a day and style 0 sells 9; to store 0 it comes late, and so does style 1, an ordinary one.

    Elsewhere a size of style 0 sells twice the usual 1.5, of style 1 two thirds of it; store 0 usually sells 1. After a
    first day of 9 and 4 units they are between the 6 and 2 of others and their own.
    """

    def rates(_place: int, style: int, size: int) -> float:
        return planted(0, style, size) * (3.0 if style == 0 else 1.0)

    late = [(0, style, size) for style in (0, 1) for size in range(len(SIZES))]
    chain = Chain(rates, late=late).run(range(120))
    chain.open(late)
    chain.sell(120, np.round(chain.rates), np.zeros(len(chain.keys), dtype=np.bool_))
    well, usual = (sum(_forecast(chain)[chain.keys.index((0, style, size))] for size in range(3)) for style in (0, 1))
    assert 5.0 < well < 9.0
    assert 1.5 < usual < 3.5

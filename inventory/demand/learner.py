"""Demand of every SKU and location of one partition of the log, learned day by day.

Each day, once it is over everywhere: what stock-outs hid is added (``exposure``), the panel learns, and the coming
days are forecast again, as a mean path for every series and an overdispersion for the sum over its protection
interval. Nothing is ever fitted again. All of it works on arrays over the series.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand import exposure
from inventory.demand.causes import Causes, Holidays, Sold
from inventory.demand.day_book import HOURS, MILLISECONDS_PER_DAY, DayBook
from inventory.demand.drift import Drifted
from inventory.demand.explanation import Explanation, summed
from inventory.demand.exposure import Exposure
from inventory.demand.intervals import IntervalErrors
from inventory.demand.judge import Interval, Judge, Quality
from inventory.demand.kinship import Kinship, Likeness, Today
from inventory.demand.level_steps import LevelSteps
from inventory.demand.memory import decode, encode, recall
from inventory.demand.notices import Notices
from inventory.demand.open_days import Known, OpenDays
from inventory.demand.panel import Day, Forecaster
from inventory.demand.panel.arrays import Array, Index, Mask, added, grown, ratio
from inventory.demand.peers import Lacks, Peers
from inventory.demand.register import Register
from inventory.demand.rivals import Rivals
from inventory.demand.size_runs import Look
from inventory.demand.weeks import Weeks
from inventory.pieces import cut, joined

FURTHEST_DAYS = 63
_TOLD, _NAMES, _LEARNED = "demand-told", "demand-names", "demand-learned"
_ALL, _MOST = 0.999, 0.9
_DAY_PHI, _MOST_UNITS, _SMALL_UNITS = 0.3, 1e6, 8.0
_OWN_EFFECTS = ("calibration", "own_pattern", "choice", "level_step", "signals", "prices", "closed_days")
"""In the order they are explained, after the panel's."""
_EPOCH = date(1970, 1, 1).toordinal()
_WEEK = 7
_OWN_DAYS = 14.0
_RATE = 1.0 / 28.0
_KEEP_BIAS, _BIAS_UNITS = 1.0 - 1.0 / 56.0, 20.0


class Outlook(NamedTuple):
    """Demand of one series over its protection interval: mean, and variance by the negative binomial."""

    mean: float
    variance: float
    days: int
    days_observed: int


class Judgement(NamedTuple):
    """What a day said about the forecasts of before: sums by level and location, what drifted, and who is alike."""

    day: int
    qualities: list[Quality]
    drifted: list[Drifted]
    likeness: Likeness = Likeness([], [])
    demand: Array = np.zeros(0)
    """Units of each series on that day, (n,), with what stock-outs hid and without what came for siblings.

    None where the location was closed as was to be expected, or the item or the location is retired.
    """

    def demand_of(self, series: int) -> float:
        """Of one series; 0 where it is not known (-1 too)."""
        return float(self.demand[series]) if 0 <= series < len(self.demand) else 0.0


class Terms(NamedTuple):
    """What is known of the series of a register, (n,) each, and of the days of places."""

    days: Index
    """Of the protection interval."""
    price: Array
    """Asked; NaN where nobody told it."""
    retired: Mask
    """Not to be sold any more."""
    holidays: Holidays
    looks: Sequence[Look] = ()
    """Of items."""


class Learner:
    """Demand of one partition; ``series`` numbers what it is told of."""

    KEPT: ClassVar[tuple[str, ...]] = (
        *("_exposure", "_panel", "_open_days", "_intervals", "_explanation", "_causes", "_judge", "_rivals"),
        *("_kinship", "_steps", "_age", "_rate", "_tomorrow", "_next", "_mean", "_variance", "_days", "_totals"),
        *("_seen", "_expected", "_heard", "_peers", "_weeks", "_ever_sold"),
    )

    def __init__(self, register: Register | None = None) -> None:
        self.register = register or Register()
        self.book, self.notices = DayBook(), Notices()
        self.day = -1
        """The next day to learn, since the epoch; -1 before anything was heard."""
        nobody = Register()
        self._exposure = Exposure(nobody.categories_of_series(), HOURS, (_WEEK,))
        self._panel = Forecaster(nobody.panel(), (), ())
        self._open_days, self._intervals = OpenDays(self.register), IntervalErrors()
        self._age, self._rate = np.zeros(0), np.zeros(0)
        self._tomorrow, self._next = np.zeros(0), np.zeros(0)
        self._mean, self._variance = np.zeros(0), np.zeros(0)
        self._days = np.ones(0, dtype=np.intp)
        self._totals, self._seen, self._expected = np.zeros(0), np.zeros(0), np.zeros(0)
        self._placed = -1
        self._heard, self._ever_sold = np.zeros((2, 0), dtype=np.bool_)
        self._explanation, self._causes = Explanation(), Causes(self.register)
        self._judge, self._rivals = Judge(), Rivals()
        self._steps, self._weeks = LevelSteps(), Weeks()
        self._kinship, self._of_its_kind = Kinship(self.register), np.zeros(0)
        self._peers = Peers(self.register)

    def sold(self, series: int, local_ms: int, units: int, price: float = math.nan) -> None:
        """Units asked for at the location's own time.

        A straggler of the day before, which was learned already, counts for the open day. What comes later than
        that, or of a day on which nothing was heard of its location, is not learned: it would be a spike where
        there was none.
        """
        late = self.day - local_ms // MILLISECONDS_PER_DAY if self.day >= 0 else 0
        if late <= 0 or (late == 1 and self._traded(series)):
            self.book.sold(series, self._at_open(local_ms), units, price)

    def turned(self, series: int, local_ms: int, *, in_stock: bool) -> None:
        """From then on there is some within reach of customers, or none."""
        self.book.turned(series, self._at_open(local_ms), in_stock=in_stock)

    def begins(self, series: int, local_ms: int) -> None:
        """It is observed from that day on, and was not on the shelf before, neither then nor on days still open."""
        first = self.day if self.day >= 0 else local_ms // MILLISECONDS_PER_DAY
        self.turned(series, first * MILLISECONDS_PER_DAY, in_stock=False)

    def outlook(self, series: int) -> Outlook | None:
        """What is forecast of a series; None before its first day was learned, and where none was ever sold.

        That others like it sell is no ground to order more of what lies there unsold.
        """
        return self.likely(series) if 0 <= series < len(self._mean) and self._ever_sold[series] else None

    def likely(self, series: int) -> Outlook | None:
        """``outlook``, and of what never sold what may be expected by others like it, which is a ground to keep it."""
        if not 0 <= series < len(self._mean):
            return None
        mean, variance = float(self._mean[series]), float(self._variance[series])
        return Outlook(mean, variance, int(self._days[series]), int(self._age[series]))

    def means(self) -> Array:
        """Of ``outlook`` of all series that were learned, (n,); 0 where none was ever sold."""
        return np.where(self._ever_sold, self._mean, 0.0)

    def variances(self) -> Array:
        """Of ``outlook``, (n,); 0 where none was ever sold."""
        return np.where(self._ever_sold, self._variance, 0.0)

    def days(self) -> Index:
        """Of the protection intervals of ``outlook``, (n,)."""
        return self._days

    def ages(self) -> Array:
        """Days observed of ``outlook``, (n,)."""
        return self._age

    def prices(self) -> Array:
        """The last price of all series that have an outlook, (n,); NaN where none was told."""
        return self._causes.prices()

    def elasticities(self) -> Array:
        """What the price does to their demand, (n,): it is as ``price ** elasticity``."""
        return self._causes.elasticities()

    def levels(self, coverage: Array) -> Array:
        """``levels_of`` the first m series, each at the coverage asked for it, (m,) both."""
        first = len(coverage)
        return self._judge.levels(np.arange(first), self._mean[:first], coverage[:, None])[:, 0]

    def levels_of(self, series: int, coverages: Sequence[float]) -> list[float]:
        """At which probabilities the forecast of a series has to be read so that it covers as often as asked for."""
        found = self._judge.levels(_index([series]), self._mean[[series]], np.array([coverages]))
        levels: list[float] = found[0].tolist()
        return levels

    def lacks(self, counted: Mask) -> Lacks:
        """What sells less at its location than others of the same lead to expect, without series not ``counted``, (n,).

        To be called once a day was learned.
        """
        return self._peers.lacks(counted, self._age)

    def presented_with(self, series: int) -> Index:
        """The series that are presented together with one, and the one itself."""
        return self._peers.members(series)

    def end_day(self, terms: Terms) -> Judgement:
        """Judge and learn the day that is open, and forecast."""
        self._grow()
        paid = self.book.paid(self.day, len(self.register))
        self._causes.price(self.day, self.notices, paid, terms.price)
        sales, in_stock = self.book.take(self.day, len(self.register))
        trading = self._trading(sales)
        shown = in_stock & trading
        part_shown = shown.sum(axis=1) / np.maximum(trading.sum(axis=1), 1)
        self._ever_sold |= sales.sum(axis=1) > 0.0
        heard, closed = self._hear(terms, sales.sum(axis=1), part_shown)
        heard &= ~terms.retired & ((self._age > 0.0) | shown.any(axis=1))
        in_stock = (in_stock | ~trading) & heard[:, None]
        demand, share = self._estimate(sales, in_stock)
        demand = np.where(heard | (self._age > 0.0), demand, 0.0)
        judgement = self._judged(demand, heard, closed, share)
        effects = self._causes.on([self.day], self.notices, terms.holidays)
        today = Today(sales.sum(axis=1), demand, self._next, share, heard)
        gained = self._kinship.gained(terms.looks, today)
        demand, own = demand - gained, today.units - gained
        likeness = self._kinship.learn(self.day, today)
        sold = Sold(sales.sum(axis=1), demand, self._tomorrow * heard, share, paid)
        self._causes.learn(self.day, self.notices, terms.holidays, effects, sold)
        factor = np.exp(effects.together()[:, 0])
        self._peers.place(terms.looks)
        shown_here = share * heard * factor * np.exp(self._causes.of_place())
        self._peers.learn(self.day, self._tamed(own), shown_here, self._age)
        self._kinship.learn_first_days(own / factor, self._typical(), share * heard)
        self._steps.learn(own / factor, share, heard)
        on_shelf = heard & shown.any(axis=1)
        self._learn(self._tamed(demand / factor), heard, on_shelf, terms.price)
        self._age += on_shelf
        self.day += 1
        self.notices.forget_before(self.day - 1)
        if self.day % _WEEK == 0:
            self._divide()
        self._forecast(terms)
        return judgement._replace(likeness=likeness, demand=np.where(closed | terms.retired, 0.0, demand))

    def _judged(self, demand: Array, heard: Mask, closed: Mask, share: Array) -> Judgement:
        """Every forecast that the day ends; days half of which was hidden say nothing of single series."""
        places, tested = len(self.register.locations), heard & (self._age > 0.0) & (share >= _MOST)
        pairs, of = self._causes.pairs()
        units, expected = (added(of, values * tested, len(pairs)) for values in (demand, self._next))
        names = [f"{self.register.categories[category]}|{self.register.locations[at]}" for category, at in pairs]
        over = self._intervals.learn(demand, heard & (share >= _MOST), closed)
        ended = Interval(*self._intervals.ended(over))
        self._rivals.learn(over, ended.units, (ended.variance / ended.mean - 1.0) / ended.mean)
        by_day = self._judge.of_day(demand, self._next, tested & (share >= _ALL), self._at, places)
        by_pair, drifted = self._judge.of_pairs(
            self.day, names, _index([at for _, at in pairs]), units, expected, places
        )
        by_interval = self._judge.of_intervals(self.day, over, ended, self._at[over], places)
        return Judgement(self.day, [*by_day, *by_pair, *by_interval], drifted)

    def _estimate(self, sales: Array, in_stock: Mask) -> tuple[Array, Array]:
        """Demand with what stock-outs hid, and the share of it that could be seen, (n,) both."""
        kinds = np.full((len(sales), 1), _day(self.day).on.weekday(), dtype=np.int64)
        share = exposure.open_share(self._exposure, in_stock)
        return exposure.observe(self._exposure, exposure.Day(sales, in_stock, kinds)), share

    def _tamed(self, units: Array) -> Array:
        """Units that are far beyond anything a series has known teach as if they were six standard deviations off."""
        usual = self._tomorrow
        most = usual + 6.0 * np.sqrt(usual + _DAY_PHI * usual * usual) + 3.0
        return np.where(self._age >= _OWN_DAYS, np.minimum(units, most), np.minimum(units, _MOST_UNITS))

    def _learn(self, units: Array, heard: Mask, on_shelf: Mask, price: Array) -> None:
        """Demand of the open day without what causes did to it; of a day nothing was on the shelf it is a guess."""
        self._weigh_bias(units, heard)
        self._panel.learn(_day(self.day), units, np.where(price > 0.0, price, 1.0), heard)
        self._weeks.learn(self.day, units, on_shelf)
        self._rate += _RATE * on_shelf * (units - self._rate)

    def explain(self, series: int) -> tuple[float, dict[str, float]]:
        """Log of the base and the contributions of what ``outlook`` forecasts; they add up to the log of its mean."""
        return self._explanation.of(series, float(self._mean[series]))

    def skip_to(self, day: int) -> None:
        """Go on at a day very much later; what was told of the days between is not learned."""
        for passed in self.book.days():
            if passed < day:
                self.book.take(passed, len(self.register))
        self.day = day

    def _traded(self, series: int) -> bool:
        """Whether the location of a series traded on the last day that was learned."""
        place = self.register.location[series]
        return place >= len(self._heard) or bool(self._heard[place])

    def _at_open(self, local_ms: int) -> int:
        if self.day < 0:
            self.day = local_ms // MILLISECONDS_PER_DAY
        return max(local_ms, self.day * MILLISECONDS_PER_DAY)

    def _place(self) -> None:
        """Where series belong, as arrays."""
        register = self.register
        self._of, self._at = _index(register.aggregate), _index(register.location)
        self._category = register.categories_of_series()
        self._aggregates = register.aggregates()

    def _grow(self) -> None:
        register, n = self.register, len(self.register)
        if n == self._placed:
            return
        self._placed = n
        self._place()
        self._exposure.grow(self._category)
        self._panel.grow(register.panel())
        self._open_days.grow()
        self._intervals.grow(n)
        self._judge.grow(n)
        self._rivals.grow(n)
        self._steps.grow(n)
        self._weeks.grow(self._category, self._at, len(register.locations))
        self._causes.grow()
        for name in ("_age", "_rate", "_tomorrow", "_next", "_mean", "_variance", "_days", "_ever_sold"):
            setattr(self, name, grown(getattr(self, name), n))
        self._grow_aggregates()

    def _grow_aggregates(self) -> None:
        for name in ("_totals", "_seen", "_expected"):
            setattr(self, name, grown(getattr(self, name), self._aggregates))

    def _hear(self, terms: Terms, sold: Array, part_shown: Array) -> tuple[Mask, Mask]:
        """Which series' locations traded on the open day, and which were closed as was to be expected, (n,) both.

        Of what was not on the shelf nothing was to be expected.
        """
        size = len(self.register.locations)
        by_place = (added(self._at, units, size) for units in (sold, self._tomorrow * part_shown))
        self._heard, closed = self._open_days.learn(self.day, self._known(terms), *by_place)
        return self._heard[self._at], closed[self._at]

    def _known(self, terms: Terms) -> Known:
        return Known(self.notices.of_places(), terms.holidays)

    def _trading(self, sales: Array) -> Mask:
        """In which hours each series' location trades, (n, 24)."""
        by_place = np.zeros((len(self.register.locations), HOURS))
        np.add.at(by_place, self._at, sales)
        trading: Mask = self._open_days.hours(by_place)[self._at]
        return trading

    def _weigh_bias(self, demand: Array, heard: Mask) -> None:
        """Test first: what the panel said of today against what came, by aggregate that was heard of."""
        size = len(self._seen)
        tested = (self._totals > 0.0) & (added(self._of, heard, size) > 0.0)
        keep = np.where(tested, _KEEP_BIAS, 1.0)
        self._seen = keep * self._seen + added(self._of, demand, size) * tested
        self._expected = keep * self._expected + self._totals * tested

    def _divide(self) -> None:
        for whole, part, share in self.register.divide(self._rate):
            self._place()
            self._grow_aggregates()
            self._panel.grow(self.register.panel())
            self._panel.divide(whole, part, share)

    def _forecast(self, terms: Terms) -> None:
        days = self._days = np.clip(terms.days, 1, FURTHEST_DAYS)
        coming = [self.day + step for step in range(int(days.max(initial=1)))]
        ahead = [_day(day) for day in coming]
        self._of_its_kind = self._kinship.expected(self._typical())
        panel = self._path(ahead)
        opened = self._open_days.chance(coming, self._known(terms))[self._at]
        level = np.repeat(self._grown_up(self._level())[:, None], len(ahead), axis=1)
        weeks = self._grown_up(self._weeks.path(coming).T).T
        rivals = [panel, level, weeks]
        mixed = self._rivals.mix(rivals, self._mean)
        steps = self._panel.steps(ahead)
        path = self._stepped(mixed, steps)
        self._tomorrow = mixed[:, 0]
        effects = self._causes.on(coming, self.notices, terms.holidays)
        factor, each = np.exp(effects.together()) * opened, np.arange(len(days))
        self._next = path[:, 0] * factor[:, 0] * (self._age > 0.0)
        # What was never on the shelf there is somebody's list, not a range: nothing is expected of it.
        none = terms.retired | (self._age == 0.0)
        self._mean = np.where(none, 0.0, summed(path * factor, each, days))
        self._variance = self._mean + self._intervals.overdispersion(self._mean) * self._mean**2
        begun = self._intervals.begin(self._mean, self._variance, days)
        self._rivals.begin(begun, np.stack([summed(one * factor, each, days) for one in rivals]))
        signals, both = (np.exp(one) for one in (effects.signals, effects.together()))
        self._explain(steps, [panel, mixed, path, path * signals, path * both])

    def _stepped(self, mixed: Array, steps: list[tuple[str, Array]]) -> Array:
        """Series whose level made a step; their sums, which follow faster, stay."""
        (_, level), *_, (_, dated) = steps
        calendar = np.divide(dated, level, out=np.ones_like(dated), where=level > 0.0)[self._of]
        corrected = self._steps.corrected(mixed, calendar)
        sums = [added(self._of, one.sum(axis=1), self._aggregates) for one in (mixed, corrected)]
        stepped: Array = corrected * ratio(*sums)[self._of][:, None]
        return stepped

    def _path(self, ahead: list[Day]) -> Array:
        """Mean units of the coming days if they are open, (n, h)."""
        totals = self._panel.totals(ahead)
        self._totals = totals[:, 0]
        units = self._panel.split(ahead, self._sized(totals * self._bias()[:, None]))
        return self._grown_up(units.T).T

    def _sized(self, totals: Array) -> Array:
        """Totals (aggregates, h) of few units a day are drawn to their level: to days and seasons they say little."""
        level = added(self._of, self._level(), len(totals))
        weight = (level**2 / (level**2 + _SMALL_UNITS**2))[:, None]
        sized: Array = weight * totals + (1.0 - weight) * level[:, None]
        return sized

    def _grown_up(self, units: Array) -> Array:
        """Units (..., n) of young series are drawn to what is known of others like them and their own first days."""
        weight = self._age / (self._age + _OWN_DAYS)
        drawn: Array = weight * units + (1.0 - weight) * self._of_its_kind
        return drawn

    def _level(self) -> Array:
        """Units a day of late, each day of it weighing less, (n,)."""
        return ratio(self._rate, 1.0 - (1.0 - _RATE) ** self._age)

    def _bias(self) -> Array:
        bias: Array = (self._seen + _BIAS_UNITS) / (self._expected + _BIAS_UNITS)
        return bias

    def _explain(self, steps: list[tuple[str, Array]], paths: list[Array]) -> None:
        """The forecast again, effect by effect; ``paths`` (n, h) are without closed days."""
        days = self._days
        share = self._panel.shares()
        means = [share * summed(totals, self._of, days) for _, totals in steps]
        means.append(means[-1] * self._bias()[self._of])
        means += [*(summed(path, np.arange(len(days)), days) for path in paths), self._mean]
        names = [name for name, _ in steps[1:]]
        self._explanation.learn([*names, *_OWN_EFFECTS], means)

    def _typical(self) -> Array:
        """Units a day that series of the same category sell at the same location, (n,)."""
        pair = self._category * len(self.register.locations) + self._at
        size = len(self.register.categories) * len(self.register.locations)
        sold, weight = (added(pair, part, size) for part in (self._rate, 1.0 - (1.0 - _RATE) ** self._age))
        usual: Array = ratio(sold, weight)[pair]
        return usual


def encoded(learner: Learner, *, told: bool, learned: bool) -> dict[str, bytes]:
    """The chunks that changed: what was told since the last day, the names of series, and what days taught."""
    chunks: dict[str, bytes] = {}
    if told or learned:
        chunks[_TOLD] = encode(_Told(learner))
    if learner.register.changed:
        chunks |= cut(_NAMES, encode(learner.register))
        learner.register.changed = False
    if learned:
        chunks |= cut(_LEARNED, encode(learner))
    return chunks


def decoded(chunks: Mapping[str, bytes]) -> Learner:
    """The learner whose newest chunks these are; a new one where there are none."""
    if _TOLD not in chunks:
        return Learner()
    register = Register()
    if _NAMES in chunks:
        recall(register, decode(joined(_NAMES, chunks)))
        register.recalled()
    learner = Learner(register)
    if _LEARNED in chunks:
        recall(learner, decode(joined(_LEARNED, chunks)))
    told = _Told(learner)
    recall(told, decode(chunks[_TOLD]))
    learner.book, learner.day = told.book, told.day
    return learner


def canonical(learner: Learner) -> bytes:
    """All of it; equal learners give equal bytes."""
    return encode(_Told(learner)) + encode(learner.register) + encode(learner)


class _Told:
    """The part of a learner that changes with every sale."""

    KEPT: ClassVar[tuple[str, ...]] = ("book", "notices", "day")

    def __init__(self, learner: Learner) -> None:
        self.book, self.notices, self.day = learner.book, learner.notices, learner.day


def _day(number: int) -> Day:
    return Day(date.fromordinal(_EPOCH + number))


def _index(numbers: list[int]) -> Index:
    return np.array(numbers, dtype=np.intp)

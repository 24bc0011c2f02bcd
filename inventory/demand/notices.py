"""What was told about the world, by the days it holds for: weather, campaigns, prices to come, promotions planned.

A number that holds for a moment counts for its day, several of a day by their mean; one told with an end holds for
all days to there, and may be told before they begin. Names that begin with one of ``FLAGS`` are on or off, others are
numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

from schemas.signal_names import FLAGS, PRICE, PROMOTION, UPLIFT

_MOST = 100_000


class Notice(NamedTuple):
    """One number; an empty location, style or SKU means all of them. Days since the epoch, both included.

    A ``promotion`` is of some goods; its value is the share off the price (0: none), that of a
    ``promotion_uplift`` by what sales are expected to be multiplied; a ``price`` holds from its first day on.
    """

    name: str
    value: float
    first_day: int
    last_day: int
    location: str = ""
    style: str = ""
    sku: str = ""

    def about(self) -> "About":
        """What it is about; told again it replaces what was told before."""
        return self.name, self.first_day, self.location, self.style, self.sku

    def of_goods(self) -> bool:
        """Whether it is about some styles or SKUs, and not about a place."""
        return bool(self.style or self.sku) or self.name in (PROMOTION, UPLIFT, PRICE)


About = tuple[str, int, str, str, str]


class OfGoods(dict[About, Notice]):
    """The latest of everything that was told, by what it is about, in the order they were told."""

    def plain(self) -> list[Notice]:
        """What is kept."""
        return list(self.values())

    @classmethod
    def restored(cls, kept: Iterable[Sequence[Any]]) -> "OfGoods":
        """From what ``plain`` gave."""
        return cls((notice.about(), notice) for notice in (Notice(*one) for one in kept))


class Notices:
    """Those that are not over."""

    KEPT: ClassVar[tuple[str, ...]] = ("_places", "_goods")

    def __init__(self) -> None:
        self._places: list[Sequence[Any]] = []
        self._goods = OfGoods()

    def tell(self, notice: Notice) -> None:
        """Take one in; the oldest go when there are too many.

        Told again with the same first day, something of the same goods is what was told last; it is withdrawn
        by ending before it begins.
        """
        holds = notice.last_day >= notice.first_day
        if notice.of_goods():
            self._goods.pop(notice.about(), None)
            if holds:
                self._goods[notice.about()] = notice
            if len(self._goods) > _MOST:
                del self._goods[next(iter(self._goods))]
        elif holds:
            self._places.append(notice)
            del self._places[:-_MOST]

    def forget_before(self, day: int) -> None:
        """Those that were over by then."""
        self._places = [one for one in self._places if Notice(*one).last_day >= day]
        for about, notice in list(self._goods.items()):
            if notice.last_day < day:
                del self._goods[about]

    def of_goods(self) -> list[Notice]:
        """Promotions, and prices of some goods."""
        return list(self._goods.values())

    def of_places(self) -> "Places":
        """Everything else."""
        return Places(Notice(*one) for one in self._places)


class Places:
    """Signals of places by day."""

    def __init__(self, notices: Iterable[Notice]) -> None:
        self._by_place: dict[str, list[Notice]] = defaultdict(list)
        for notice in notices:
            self._by_place[notice.location].append(notice)

    def __bool__(self) -> bool:
        return bool(self._by_place)

    def on(self, day: int, location: str) -> dict[str, float]:
        """Signals of a place on a day by name; flags are ``bool``."""
        values: dict[str, list[float]] = defaultdict(list)
        for notice in (*self._by_place.get("", ()), *self._by_place.get(location, ())):
            if notice.first_day <= day <= notice.last_day:
                values[notice.name].append(notice.value)
        means = {name: sum(told) / len(told) for name, told in values.items()}
        return {name: value != 0.0 if name.startswith(FLAGS) else value for name, value in means.items()}

    def latest(self, name: str, day: int, location: str) -> float:
        """What was told last of a signal on a day, of the place itself if anything; 0 where nothing was."""
        for place in (location, ""):
            for notice in reversed(self._by_place.get(place, ())):
                if notice.name == name and notice.first_day <= day <= notice.last_day:
                    return notice.value
        return 0.0

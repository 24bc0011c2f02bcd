"""Which series there are (an SKU at a location), and in which aggregates they add up.

A series begins in its category over all locations. Where a location sells enough of a category
by itself (``ENOUGH_A_DAY``), that becomes an aggregate of its own: small sums say little about weekdays
and seasons, and large ones are not alike.
"""

from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand.exposure import Ints
from inventory.demand.panel.arrays import Array, Index, Mask, added
from inventory.demand.panel.hierarchy import Level, Panel

ENOUGH_A_DAY = 30.0
EVERYWHERE = -1


class Division(NamedTuple):
    """The aggregate ``part`` begins as that share of ``whole``."""

    whole: int
    part: int
    share: float


class Register:
    """Numbers items, locations, categories, series and aggregates in the order they are first heard of."""

    KEPT: ClassVar[tuple[str, ...]] = (
        *("items", "locations", "categories", "styles", "category_of", "style_of"),
        *("item", "location", "aggregate", "_aggregates"),
    )

    def __init__(self) -> None:
        self.items: list[str] = []
        self.locations: list[str] = []
        self.categories: list[str] = []
        self.styles: list[str] = []
        self.style_of: list[int] = []
        """Of items."""
        self.category_of: list[int] = []
        """Of items."""
        self.item: list[int] = []
        """Of series."""
        self.location: list[int] = []
        """Of series."""
        self.aggregate: list[int] = []
        """Of series."""
        self._aggregates: list[tuple[int, int]] = []
        self._arrays: tuple[Index, Index] = _index([]), _index([])
        self.changed = False
        """Since somebody last set this back."""
        self._find()

    def _find(self) -> None:
        """Numbers by name again, once the lists are there."""
        self._series = {pair: at for at, pair in enumerate(zip(self.item, self.location, strict=True))}
        self._item = {name: at for at, name in enumerate(self.items)}
        self._location = {name: at for at, name in enumerate(self.locations)}
        self._category = {name: at for at, name in enumerate(self.categories)}
        self._style = {name: at for at, name in enumerate(self.styles)}
        self._aggregate = {(category, place): at for at, (category, place) in enumerate(self._aggregates)}

    def __len__(self) -> int:
        return len(self.item)

    def recalled(self) -> None:
        """To be called once the lists were filled from memory."""
        self._find()

    def series(self, sku: str, location: str, category: str, style: str = "") -> int:
        """The number of a series, new if need be; an item stays in the category it is first heard of in."""
        item, place = (
            self._numbered(self._item, self.items, sku),
            self._numbered(self._location, self.locations, location),
        )
        if item == len(self.category_of):
            self.category_of.append(self._numbered(self._category, self.categories, category))
            self.style_of.append(self._numbered(self._style, self.styles, style))
        found = self._series.get((item, place))
        if found is None:
            self.changed = True
            found = self._series[(item, place)] = len(self.item)
            self.item.append(item)
            self.location.append(place)
            self.aggregate.append(self._home(self.category_of[item], place))
        return found

    def find(self, sku: str, location: str) -> int:
        """The number of a series, -1 if it was never heard of."""
        return self._series.get((self._item.get(sku, -1), self._location.get(location, -1)), -1)

    def restyle(self, item: int, style: str) -> None:
        """The item is of that style now."""
        if self.styles[self.style_of[item]] != style:
            self.style_of[item] = self._numbered(self._style, self.styles, style)
            self.changed = True

    def series_of(self, location: str, style: str, sku: str) -> Index:
        """The series of a location, a style and an SKU; what is empty does not narrow them."""
        if len(self._arrays[0]) != len(self):
            self._arrays = _index(self.item), _index(self.location)
        item, place = self._arrays
        meant = np.ones(len(self), dtype=np.bool_)
        if location:
            meant &= place == self._location.get(location, -1)
        if style:
            meant &= _index(self.style_of)[item] == self._style.get(style, -1)
        if sku:
            meant &= item == self._item.get(sku, -1)
        return np.flatnonzero(meant)

    def panel(self) -> Panel:
        """One region and one department: partitions are too small to learn these apart."""
        aggregates = len(self._aggregates)
        one = Level(np.zeros(aggregates, dtype=np.intp), 1)
        return Panel(
            aggregate=Level(_index(self.aggregate), aggregates),
            item=Level(_index(self.item), len(self.items)),
            region=one,
            department=one,
        )

    def categories_of_series(self) -> Ints:
        """The category number of each series, (n,)."""
        return np.asarray(_index(self.category_of)[_index(self.item)], dtype=np.int64)

    def aggregates(self) -> int:
        """How many there are."""
        return len(self._aggregates)

    def divide(self, rate: Array) -> list[Division]:
        """Give locations that sell enough of a category an aggregate of their own; ``rate`` is units a day (n,)."""
        divisions: list[Division] = []
        of, place = _index(self.aggregate), _index(self.location)
        for whole, (category, where) in enumerate(list(self._aggregates)):
            if where == EVERYWHERE:
                mine = of == whole
                by_place = added(place[mine], rate[mine], len(self.locations))
                divisions += self._divide(whole, category, by_place, mine, place)
        return divisions

    def _divide(self, whole: int, category: int, by_place: Array, mine: Mask, place: Index) -> list[Division]:
        divisions: list[Division] = []
        if np.count_nonzero(by_place) < 2:
            return divisions
        left = by_place.sum()
        for large in np.flatnonzero(by_place >= ENOUGH_A_DAY):
            self.changed = True
            part = self._add(category, int(large))
            for series in np.flatnonzero(mine & (place == large)):
                self.aggregate[series] = part
            divisions.append(Division(whole, part, float(by_place[large] / left)))
            left -= by_place[large]
        return divisions

    def _home(self, category: int, place: int) -> int:
        """A series joins its location's own aggregate if there is one."""
        own = self._aggregate.get((category, place))
        if own is None:
            own = self._aggregate.get((category, EVERYWHERE))
        return self._add(category, EVERYWHERE) if own is None else own

    def _add(self, category: int, place: int) -> int:
        self._aggregates.append((category, place))
        self._aggregate[(category, place)] = len(self._aggregates) - 1
        return len(self._aggregates) - 1

    @staticmethod
    def _numbered(numbers: dict[str, int], names: list[str], name: str) -> int:
        number = numbers.get(name)
        if number is None:
            number = numbers[name] = len(names)
            names.append(name)
        return number


def _index(numbers: list[int]) -> Index:
    return np.array(numbers, dtype=np.intp)

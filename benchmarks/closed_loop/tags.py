"""Which tagged units are in each store, and what a reader hears of them."""

import numpy as np

from benchmarks.closed_loop.scene import Scene, Units
from schemas.observations import TagSeen

_OWN_DBM, _STRAY_DBM, _SPREAD_DBM = -52.0, -66.0, 6.0


class Tags:
    """Tags by series, one a unit; who takes which is drawn, so that the same units go whatever is heard."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._random = np.random.default_rng([scene.seed, 2])
        self._made = 0
        self.there: list[list[str]] = [[] for _ in scene.item]

    def make(self, series: int, units: int) -> tuple[str, ...]:
        """New units come in."""
        made = tuple(f"tag-{self._made + at:07d}" for at in range(units))
        self._made += units
        self.there[series] += made
        return made

    def take(self, series: int, units: int) -> tuple[str, ...]:
        """Any of them go."""
        here = self.there[series]
        return tuple(here.pop(int(self._random.integers(len(here)))) for _ in range(units))

    def put(self, series: int, tags: tuple[str, ...]) -> None:
        """Known units come in."""
        self.there[series] += tags

    def take_all(self, units: Units) -> None:
        """Any of each series go, (n,)."""
        for series in np.flatnonzero(units).tolist():
            self.take(series, int(units[series]))

    def sweep(self, series: int, at_ms: int) -> tuple[TagSeen, ...]:
        """What is heard of one SKU in one store: most of what is there, and now and then a stranger."""
        chances, here = self._scene.chances, self.there[series]
        heard = [
            tag for tag, luck in zip(here, self._random.random(len(here)), strict=True) if luck < chances.read_rate
        ]
        strays = [f"stray-{self._random.integers(1 << 40):x}" for _ in range(self._strays(len(here)))]
        return tuple(self._seen(tag, _OWN_DBM, at_ms) for tag in heard) + tuple(
            self._seen(tag, _STRAY_DBM, at_ms) for tag in strays
        )

    def _strays(self, there: int) -> int:
        return int(self._random.poisson(self._scene.chances.stray_share * there))

    def _seen(self, tag: str, dbm: float, at_ms: int) -> TagSeen:
        return TagSeen(tag, 1, round(float(self._random.normal(dbm, _SPREAD_DBM)), 1), at_ms, at_ms)

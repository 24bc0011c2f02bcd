"""How often the quantiles that orders are read at cover the demand that came, on M5.

The learner of the fold is told the sales of some stores day by day. Every protection interval its forecasts are
read at each stated coverage, once at that chance itself and once at the level the learner says (conformal), and
held against the units that came. ``python -m benchmarks.coverage --data DIR`` prints text, or with ``--json``
one JSON object as the last line.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.m5.files import read_days, read_ids, read_sales
from inventory.demand import negative_binomial
from inventory.demand.learner import Learner, Terms
from inventory.demand.panel.arrays import Array
from inventory.demand.public_holidays import holiday_signals

COVERAGES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
INTERVAL_DAYS = 8
_WARM_UP_DAYS = 100
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_MS, _NOON_MS = 86_400_000, 43_200_000
_LEAST_MEAN = 0.05
"""Units in an interval; below, a series is as good as gone."""

Table = dict[str, dict[str, float]]


def taught(data: Path, stores: list[str], first_day: int) -> Iterator[tuple[Learner, Array]]:
    """The learner at the end of each day, and units (n,) of the interval that follows."""
    ids, sales = read_ids(data), read_sales(data)
    chosen = [at for at, store in enumerate(ids.store) if store in stores]
    days, state = read_days(data, sorted(set(ids.state))), dict(zip(ids.store, ids.state, strict=True))
    learner, n = Learner(), len(chosen)
    for at in chosen:
        learner.register.series(ids.item[at], ids.store[at], ids.department[at], ids.item[at])
    for day in range(first_day, sales.units.shape[1] - INTERVAL_DAYS):
        on, units, price = days[day].on.toordinal() - _EPOCH, sales.units[chosen, day], sales.prices_of(day)[chosen]
        for at in np.flatnonzero(units).tolist():
            learner.sold(at, on * _DAY_MS + _NOON_MS, int(units[at]), float(price[at]))
        asked = np.where(price > 0.0, price, np.nan)
        terms = Terms(
            np.full(n, INTERVAL_DAYS),
            asked,
            np.zeros(n, dtype=np.bool_),
            lambda of, place: holiday_signals(of, "US", state[place]),
        )
        while 0 <= learner.day <= on:
            learner.end_day(terms)
        yield learner, sales.units[chosen, day + 1 : day + 1 + INTERVAL_DAYS].sum(axis=1, dtype=np.float64)


def covered(learner: Learner, came: Array, *, conformal: bool) -> Array:
    """Shares of what came that each quantile covers, (series, coverages); of an atom the part below the level."""
    mean, variance = learner.means(), learner.variances()
    some = mean >= _LEAST_MEAN
    below, at_most = negative_binomial.chances(mean[some], variance[some], came[some])
    asked = [np.full(len(mean), one) for one in COVERAGES]
    read = [(learner.levels(one) if conformal else one)[some] for one in asked]
    width = np.maximum(at_most - below, 1e-15)
    found: Array = np.clip((np.stack(read) - below) / width, 0.0, 1.0).T
    return found


def measured(data: Path, stores: list[str], first_day: int, warm_up_days: int = _WARM_UP_DAYS) -> Table:
    """Shares covered by who reads the forecasts, then by the coverage asked for."""
    shares: dict[str, list[Array]] = {"as asked for": [], "conformal": []}
    for day, (learner, came) in enumerate(taught(data, stores, first_day)):
        if day >= warm_up_days and day % INTERVAL_DAYS == 0:
            shares["as asked for"].append(covered(learner, came, conformal=False))
            shares["conformal"].append(covered(learner, came, conformal=True))
    means = {name: np.concatenate(found).mean(axis=0).tolist() for name, found in shares.items()}
    return {
        name: {f"{asked:g}": round(mean, 4) for asked, mean in zip(COVERAGES, found, strict=True)}
        for name, found in means.items()
    }


def main(
    folder: Annotated[Path, typer.Option("--data", exists=True, file_okay=False, help="Folder with M5's files.")],
    stores: Annotated[str, typer.Option(help="By commas.")] = "CA_1,TX_2",
    first_day: Annotated[int, typer.Option(help="1250 is d_1251; a hundred days later scoring begins.")] = 1250,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Coverage asked for and delivered."""
    table = measured(folder, stores.split(","), first_day)
    if as_json:
        print(json.dumps(table))
        return
    print(f"{'asked for':14}", *(f"{asked:7.1%}" for asked in COVERAGES))
    for name, found in table.items():
        print(f"{name:14}", *(f"{share:7.1%}" for share in found.values()))


if __name__ == "__main__":
    typer.run(main)

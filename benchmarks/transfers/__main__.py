"""``python -m benchmarks.transfers``: text, or with ``--json`` one JSON object as the last line."""

import json
from statistics import median
from time import perf_counter
from typing import Annotated

import typer

from benchmarks.transfers.chain import DAY, HOUR, START, Told, chain
from inventory.demand import daily
from inventory.transfers.day_end import plan_day
from inventory.transfers.rescue import propose
from schemas.facts import Transfer


def main(
    styles: Annotated[int, typer.Option(min=1)] = 500,
    stores: Annotated[int, typer.Option(min=2)] = 10,
    rescues: Annotated[int, typer.Option(min=1)] = 100,
    around: Annotated[int, typer.Option(min=2)] = 50,
    seed: Annotated[int, typer.Option()] = 7,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Plan a day's end, and rescue one location among many."""
    measured = {**_day_end(chain(styles, stores, seed)), **_rescues(chain(-(-rescues // 4), around, seed), rescues)}
    if as_json:
        print(json.dumps(measured))
        return
    print(f"a day's end of {styles} styles at {stores} stores: {measured['day_end_seconds']:.2f} s", end=", ")
    print(f"{measured['transfers']:.0f} transfers on {measured['trips']:.0f} trips earn {measured['net']:.0f}")
    print(f"a rescue among {around} stores: median {measured['rescue_ms']:.1f} ms, worst {measured['worst_ms']:.1f} ms")


def _day_end(told: Told) -> dict[str, float]:
    told.state.core.clock_ms = START + DAY
    turn = told.turn(1_000_000)
    turn.saying.occurred_at_ms = turn.saying.recorded_at_ms = START + DAY
    started = perf_counter()
    plan_day(turn)
    seconds = perf_counter() - started
    said = [fact for fact in turn.saying.facts if isinstance(fact, Transfer)]
    return {
        "day_end_seconds": round(seconds, 3),
        "transfers": len(said),
        "trips": len({(fact.origin, fact.destination) for fact in said}),
        "net": round(sum(fact.expected_gain - fact.expected_cost for fact in said), 2),
    }


def _rescues(told: Told, most: int) -> dict[str, float]:
    """Of sales that sell a store out, each of another SKU; timed are decision and receipt."""
    took: list[float] = []
    said = 0
    for number, sku in enumerate(sorted(told.state.skus.values(), key=lambda sku: sku.item.sku)[:most]):
        stock = sku.locations["store-00"]
        stock.transfers.clear()
        stock.short_units = -1
        turn = told.turn(2_000_000 + number)
        turn.saying.occurred_at_ms = turn.saying.recorded_at_ms = START + 13 * HOUR
        touched = turn.witness(sku, "store-00", START + 13 * HOUR)
        stock.ledger.on_hand, stock.ledger.opening_known = 0, True
        daily.observe(stock.demand, 2, START + 13 * HOUR, turn.rules.demand_half_life_days)
        started = perf_counter()
        propose(turn, touched)
        took.append(1000.0 * (perf_counter() - started))
        said += any(isinstance(fact, Transfer) for fact in turn.saying.facts)
    return {"rescue_ms": round(median(took), 2), "worst_ms": round(max(took), 2), "rescued": said}


if __name__ == "__main__":
    typer.run(main)

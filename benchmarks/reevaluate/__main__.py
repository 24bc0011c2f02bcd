"""``python -m benchmarks.reevaluate``: text, or with ``--json`` one JSON object as the last line."""

import json
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Annotated, TypeVar

import typer

from benchmarks.reevaluate.chain import NOW, Pair, chain
from inventory.outlook import demand_of
from inventory.replenishment.policies import Case, PeriodicMinMax
from inventory.replenishment.reorder import Decision, Terms, case_of, decide, decide_many
from inventory.state import PartitionState

POLICY = PeriodicMinMax(cycle_service_level=0.95, order_cover_days=7.0)
TERMS = Terms()
ROUNDS = 3

Found = TypeVar("Found")


def main(
    pairs: Annotated[int, typer.Option(min=1)] = 15_000,
    stores: Annotated[int, typer.Option(min=1)] = 100,
    seed: Annotated[int, typer.Option()] = 7,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Decide about every pair again, all at once and one by one; the decisions must be the same."""
    told = chain(pairs, stores, seed)
    rounds = [_timed(_all_at_once, told) for _ in range(ROUNDS)]
    seconds, cpu_seconds, decisions = min(rounds, key=lambda one: one[0])
    seconds_one_by_one, _, alone = _timed(_one_by_one, told)
    if decisions != alone:
        raise SystemExit("deciding for all at once differs from deciding one by one")
    orders = sum(decision.quantity > 0 for decision in decisions)
    measured = {
        "pairs": pairs,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "orders": orders,
        "seconds_one_by_one": round(seconds_one_by_one, 3),
    }
    if as_json:
        print(json.dumps(measured))
    else:
        print(
            f"{pairs} pairs decided again in {seconds:.2f} s ({seconds_one_by_one:.2f} s one by one), {orders} to order"
        )


def _timed(work: Callable[[Sequence[Pair]], Found], told: Sequence[Pair]) -> tuple[float, float, Found]:
    """Seconds on the clock and of the processor, and what came out."""
    started, started_cpu = perf_counter(), process_time()
    found = work(told)
    return perf_counter() - started, process_time() - started_cpu, found


def _all_at_once(told: Sequence[Pair]) -> list[Decision]:
    state = PartitionState(0)
    return decide_many(POLICY, [_case(state, pair) for pair in told], [pair.lots for pair in told])


def _one_by_one(told: Sequence[Pair]) -> list[Decision]:
    state = PartitionState(0)
    return [decide(POLICY, _case(state, pair), pair.lots) for pair in told]


def _case(state: PartitionState, pair: Pair) -> Case:
    """Without a learned day the forecast is the plain one of each pair."""
    demand = demand_of(state, pair.sku, pair.location, pair.stock)
    return case_of(pair.stock, pair.sku.item, demand, pair.lead_time, pair.supplier.review_period_days, NOW, TERMS)


if __name__ == "__main__":
    typer.run(main)

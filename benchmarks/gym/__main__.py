"""``python -m benchmarks.gym``: a table, or with ``--json`` one JSON object as the last line."""

import json
from typing import Annotated

import typer

from benchmarks.gym.networks import Scenario, scenarios
from benchmarks.gym.play import oracle, play
from benchmarks.gym.policies import POLICIES


def main(
    seed: Annotated[int, typer.Option(help="The first episode of each scenario.")] = 100,
    seeds: Annotated[int, typer.Option(min=1, help="Episodes of each scenario.")] = 5,
    only: Annotated[str, typer.Option(help="Scenarios whose name contains this.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Profit as a share of the oracle's, over all episodes of a scenario."""
    chosen = [scenario for scenario in scenarios() if only in scenario.name]
    shares = {scenario.name: score(scenario, range(seed, seed + seeds)) for scenario in chosen}
    if as_json:
        print(json.dumps({"episodes": seeds, "scenarios": shares}))
    else:
        _show(shares)


def score(scenario: Scenario, seeds: range) -> dict[str, float]:
    """Each contestant's share."""
    best = sum(oracle(scenario, seed).profit for seed in seeds)
    profits = {name: sum(play(scenario, policy, seed) for seed in seeds) for name, policy in POLICIES.items()}
    return {name: round(profit / best, 4) for name, profit in profits.items()}


def _show(shares: dict[str, dict[str, float]]) -> None:
    print("Profit as a share of the oracle's")
    print(f"{'':<45}" + "".join(f"{name:>12}" for name in POLICIES))
    for scenario, told in shares.items():
        print(f"{scenario:<45}" + "".join(f"{told[name]:>12.3f}" for name in POLICIES))


if __name__ == "__main__":
    typer.run(main)

"""``python -m benchmarks.level_steps``: text, or with ``--json`` one JSON object as the last line."""

import json
from typing import Annotated

import numpy as np
import typer

from benchmarks.level_steps.chain import LAST_DAY, played, stepping

RATES, FACTORS = (1.0, 5.0, 30.0), (3.0, 1.0 / 3.0)
PHASES = {"days 7 to 13": (7, 14), "days 14 to 27": (14, 28), "days 28 to 55": (28, 56)}


def measured(rate: float, factor: float, last_day: int = LAST_DAY) -> dict[str, dict[str, float]]:
    """Mean error of the coming week's level as a share of the truth: of stepping series by phase, and of the others."""
    run, stepped = played(rate, factor, last_day), stepping()
    found = {}
    for name, said in run.forecasts.items():
        off = np.abs(said / run.truth - 1.0)
        phases = {phase: off[a:b, stepped] for phase, (a, b) in PHASES.items()}
        errors = {phase: round(float(part.mean()), 3) for phase, part in phases.items() if part.size}
        found[name] = {**errors, "without a step": round(float(off[:, ~stepped].mean()), 3)}
    return found


def main(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """One series in eight sells three times as much, or a third, from one day on."""
    tables = {(rate, factor): measured(rate, factor) for rate in RATES for factor in FACTORS}
    if as_json:
        print(
            json.dumps({f"{rate:g} a day, then {rate * factor:.3g}": table for (rate, factor), table in tables.items()})
        )
        return
    for case, table in tables.items():
        print(f"{_named(*case)}: mean error of the coming week's level")
        for name, errors in table.items():
            print(f"  {name:16}", "   ".join(f"{phase} {error:.0%}" for phase, error in errors.items()))


def _named(rate: float, factor: float) -> str:
    return f"{rate:g} a day, then {rate * factor:.3g}"


if __name__ == "__main__":
    typer.run(main)

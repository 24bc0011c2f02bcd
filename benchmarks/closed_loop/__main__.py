"""``python -m benchmarks.closed_loop --data DIR``: a table, or with ``--json`` one JSON object as the last line."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.closed_loop import files, perfect, product
from benchmarks.closed_loop.compare import Asked, by_people, same_service
from benchmarks.closed_loop.scene import Scene, scene
from benchmarks.closed_loop.scores import profit, scores

SCORED_FROM = 28
"""Played days before the first that is scored: what the openings brought is over by then."""
RULES: dict[str, product.RuleValue] = {"cycle_service_level": 0.97, "order_cover_days": 0.0}
"""Chosen on earlier days and other draws, see docs/closed-loop.md."""


def main(
    folder: Annotated[Path, typer.Option("--data", exists=True, file_okay=False, help="Folder with m5/.")],
    skus: Annotated[int, typer.Option(min=1, help="SKUs, sold in every store.")] = 20,
    stores: Annotated[int, typer.Option(min=1, max=10)] = 3,
    days: Annotated[int, typer.Option(min=1, help="Scored days.")] = 170,
    first_day: Annotated[int, typer.Option(help="The first day of the history; 1500 is d_1500.")] = 1500,
    history_days: Annotated[int, typer.Option(min=56)] = 84,
    seed: Annotated[int, typer.Option(help="Of the draw of SKUs and of everything simulated.")] = 1,
    review_days: Annotated[int, typer.Option(min=1, help="Orders are placed every so many days.")] = 1,
    fill_rate: Annotated[float, typer.Option(help="What people's policies are set to reach on the warm-up.")] = 0.98,
    rule: Annotated[list[str] | None, typer.Option(help="NAME=VALUE of restockd's rules; may be repeated.")] = None,
    only: Annotated[str, typer.Option(help="Variants of restockd to play, by commas; empty = all.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Play every policy in the same world and score it."""

    def world_from(day: int) -> Scene:
        drawn = files.draw(folder / "m5", day, history_days, SCORED_FROM + days, stores, skus, seed)
        return scene(drawn, history_days, SCORED_FROM, seed, review_days=review_days)

    try:
        warm_up, scored = world_from(first_day - SCORED_FROM - days), world_from(first_day)
        rules = RULES | dict(map(_rule, rule or []))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    variants = only.split(",") if only else list(product.VARIANTS)
    answer = _play(scored, warm_up, Asked(fill_rate), rules, variants)
    answer["setting"] = {
        "skus": skus, "stores": stores, "scored_days": days, "first_day": first_day, "history_days": history_days,
        "seed": seed, "review_days": review_days, "fill_rate_asked": fill_rate, "rules": rules,
    }  # fmt: skip
    if as_json:
        print(json.dumps(answer))
    else:
        _show(answer)


def _rule(told: str) -> tuple[str, product.RuleValue]:
    name, _, value = told.partition("=")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _play(
    scored: Scene, warm_up: Scene, asked: Asked, rules: dict[str, product.RuleValue], variants: Sequence[str]
) -> dict[str, Any]:
    plan = perfect.play(scored)
    best = profit(scored, plan)
    people, settings = by_people(scored, warm_up, asked)
    told = {name: scores(scored, record, best) for name, record in people.items()}
    seconds = {}
    for name in variants:
        began = time.perf_counter()
        told[name] = scores(scored, product.play(scored, product.VARIANTS[name], rules), best)
        seconds[name] = round(time.perf_counter() - began, 1)
    told["perfect_information"] = scores(scored, plan, best)
    answer: dict[str, Any] = {"policies": told, "settings_of_people": settings, "seconds": seconds}
    if "restockd" in told:
        answer["same_service"] = same_service(scored, told["restockd"], best)
    return answer


def _show(answer: dict[str, Any]) -> None:
    columns = ("fill_rate", "stockout_rate", "average_stock", "lost_margin", "transfers", "profit_share")
    rows = dict(answer["policies"])
    if "same_service" in answer:
        for service, of in answer["same_service"].items():
            rows |= {f"{name}, same {service}": told for name, told in of.items()}
    print(f"{'':<32}" + "".join(f"{column:>15}" for column in columns))
    for name, of in rows.items():
        print(f"{name:<32}" + "".join(f"{of[column]:>15}" for column in columns))
    for name in ("settings_of_people", "seconds", "setting"):
        print(f"{name}: {answer[name]}")
    for service, of in answer.get("same_service", {}).items():
        saved = ", ".join(f"{told['stock_saved']:.1%} beside {name}" for name, told in of.items())
        print(f"stock saved at the same {service}: {saved}")


if __name__ == "__main__":
    typer.run(main)

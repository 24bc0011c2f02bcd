"""Saying that a stock is unlikely to sell, when that is news, and holding the alert."""

from typing import NamedTuple

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.reports import on_hand_of
from inventory.state import LocationStock, SaidSurplus, SkuState
from inventory.surplus.ends import SEASON_END, End
from inventory.turn import Turn
from schemas.facts import StockSurplus, utc

SURPLUS = "surplus"
_CHANGED, _CHANGED_UNITS = 0.25, 1.0
_HOURS_PER_DAY, _DAYS_PER_YEAR = 24.0, 365.0


class Finding(NamedTuple):
    """What is expected of one stock until its end, as things are and with the markdown."""

    end: End
    units: int
    mean_units: float
    unsold: float
    all_sold: float
    price: float | None
    elasticity: float
    markdown: float
    clearing_markdown: float | None
    revenue: float | None
    marked_down_unsold: float
    marked_down_all_sold: float
    marked_down_revenue: float | None


def say_surplus(
    turn: Turn, place: tuple[SkuState, str, LocationStock], found: Finding, at_ms: int, *, open_now: bool
) -> None:
    """Say it if it begins, ends or changed by enough, and hold the alert."""
    sku, location, stock = place
    if not open_now or _is_news(stock.surplus, found):
        turn.saying.say(_fact(turn, place, found, at_ms, open_now=open_now))
        stock.surplus = _said(found) if open_now else None
        turn.state.touch(sku.item.style)
    condition = _condition(turn, sku, location, found)
    said = len(turn.saying.facts)
    hold(turn, stock.alerts, condition, true=open_now, at_once=True)
    if len(turn.saying.facts) > said:
        turn.state.touch(sku.item.style)


def _said(found: Finding) -> SaidSurplus:
    return SaidSurplus(found.end.kind, str(found.end.on), found.unsold, found.markdown, found.price)


def _is_news(said: SaidSurplus | None, found: Finding) -> bool:
    if said is None:
        return True
    moved = abs(found.unsold - said.expected_unsold_units)
    return (said.kind, said.season_end, said.markdown) != (
        found.end.kind,
        str(found.end.on),
        found.markdown,
    ) or moved >= max(_CHANGED * max(found.unsold, said.expected_unsold_units), _CHANGED_UNITS)


def _condition(turn: Turn, sku: SkuState, location: str, found: Finding) -> Condition:
    """The money at risk is what the units left over lose, spread over the time there is to do something about it."""
    item, ends = sku.item, found.end.kind == SEASON_END
    until = f"by {found.end.on}" if ends else "within a year"
    off = f"; {found.markdown:.0%} off earns most" if found.markdown else ""
    summary = (
        f"{item.name or item.sku} at {location}: {found.unsold:.0f} of {found.units} not expected to sell {until}{off}"
    )
    a_day = None
    if item.cost is not None:
        lost = item.cost * (1.0 - turn.rules.leftover_share) / max(found.end.days, 1.0)
        a_day = found.unsold * (lost if ends else item.cost * turn.rules.carrying_share_per_year / _DAYS_PER_YEAR)
    return Condition(
        SURPLUS,
        "warning" if ends else "info",
        summary,
        location=location,
        sku=item.sku,
        probability=round(1.0 - found.all_sold, 4),
        money_at_risk_per_hour=None if a_day is None else round(a_day / _HOURS_PER_DAY, 4),
    )


def _fact(
    turn: Turn, place: tuple[SkuState, str, LocationStock], found: Finding, at_ms: int, *, open_now: bool
) -> StockSurplus:
    (sku, location, stock), saying = place, turn.saying
    item = sku.item
    return StockSurplus(
        fact_id=saying.new_id("surplus", location, item.sku, turn.cause),
        occurred_at=utc(at_ms),
        location=location,
        sku=item.sku,
        style=item.style,
        state="open" if open_now else "cleared",
        kind="season_end" if found.end.kind == SEASON_END else "slow",
        season_end=found.end.on,
        horizon_days=round(found.end.days, 3),
        units=found.units,
        on_hand=on_hand_of(stock),
        mean_per_day=round(found.mean_units / found.end.days, 4) if found.end.days > 0.0 else 0.0,
        expected_unsold_units=round(found.unsold, 2),
        probability_all_sold=round(found.all_sold, 4),
        price=found.price,
        currency=item.currency,
        elasticity=round(found.elasticity, 3),
        markdown=found.markdown,
        clearing_markdown=found.clearing_markdown,
        expected_revenue=_money(found.revenue),
        marked_down_unsold_units=round(found.marked_down_unsold, 2),
        marked_down_probability_all_sold=round(found.marked_down_all_sold, 4),
        marked_down_revenue=_money(found.marked_down_revenue),
        tied_up=None if item.cost is None else _money(found.unsold * item.cost),
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )


def _money(value: float | None) -> float | None:
    return None if value is None else round(value, 2)

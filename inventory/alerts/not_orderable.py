"""A need that no order can fill: nobody is left to order of, or the smallest order is larger than the largest."""

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.alerts.shortages import shortage_of
from inventory.supply import Source
from inventory.turn import Touched, Turn
from schemas.wording import amount

NOT_ORDERABLE = "not_orderable"


def hold_not_orderable(turn: Turn, touched: Touched, why: str) -> None:
    """Raise, keep or end the alert; ``why`` is empty where there is no such need."""
    if not why and NOT_ORDERABLE not in touched.stock.alerts:
        return
    item = touched.sku.item
    summary = f"{item.name or item.sku} is needed at {touched.location} and cannot be ordered: {why}"
    if not why:
        summary = f"{item.name or item.sku} at {touched.location} can be ordered, or is not needed any more"
    risk = shortage_of(turn, touched).margin_per_hour if why else None
    condition = Condition(
        NOT_ORDERABLE, "warning", summary, location=touched.location, sku=item.sku, money_at_risk_per_hour=risk
    )
    hold(turn, touched.stock.alerts, condition, true=bool(why), at_once=True)


def why_not(source: Source) -> str:
    """Why nothing can ever be ordered of a source; empty where it can."""
    if source.barred:
        return source.barred
    lots = source.lots
    if lots.last == 0:
        return f"an order is of {amount(lots.first)} at least (minimum and pack) and of {lots.most_units} at most"
    return ""

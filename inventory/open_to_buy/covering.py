"""Which budgets an order falls under."""

from collections.abc import Mapping

from schemas.observations import BudgetDefined, ItemDefined


def covering(
    budgets: Mapping[str, BudgetDefined], item: ItemDefined, supplier: str, location: str, at_ms: int
) -> tuple[str, ...]:
    """The names, in order, of all budgets for an order proposed at that time; those in the item's currency only."""
    return tuple(
        name
        for name, budget in sorted(budgets.items())
        if budget.starts_at_ms <= at_ms < budget.ends_at_ms
        and budget.currency == item.currency
        and (not budget.suppliers or supplier in budget.suppliers)
        and (not budget.categories or item.category in budget.categories)
        and (not budget.locations or location in budget.locations)
    )

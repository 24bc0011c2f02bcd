"""Taking reference data and rules from the log into the state."""

from math import inf

import msgspec

from inventory.open_to_buy.claims import count_placed
from inventory.rules import rules_from
from inventory.state import SkuState
from inventory.supply import is_retired_supplier
from inventory.turn import Turn
from schemas.observations import (
    BudgetDefined,
    ItemDefined,
    LaneDefined,
    LocationDefined,
    OfferDefined,
    RulesChanged,
    SupplierDefined,
)


def item(turn: Turn, seen: ItemDefined) -> None:
    """Reference data of a SKU; the newest record in the log holds.

    With another style the SKU changes its bucket: both have to be stored.
    """
    sku = turn.state.sku(seen.sku, seen.style)
    turn.state.touch(sku.item.style)
    turn.state.touch(seen.style)
    changed = seen != msgspec.structs.replace(sku.item, occurred_at_ms=seen.occurred_at_ms)
    sku.item = seen
    for where in sorted(sku.locations) if changed else ():
        _look_again(turn, sku, where)


def location(turn: Turn, seen: LocationDefined) -> None:
    """Reference data of a location; what is open there may end with it."""
    before = turn.state.core.locations.get(seen.location)
    turn.state.core.locations[seen.location] = seen
    ends = seen.retired or not seen.replenished
    if ends and (before is None or (before.retired, before.replenished) != (seen.retired, seen.replenished)):
        for name in sorted(turn.state.skus):
            _look_again(turn, turn.state.skus[name], seen.location)


def supplier(turn: Turn, seen: SupplierDefined) -> None:
    """Reference data of a supplier; what is suggested to one that is retired now is decided about again."""
    if seen.retired and not is_retired_supplier(turn.state, seen.supplier):
        _decide_again(turn, seen.supplier)
    turn.state.core.suppliers[seen.supplier] = seen
    known = turn.state.supply.suppliers.get(seen.supplier)
    if known is not None:
        known.news = turn.state.supply_changed = True


def _decide_again(turn: Turn, supplier: str) -> None:
    for order_id in sorted(turn.state.orders):
        name, location = turn.state.orders[order_id]
        sku = turn.state.skus[name]
        stock = turn.state.at(sku, location)
        suggestion = stock.book.suggestion
        if suggestion is not None and (suggestion.order_id, suggestion.supplier) == (order_id, supplier):
            turn.touch(sku, location, turn.now_at(stock))


def lane(turn: Turn, seen: LaneDefined) -> None:
    """An allowed way between two locations; a retired one is taken off."""
    key = f"{seen.origin}|{seen.destination}"
    if seen.retired:
        turn.state.core.lanes.pop(key, None)
    else:
        turn.state.core.lanes[key] = seen


def offer(turn: Turn, seen: OfferDefined) -> None:
    """What a supplier asks for a SKU or a style; a retired offer is taken off."""
    offers, name = turn.state.offers, seen.sku or seen.style
    told = offers.skus if seen.sku else offers.styles
    here = told.setdefault(name, {})
    if seen.retired:
        here.pop(seen.supplier, None)
    else:
        here[seen.supplier] = seen
    if not here:
        del told[name]
    turn.state.offers_changed = True


def budget(turn: Turn, seen: BudgetDefined) -> None:
    """Money for orders of a period; a retired budget is taken off, and nobody waits for it any more."""
    budgets = turn.state.core.budgets
    if seen.retired:
        budgets.pop(seen.budget, None)
    else:
        budgets[seen.budget] = seen
        count_placed(turn, seen)


def rules(turn: Turn, seen: RulesChanged) -> None:
    """New decision rules, from here on; where less may be ordered without a person, what is suggested waits for one."""
    before, now = turn.rules, rules_from(seen.version, seen.values)
    turn.state.core.rules = now
    if 0.0 < now.approval_limit < (before.approval_limit or inf):
        for sku, where in sorted(set(turn.state.orders.values())):
            _look_again(turn, turn.state.skus[sku], where)


def _look_again(turn: Turn, sku: SkuState, where: str) -> None:
    """Decide again about what is open of a SKU at a location: a suggestion, tasks, alerts."""
    stock = sku.locations.get(where)
    if stock is not None and (stock.book.suggestion is not None or stock.tasks or stock.alerts):
        turn.touch(sku, where, turn.saying.occurred_at_ms)

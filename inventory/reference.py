"""Taking reference data and rules from the log into the state."""

from collections.abc import Callable

import msgspec

from inventory.open_to_buy.claims import count_placed
from inventory.replenishment.orders import OrderBook
from inventory.rules import rules_from
from inventory.shadow import promotion
from inventory.state import SkuState
from inventory.supply import is_retired_supplier
from inventory.transfers import journeys
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
        _decide_again(turn, seen.supplier, lambda _: True)
    turn.state.core.suppliers[seen.supplier] = seen
    known = turn.state.supply.suppliers.get(seen.supplier)
    if known is not None:
        known.news = turn.state.supply_changed = True


def _decide_again(turn: Turn, supplier: str, concerned: Callable[[ItemDefined], bool]) -> None:
    """About what is suggested to a supplier of the items that are concerned."""
    for order_id in sorted(turn.state.orders):
        name, location = turn.state.orders[order_id]
        sku = turn.state.skus[name]
        stock = turn.state.at(sku, location)
        suggestion = stock.book.suggestion
        if suggestion is None or (suggestion.order_id, suggestion.supplier) != (order_id, supplier):
            continue
        if concerned(sku.item):
            turn.touch(sku, location, turn.now_at(stock))


def lane(turn: Turn, seen: LaneDefined) -> None:
    """An allowed way between two locations; a retired one is taken off, and what was to go there stays."""
    key = f"{seen.origin}|{seen.destination}"
    if seen.retired:
        turn.state.core.lanes.pop(key, None)
        for order_id in sorted(turn.state.on_lane.get((seen.origin, seen.destination), ())):
            _look_again(turn, turn.state.skus[turn.state.orders[order_id][0]], seen.destination)
    else:
        turn.state.core.lanes[key] = seen


def offer(turn: Turn, seen: OfferDefined) -> None:
    """What a supplier asks for a SKU or a style; a retired one is taken off, its suggestions decided again."""
    offers, name = turn.state.offers, seen.sku or seen.style
    told = offers.skus if seen.sku else offers.styles
    here = told.setdefault(name, {})
    if seen.retired:
        here.pop(seen.supplier, None)
        _decide_again(turn, seen.supplier, lambda item: item.sku == seen.sku if seen.sku else item.style == seen.style)
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
    """New decision rules, from here on; with another approval limit what is suggested waits, or is released."""
    before, now = turn.rules, rules_from(seen.version, seen.values)
    turn.state.core.rules = now
    promotion.follow_rules(turn, before)
    if now.approval_limit != before.approval_limit:
        for name, where in sorted(set(turn.state.orders.values())):
            sku = turn.state.skus[name]
            _tell_budgets_again(sku.locations[where].book)
            _look_again(turn, sku, where)


def _tell_budgets_again(book: OrderBook) -> None:
    """Who has to release what waits may be another now."""
    if book.waits and book.suggestion is not None:
        book.suggestion.claimed_day = -1


def _look_again(turn: Turn, sku: SkuState, where: str) -> None:
    """Decide again about what is open of a SKU at a location: a suggestion, transfers from or to it, tasks, alerts."""
    stock = sku.locations.get(where)
    if stock is None:
        return
    transfers = next(journeys.at_either_end(sku, where), None)
    if stock.book.suggestion is not None or transfers or stock.tasks or stock.alerts:
        turn.touch(sku, where, turn.reached(stock))

"""Where goods come from: the supplier of an item, what it takes and how long."""

from collections.abc import Mapping

import msgspec

from inventory.replenishment.lead_time import LeadTime, stated
from inventory.replenishment.rounding import Lots
from inventory.state import SkuState
from inventory.turn import Turn
from schemas.observations import SupplierDefined


class Source(msgspec.Struct, frozen=True):
    """Whom to order of, and what is known of that; ``alternatives`` are landed costs of the others, by name."""

    supplier: SupplierDefined
    lead_time: LeadTime
    unit_cost: float | None
    lots: Lots
    review_period_days: float
    alternatives: Mapping[str, float] = {}


def source_of(turn: Turn, sku: SkuState, location: str) -> Source:  # noqa: ARG001
    """The item's supplier; one with the lead time of the rules where none is told."""
    supplier, item = supplier_of(turn, sku), sku.item
    return Source(
        supplier,
        lead_time_of(supplier),
        item.cost,
        Lots(max(item.minimum_order_units, supplier.minimum_order_units), item.pack, item.maximum_order_units),
        supplier.review_period_days,
    )


def lead_time_of(supplier: SupplierDefined) -> LeadTime:
    """Days from order to receipt."""
    return stated(supplier.lead_time_days, supplier.lead_time_sd_days)


def supplier_of(turn: Turn, sku: SkuState) -> SupplierDefined:
    """The item's supplier; one with the lead time of the rules where none is told."""
    known = turn.state.core.suppliers.get(sku.item.supplier)
    if known is not None and not known.retired:
        return known
    rules = turn.rules
    return SupplierDefined(
        sku.item.supplier, 0, rules.lead_time_days, rules.lead_time_sd_days, rules.review_period_days
    )

"""Where goods come from: the supplier of an item, what it takes and how long."""

from inventory.replenishment.lead_time import LeadTime, stated
from inventory.state import SkuState
from inventory.turn import Turn
from schemas.observations import SupplierDefined


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

"""Chains of a few shops for tests of transfers."""

from typing import NamedTuple

from schemas.facts import Transfer, TransferInputs
from schemas.observations import ItemDefined, LaneDefined, SupplierDefined
from tests.inventory.logs import Log


class Shop(NamedTuple):
    """A location with ``there`` units of which ``sold`` are sold on the first day."""

    location: str
    there: int
    sold: int = 1
    told: bool = True


def settle(
    log: Log,
    shops: list[Shop],
    *,
    sku: str = "jeans-32",
    trip: float = 10.0,
    lead_days: float = 7.0,
    review_days: float = 1.0,
    size: str = "",
) -> None:
    """An SKU with a margin of 30, lanes from all shops to the first (1 a unit), their stock, and the others' sales."""
    item = ItemDefined(sku, "jeans", 0, price=50.0, cost=20.0, supplier="mill", size=size)
    log.tell(item, SupplierDefined("mill", 0, lead_time_days=lead_days, review_period_days=review_days))
    first = shops[0].location
    for shop in shops:
        if shop.location != first:
            log.tell(LaneDefined(shop.location, first, 0, 1.0, 1.0, trip))
        named = {"location": shop.location, "sku": sku}
        log.tell(
            log.measured("opening", shop.there, **named) if shop.told else log.moved("receipt", shop.there, **named)
        )
        if shop.sold and shop.location != first and shop.there:
            log.tell(log.sale(shop.sold, **named))


def inputs_of(transfer: Transfer) -> TransferInputs:
    """The receipt, which has to be there."""
    assert transfer.inputs is not None
    return transfer.inputs

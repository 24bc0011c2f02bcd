"""The policies by the names rules call them by, and the numbers of the rules each of them takes."""

from typing import Final, get_args

import msgspec

from inventory.replenishment.policies import AnyPolicy

NAMES: Final = tuple(str(kind.__struct_config__.tag) for kind in get_args(AnyPolicy))


def named(name: str, cycle_service_level: float, order_cover_days: float, fill_rate: float) -> AnyPolicy:
    """The policy of a name, with those of the numbers that it takes.

    Raises ``msgspec.ValidationError`` for a name that is none of ``NAMES``.

    >>> named("periodic_min_max", 0.9, 7.0, 0.98)
    PeriodicMinMax(cycle_service_level=0.9, order_cover_days=7.0)
    >>> named("fill_rate_base_stock", 0.9, 7.0, 0.98)
    FillRateBaseStock(fill_rate=0.98)
    """
    told = {
        "type": name,
        "cycle_service_level": cycle_service_level,
        "order_cover_days": order_cover_days,
        "fill_rate": fill_rate,
    }
    found: AnyPolicy = msgspec.convert(told, AnyPolicy)
    return found

"""Why something is to be ordered, in one sentence from the numbers it was computed from."""

from collections.abc import Mapping
from typing import Any


def why(order: Mapping[str, Any]) -> str:
    """The sentence, or the order's own reason where no computation stands beside it.

    >>> why({"reason": "below", "input_inventory_position": 3, "input_reorder_point": 8, "quantity": 24,
    ...      "input_order_up_to_level": 25, "input_need_units": 22})
    'Position 3 ≤ reorder point 8; up to 25 takes 22, ordered 24.'
    """
    position, point = order.get("input_inventory_position"), order.get("input_reorder_point")
    if position is None or point is None:
        return str(order["reason"])
    relation = "≤" if position <= point else ">"
    level, need = order["input_order_up_to_level"], order["input_need_units"]
    ordered = f", ordered {order['quantity']}" if order["quantity"] != need else ""
    return f"Position {position} {relation} reorder point {point}; up to {level} takes {need}{ordered}."

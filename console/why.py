"""Why something is to be ordered, in one sentence from the numbers it was computed from."""

from collections.abc import Mapping, Sequence
from typing import Any


def why(order: Mapping[str, Any]) -> str:
    """The sentence, or the order's own reason where no computation stands beside it.

    >>> why({"reason": "below", "input_inventory_position": 3, "input_reorder_point": 8, "quantity": 24,
    ...      "input_order_up_to_level": 25, "input_need_units": 22})
    'Position 3 ≤ reorder point 8; up to 25 takes 22, ordered 24.'
    >>> why({"reason": "below", "input_inventory_position": 14, "input_reorder_point": 13, "quantity": 4,
    ...      "input_order_up_to_level": 18, "input_need_units": 4})
    'Position 14, above reorder point 13: asked for earlier and still needed, up to 18 takes 4.'
    """
    position, point = order.get("input_inventory_position"), order.get("input_reorder_point")
    if position is None or point is None:
        return str(order["reason"])
    level, need = order["input_order_up_to_level"], order["input_need_units"]
    takes = f"up to {level} takes {need}" + (f", ordered {order['quantity']}" if order["quantity"] != need else "")
    if position > point:
        return f"Position {position}, above reorder point {point}: asked for earlier and still needed, {takes}."
    return f"Position {position} ≤ reorder point {point}; {takes}."


def why_moved(states: Sequence[Mapping[str, Any]]) -> str:
    """Why a transfer was proposed, and what made it what it is by now; that it waited is not why once it does not.

    >>> asked = {"revision": 1, "status": "pending", "quantity": 10, "input_trigger": "shortage",
    ...          "reason": "S1 runs out; waits for a person: worth more than 100"}
    >>> fewer = {"revision": 2, "status": "approved", "quantity": 5, "input_trigger": None, "reason": "changed by ana"}
    >>> why_moved([asked])
    'S1 runs out; waits for a person: worth more than 100'
    >>> why_moved([asked, fewer, {**fewer, "status": "shipped", "reason": "5 of 5 units shipped"}])
    'S1 runs out. 5 instead of 10 since revision 2: changed by ana'
    """
    first = next((row for row in states if row["input_trigger"] is not None), states[0])
    newest, reason = states[-1], str(first["reason"])
    if newest["status"] != "pending":
        reason = reason.partition("; waits for ")[0]
    if newest["quantity"] == first["quantity"]:
        return reason
    changed = next(row for row in states if row["quantity"] == newest["quantity"])
    since = f"{newest['quantity']} instead of {first['quantity']} since revision {changed['revision']}"
    return f"{reason}. {since}: {changed['reason']}"

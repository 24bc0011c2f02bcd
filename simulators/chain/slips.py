"""What a till prints: basket messages and their lines."""

from typing import Any

from schemas import topics
from simulators.chain import devices
from simulators.chain.outbox import rfc3339
from simulators.chain.stock import Unit
from simulators.chain.world import World

PROMOTION_OFF = 0.3
UNKNOWN_ITEM = "9999999999994"

_TILLS = 2


class Slips:
    """Writes the baskets of all tills, each store's numbered from 1."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._transactions = [0] * len(world.assortment.sites)

    def line(self, kind: str, article: int, units: list[Unit], at_ms: int) -> dict[str, Any]:
        world, sold = self._world, self._world.article(article)
        promoted = world.promoted.get(sold.style_number, 0) > at_ms
        line: dict[str, Any] = {
            "line_no": 1,
            "type": kind,
            "item_id": sold.gtin if world.chance(0.5) else sold.sku,
            "quantity": len(units),
            "unit_price": round(sold.price * (1 - PROMOTION_OFF), 2) if promoted else sold.price,
        }
        if world.chance(world.settings.epc_at_till_share):
            line["epcs"] = [unit.tags[0][0] for unit in units if unit.tags and unit.article == article]
        return line

    def add_noise(self, lines: list[dict[str, Any]]) -> None:
        """Sometimes a line voided before payment, sometimes one of an item nobody knows."""
        world = self._world
        if world.chance(world.settings.void_share):
            lines.append({**lines[0], "void_flag": True, "epcs": []})
        if world.chance(world.settings.dirt.unknown_item):
            world.outbox.dirt["unknown_item"] += 1
            lines.append({"line_no": 1, "type": "sale", "item_id": UNKNOWN_ITEM, "quantity": 1, "unit_price": 9.95})

    def say(
        self, store: int, lines: list[dict[str, Any]], at_ms: int, kind: str, channel: str, *, cancelled: bool = False
    ) -> None:
        site = self._world.site(store)
        self._transactions[store] += 1
        number = self._transactions[store]
        for place, line in enumerate(lines):
            line["line_no"] = place + 1
        at = rfc3339(at_ms)
        message = {
            "transaction_id": f"{number:07d}",
            "store": site,
            "workstation": devices.till(site, number % _TILLS + 1),
            "business_day": at[:10],
            "occurred_at": at,
            "cancelled": cancelled,
            "channel": channel,
            "lines": lines,
        }
        units = 0 if cancelled else sum(map(_net_units, lines))
        self._world.outbox.say(topics.POS, site, message, at_ms, kind, units)


def _net_units(line: dict[str, Any]) -> int:
    if line.get("void_flag") or line["type"] == "exchange":
        return 0
    return int(line["quantity"]) * (1 if line["type"] == "sale" else -1)

"""The whole loop: a sale, an order, a request in a real Tryton, a purchase, goods, and what is known of them here."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from restockd import stack as stacks
from restockd.configuration import load
from restockd.stack import Stack
from sinks.clickhouse import queries
from tests.erp.readings import sold_out, tell
from tests.erp.server import PASSWORD, USER, Buyer, TrytonServer, eventually

PATIENCE_SECONDS = 60.0


@pytest.fixture
def running(tmp_path: Path, tryton: TrytonServer) -> Iterator[Stack]:
    """The main job on the embedded broker, with the ERP configured as an operator would."""
    given = {
        "worker": {"data_dir": str(tmp_path / "data"), "metrics_port": 0, "checkpoint_seconds": 1.0},
        "erp": {
            "kind": "tryton",
            "address": tryton.address,
            "database": "erp",
            "user": USER,
            "password": PASSWORD,
            "poll_seconds": 0.5,
        },
    }
    with stacks.running(load(None, given).settings, 1, lambda _: None) as stack:
        yield stack


@pytest.mark.slow
async def test_from_a_sale_to_goods_on_the_shelf(running: Stack, tryton: TrytonServer, buyer: Buyer) -> None:
    await asyncio.to_thread(tell, running, sold_out())
    (request,) = await eventually(buyer.requests, PATIENCE_SECONDS)
    (order,) = await _orders(running, lambda rows: len(rows) == 1)
    assert (request["quantity"], request["product."]["code"]) == (order["quantity"], "jeans-32")
    assert request["description"] == f"restockd {order['order_id']}"

    tryton.stop()  # the ERP goes away and comes back: nothing is lost, nothing is ordered twice
    await asyncio.sleep(1.0)
    await asyncio.to_thread(tryton.start)
    assert len(await buyer.requests()) == 1

    purchase = await buyer.buy(request["id"])
    (order,) = await _orders(running, lambda rows: rows[0]["status"] == "acknowledged")
    assert order["erp_reference"]
    await buyer.receive(purchase, 1.0)
    await _stock(running, 1)
    await buyer.receive(purchase, request["quantity"] - 1.0)
    await _orders(running, lambda rows: rows[0]["status"] == "received")
    await _stock(running, int(request["quantity"]))
    assert queries.dead_letters_by_reason(running.database) == []


async def _orders(stack: Stack, wanted: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]]:
        stack.check()
        rows = await asyncio.to_thread(queries.orders, stack.database, "all")
        return rows if rows and wanted(rows) else []

    found: list[dict[str, Any]] = await eventually(look, PATIENCE_SECONDS)
    return found


async def _stock(stack: Stack, on_hand: int) -> None:
    async def look() -> bool:
        rows = await asyncio.to_thread(queries.stock, stack.database, "S01")
        return bool(rows) and rows[0]["on_hand"] == on_hand

    await eventually(look, PATIENCE_SECONDS)

"""Orders in a real Tryton: one each, however often they are told, and what people there do with them."""

import asyncio
from datetime import UTC, datetime

import pytest

from schemas.errors import Unavailable
from sinks.calling import Refused
from sinks.erp.port import Answer
from sinks.erp.tryton import Tryton, TrytonSettings
from tests.erp.examples import order, transfer
from tests.erp.server import Buyer, TrytonServer

TODAY = datetime.now(UTC).date()


async def _answer(erp: Tryton, order_id: str) -> Answer:
    (answer,) = await erp.answers([order_id])
    return answer


async def test_an_order_told_three_times_is_one_request_and_a_revision_changes_its_quantity(
    erp: Tryton, buyer: Buyer
) -> None:
    for told in (order(), order(), order(quantity=24, revision=2, status="amended"), order(quantity=24, revision=2)):
        await erp.place(told)
    (request,) = await buyer.requests()
    assert (request["state"], request["quantity"]) == ("draft", 24.0)
    assert (request["product."]["code"], request["warehouse."]["code"]) == ("jeans-32", "S01")
    assert request["party."]["code"] == "mill"
    assert (await _answer(erp, "o1")).acknowledgement is None
    assert await erp.orders(TODAY) == {"o1"}


async def test_told_by_many_at_once_it_is_one_request(tryton: TrytonServer, buyer: Buyer) -> None:
    erps = [Tryton(tryton.settings()) for _ in range(4)]
    results = await asyncio.gather(*(erp.place(order()) for erp in erps), return_exceptions=True)
    assert all(result is None or isinstance(result, Unavailable | Refused) for result in results)
    await erps[0].place(order())
    assert len(await buyer.requests()) == 1
    await asyncio.gather(*(erp.close() for erp in erps))


async def test_a_requisition_made_twice_is_approved_once(erp: Tryton, buyer: Buyer) -> None:
    """As when the answer to a create never came: the second one is found and cancelled, the first one counts."""
    await erp._purchases._create(order())
    await erp._purchases._create(order())
    assert await buyer.requests() == []
    await erp.place(order())
    assert len(await buyer.requests()) == 1
    states = await buyer.session.search("purchase.requisition", [], ["state"])
    assert [row["state"] for row in states] == ["processing", "cancelled"]


async def test_two_requests_of_one_requisition_become_one(erp: Tryton, tryton: TrytonServer, buyer: Buyer) -> None:
    """As when two callers approve at the same moment and neither's transaction sees the other's."""
    await erp.place(order())
    (request,) = await buyer.requests()
    tryton.repeat_row("purchase_request", request["id"])
    assert len(await buyer.requests()) == 2
    await erp.place(order(quantity=24, revision=2, status="amended"))
    assert [(row["id"], row["quantity"]) for row in await buyer.requests()] == [(request["id"], 24.0)]


async def test_what_is_withdrawn_stays_withdrawn(erp: Tryton, buyer: Buyer) -> None:
    await erp.place(order())
    await erp.withdraw(order(revision=2, status="cancelled"))
    await erp.withdraw(order(revision=2, status="cancelled"))
    assert await buyer.requests() == []
    await erp.place(order())
    assert await buyer.requests() == []
    await erp.withdraw(order("never-told", status="cancelled"))


async def test_confirmation_and_partial_receipts_flow_back(erp: Tryton, buyer: Buyer) -> None:
    await erp.place(order("o1"))
    await erp.place(order("o2", 7, sku="shirt-m"))
    purchase = await buyer.buy(*[request["id"] for request in await buyer.requests()])
    confirmed = await _answer(erp, "o1")
    assert confirmed.acknowledgement is not None
    assert (confirmed.acknowledgement.status, confirmed.acknowledgement.quantity) == ("acknowledged", 20)
    assert confirmed.acknowledgement.erp_reference
    assert (confirmed.movements, confirmed.over) == ((), False)

    await buyer.receive(purchase, 8.0)
    partly = await _answer(erp, "o1")
    (receipt,) = partly.movements
    assert (receipt.type, receipt.quantity, receipt.location, receipt.item_id) == ("receipt", 8, "S01", "jeans-32")
    assert (receipt.order_id, receipt.document) == ("o1", confirmed.acknowledgement.erp_reference)
    assert not partly.over

    await buyer.receive(purchase, 7.0)
    await buyer.receive(purchase, 12.0)
    whole = await _answer(erp, "o1")
    assert whole.acknowledgement is not None
    assert (whole.acknowledgement.status, whole.acknowledgement.quantity, whole.over) == ("received", 20, True)
    assert [movement.quantity for movement in whole.movements] == [8, 12]
    assert len({movement.movement_id for movement in whole.movements}) == 2
    other = await _answer(erp, "o2")
    assert [movement.quantity for movement in other.movements] == [7]


async def test_a_bought_order_is_left_alone(erp: Tryton, buyer: Buyer) -> None:
    await erp.place(order())
    (request,) = await buyer.requests()
    await buyer.buy(request["id"])
    await erp.place(order(quantity=99, revision=2))
    (request,) = await buyer.requests()
    assert request["quantity"] == 20.0
    with pytest.raises(Refused, match="cannot be withdrawn"):
        await erp.withdraw(order(revision=3, status="cancelled"))


async def test_a_cancelled_purchase_and_a_deleted_request_are_told(erp: Tryton, buyer: Buyer) -> None:
    await erp.place(order("o1"))
    await erp.place(order("o2", sku="shirt-m"))
    first, second = await buyer.requests()
    await buyer.cancel(first["id"])
    await buyer.session.call("model.purchase.request.delete", [second["id"]])
    told = [(await _answer(erp, order_id)) for order_id in ("o1", "o2")]
    assert [answer.acknowledgement and answer.acknowledgement.status for answer in told] == ["cancelled", "rejected"]
    assert all(answer.over for answer in told)
    for order_id in ("o1", "o2"):  # the fold repeats it: there is nothing left to withdraw
        await erp.withdraw(order(order_id, revision=2, status="cancelled"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"sku": "hat"}, "sku"), ({"location": "S99"}, "location")],
)
async def test_what_is_unknown_there_is_refused_by_name(
    erp: Tryton, buyer: Buyer, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        await erp.place(order(**wrong))
    assert (refused.value.field, refused.value.value) == (field, wrong[field])
    assert (refused.value.reason, wrong[field] in refused.value.message) == (f"unknown_{field}", True)
    assert await buyer.requests() == []


async def test_an_unknown_supplier_is_left_to_the_buyer(erp: Tryton, buyer: Buyer) -> None:
    await erp.place(order(supplier="nobody"))
    (request,) = await buyer.requests()
    assert request["party."] is None


async def test_a_transfer_is_one_shipment_and_its_goods_flow_back(erp: Tryton, buyer: Buyer) -> None:
    for told in (transfer(), transfer(), transfer(quantity=5, revision=2)):
        await erp.place(told)
    (shipment,) = await buyer.session.search("stock.shipment.internal", [], ["state", "moves.quantity"])
    assert [move["quantity"] for move in shipment["moves."]] == [5.0]
    assert (await _answer(erp, "t1")).acknowledgement is None
    statuses = []
    for button in ("wait", "assign_force", "pack", "ship", "do"):
        await buyer.session.press("stock.shipment.internal", button, shipment["id"])
        answer = await _answer(erp, "t1")
        statuses.append(answer.acknowledgement.status if answer.acknowledgement else None)
    assert statuses == ["acknowledged", "acknowledged", "acknowledged", "shipped", "received"]
    moved = [(move.type, move.location, move.counterpart, move.quantity) for move in answer.movements]
    assert sorted(moved) == [("transfer_received", "S02", "S01", 5), ("transfer_shipped", "S01", "S02", 5)]
    with pytest.raises(Refused, match="too late"):
        await erp.withdraw(transfer(revision=3, status="cancelled"))


async def test_a_withdrawn_transfer_is_cancelled(erp: Tryton, buyer: Buyer) -> None:
    await erp.place(transfer())
    await erp.withdraw(transfer(revision=2, status="cancelled"))
    await erp.place(transfer())
    (shipment,) = await buyer.session.search("stock.shipment.internal", [], ["state"])
    assert shipment["state"] == "cancelled"


async def test_a_session_that_ended_is_renewed(erp: Tryton, tryton: TrytonServer) -> None:
    await erp.check()
    erp._session._authorization = "Session cmVzdG9ja2Q6MjpvbGQ="
    assert "restockd" in await erp.check()


async def test_wrong_passwords_and_silence_say_what_to_do(tryton: TrytonServer) -> None:
    wrong = Tryton(TrytonSettings(tryton.address, "erp", "restockd", "not-the-password"))
    with pytest.raises(Unavailable, match=r"Tryton at .*401.*not right.*restockd erp check"):
        await wrong.check()
    tryton.stop()
    gone = Tryton(tryton.settings())
    with pytest.raises(Unavailable, match=r"Tryton at .*cannot be reached") as down:
        await gone.place(order())
    assert "Is trytond running" in down.value.advice
    assert "connector-pass" not in str(down.value)
    await wrong.close()
    await gone.close()

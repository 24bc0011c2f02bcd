"""Answers that cross an amendment: what the ERP has wins, what it lacks is asked for anew, and nobody is blamed."""

from collections.abc import Sequence

import pytest

from inventory.replenishment.orders import Order, asked_in, give_out
from schemas.facts import Reorder
from schemas.observations import (
    ApprovalGiven,
    ItemDefined,
    Observation,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
)
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all


@pytest.fixture
def log() -> Log:
    """A shop whose first order was proposed, and amended upwards a day later."""
    told = Log()
    told.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1, supplier="mill"))
    told.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    told.tell(told.measured("opening", 10))
    told.tell(told.sale(4))
    told.tell(told.sale(5, START + HOUR))
    return told


def both(log: Log) -> tuple[Reorder, Reorder]:
    """The first revision and the one it was amended to."""
    first, second = log.said(Reorder)
    assert (first.order_id, second.status) == (second.order_id, "amended")
    assert second.quantity > first.quantity + 3
    return first, second


def answer(order: Reorder, status: str, quantity: int | None = None, **more: object) -> OrderAcknowledged:
    return OrderAcknowledged(order.order_id, status, START + HOUR, quantity=quantity, revision=order.revision, **more)


def book(log: Log) -> list[tuple[str, int]]:
    return [(order.status, order.quantity) for order in log.at().book.orders]


def test_taking_the_first_revision_leaves_the_amendment_to_be_answered(log: Log) -> None:
    first, second = both(log)
    log.tell(answer(first, "acknowledged", first.quantity, erp_reference="E-1"))
    said = log.said(Reorder)[-1]
    assert (said.status, said.revision, said.quantity, said.erp_reference) == ("amended", 2, second.quantity, "E-1")
    assert said.reason == f"acknowledged by the ERP: {first.quantity} of revision 1; revision 2 is to be answered"
    assert book(log) == [("amended", second.quantity)]
    log.tell(answer(second, "acknowledged", second.quantity))
    assert book(log) == [("acknowledged", second.quantity)]
    assert log.state.core.overrides == []
    assert log.at().book.refusal.times == 0


def test_an_older_answer_that_comes_after_the_newer_one_is_no_news(log: Log) -> None:
    first, second = both(log)
    log.tell(answer(second, "acknowledged"))
    said = log.said(Reorder)
    log.tell(answer(first, "acknowledged", first.quantity))
    log.tell(answer(first, "rejected"))
    assert log.said(Reorder) == said
    assert book(log) == [("acknowledged", second.quantity)]


def test_as_ordered_means_as_the_answered_revision_ordered(log: Log) -> None:
    first, second = both(log)
    log.tell(answer(first, "acknowledged"))
    assert log.at().book.orders[0].taken == first.quantity
    log.tell(answer(second, "acknowledged"))
    assert book(log) == [("acknowledged", second.quantity)]


def supplied(log: Log, first: Reorder) -> Observation:
    return log.supplied("shipped", first.quantity, order_id=first.order_id)


@pytest.mark.parametrize(
    ("how", "acknowledged"),
    [
        ("answer", True),
        ("answer", False),
        ("bare answer", True),
        ("bare answer", False),
        ("delivery note", True),  # it names no revision itself
    ],
)
def test_what_ships_as_it_was_before_is_that_order_and_the_rest_is_asked_for_at_once(
    log: Log, how: str, *, acknowledged: bool
) -> None:
    first, second = both(log)
    if acknowledged:
        log.tell(answer(first, "acknowledged", first.quantity))
    goods = {
        "answer": answer(first, "shipped", first.quantity),
        "bare answer": answer(first, "shipped"),
        "delivery note": supplied(log, first),
    }
    log.tell(goods[how])
    shipped, rest = log.at().book.orders
    assert (shipped.order_id, shipped.status, shipped.quantity) == (first.order_id, "shipped", first.quantity)
    assert (rest.status, rest.quantity) == ("proposed", second.quantity - first.quantity)
    assert log.at().book.in_transit == first.quantity
    assert log.at().book.on_order == second.quantity
    assert log.state.core.overrides == []


def test_a_receipt_of_what_was_taken_ends_the_order_and_the_rest_is_asked_for(log: Log) -> None:
    first, second = both(log)
    log.tell(answer(first, "acknowledged", first.quantity))
    log.tell(log.moved("receipt", first.quantity, START + 2 * HOUR, order_id=first.order_id))
    assert book(log) == [("proposed", second.quantity - first.quantity)]


def test_an_amendment_that_is_taken_after_shipping_takes_the_new_suggestion_back(log: Log) -> None:
    first, second = both(log)
    log.tell(answer(first, "shipped", first.quantity))
    log.tell(answer(second, "acknowledged"))
    assert book(log) == [("shipped", second.quantity)]
    assert log.said(Reorder)[-1].status == "cancelled"


def test_refusing_the_first_revision_refuses_no_more_than_that(log: Log) -> None:
    """The ERP ended the order; by now half as much again is needed, so it is asked for at once, as another order."""
    first, second = both(log)
    log.tell(answer(first, "rejected", message="not available"))
    assert log.at().book.refusal.quantity == first.quantity
    assert [(o.status, o.quantity, o.order_id == first.order_id) for o in log.at().book.orders] == [
        ("proposed", second.quantity, False)
    ]
    (override,) = log.state.core.overrides
    assert (override.suggested, override.chosen) == (first.quantity, 0)


def test_a_smaller_part_of_the_first_revision_is_the_buyers_choice(log: Log) -> None:
    first, second = both(log)
    log.tell(answer(first, "acknowledged", first.quantity - 1))
    (override,) = log.state.core.overrides
    assert (override.by, override.suggested, override.chosen) == ("ERP", first.quantity, first.quantity - 1)
    log.tell(answer(second, "acknowledged", second.quantity))
    assert log.state.core.overrides == [], "what was amended since was taken whole"


def test_when_the_need_is_gone_what_was_taken_stays(log: Log) -> None:
    first, _ = both(log)
    log.tell(answer(first, "acknowledged", first.quantity))
    log.tell(log.moved("receipt", 500, START + 2 * HOUR))
    said = log.said(Reorder)[-1]
    assert (said.order_id, said.status, said.revision, said.quantity) == (first.order_id, "amended", 3, first.quantity)
    log.tell(log.moved("receipt", 1, START + 3 * HOUR))
    assert log.said(Reorder)[-1] == said


def test_another_supplier_is_not_asked_for_what_the_first_has_begun_to_buy(log: Log) -> None:
    first, second = both(log)
    log.tell(answer(first, "acknowledged", first.quantity))
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1, supplier="other"))
    log.tell(SupplierDefined("other", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(log.sale(1, START + 2 * HOUR))
    assert book(log) == [("amended", second.quantity)]
    log.tell(answer(first, "shipped", first.quantity))
    assert log.said(Reorder)[-1].supplier == "other"


def test_an_amendment_that_waits_for_a_person_ends_when_the_erp_takes_what_was_before_it() -> None:
    """The ERP has not heard of it: what is lacking is another order, to be approved."""
    log = Log()
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1, supplier="mill"))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(4))
    (first,) = log.said(Reorder)
    log.tell(RulesChanged("r", {"approval_limit": 20.0 * (first.quantity + 1)}, 0))
    log.tell(log.sale(5, START + HOUR))
    waiting = log.said(Reorder)[-1]
    assert (waiting.status, waiting.revision) == ("pending", 2)
    log.tell(answer(first, "acknowledged"))
    taken = next(order for order in log.at().book.orders if order.order_id == first.order_id)
    assert (taken.status, taken.quantity) == ("acknowledged", first.quantity)
    assert log.at().book.on_order == waiting.quantity


def test_a_persons_word_on_the_amendment_outlives_an_answer_to_what_was_before_it(log: Log) -> None:
    first, second = both(log)
    log.tell(ApprovalGiven(first.order_id, "modify", START + HOUR, "ann", quantity=second.quantity + 7))
    log.tell(answer(first, "acknowledged"))
    (override,) = log.state.core.overrides
    assert (override.by, override.suggested, override.chosen) == ("ann", second.quantity, second.quantity + 7)
    log.tell(answer(log.said(Reorder)[-1], "acknowledged"))
    assert [one.by for one in log.state.core.overrides] == ["ann"]


def test_an_answer_that_names_no_revision_is_to_the_last(log: Log) -> None:
    first, second = both(log)
    log.tell(OrderAcknowledged(first.order_id, "acknowledged", START + HOUR, quantity=first.quantity))
    assert book(log)[0] == ("acknowledged", first.quantity)
    (override,) = log.state.core.overrides
    assert (override.suggested, override.chosen) == (second.quantity, first.quantity)


def test_the_key_in_place_of_the_id_names_the_revision(log: Log) -> None:
    first, second = both(log)
    log.tell(OrderAcknowledged(first.idempotency_key, "acknowledged", START + HOUR))
    assert book(log) == [("amended", second.quantity)]


def test_what_was_withdrawn_is_taken_up_as_the_erp_has_it(log: Log) -> None:
    first, _ = both(log)
    log.tell(log.moved("receipt", 500, START + 2 * HOUR))
    assert log.said(Reorder)[-1].status == "cancelled"
    log.tell(answer(first, "acknowledged"))
    assert book(log) == [("acknowledged", first.quantity)]


def test_an_order_remembers_a_few_of_its_revisions_only_and_each_once() -> None:
    order = Order("o", "proposed", 1, 0, asked=1)
    for revision in range(1, 21):
        order.revision = order.quantity = revision
        give_out(order)
        give_out(order)
    assert [asked.revision for asked in order.given_out] == list(range(13, 21))
    assert (asked_in(order, 15).units, asked_in(order, 2).units, asked_in(order, None).units) == (15, 20, 20)


@pytest.mark.parametrize("crossing", ["acknowledged", "shipped", "rejected"])
def test_answers_to_older_revisions_outlive_a_checkpoint(log: Log, crossing: str) -> None:
    first, second = both(log)
    log.tell(answer(first, crossing, first.quantity if crossing != "rejected" else None))
    log.tell(answer(second, "acknowledged"), log.sale(1, START + DAY))
    stored: Sequence[object] = fold_all(log.messages, store_after=frozenset(range(len(log.messages))))
    assert fold_all(log.messages) == stored


def test_the_worth_of_an_order_counts_what_was_taken_while_more_of_it_waits() -> None:
    assert Order("o", "pending", 82, 0, taken=15).bought == 15

"""What ``restockd explain`` says can be followed: sums add up, numbers have units, what was not chosen has a reason."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from inventory.recomputation import Forecast
from restockd.explaining.explanation import EQUAL, Explanation, Revision
from restockd.explaining.text import lines, wrapped
from schemas.facts import Reorder, ReorderInputs, Transfer, TransferInputs
from tests.sinks.examples import INPUTS, MOVED
from tests.sinks.test_transfer_views import outcome

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)


FORECAST = Forecast("days", 8, 30, 8.0, {"0.5": 8, "0.9": 12, "0.95": 14}, 8.0, {})


def told(fact: Reorder | Transfer) -> list[str]:
    return list(lines(Explanation(fact.order_id, "order", [Revision(fact, fact, [], FORECAST)], [], EQUAL)))


def line(shown: list[str], label: str) -> str:
    (found,) = (one for one in shown if one.strip().startswith(label))
    return found.strip()


def of_order(**changed: Any) -> list[str]:
    plain = {
        "inventory_position": 5,
        "on_hand": 7,
        "on_order": 2,
        "reserved": 4,
        "backorders": 0,
        "opening_known": True,
    }
    used: ReorderInputs = msgspec.structs.replace(INPUTS, warning="", **plain | changed)
    return told(
        Reorder(
            fact_id="f", occurred_at=NOON, order_id="o", revision=1, idempotency_key="o:1", status="proposed",
            location="S1", sku="SHIRT-M", style="SHIRT", supplier="Acme", quantity=36, inputs=used,
            input_appended_at=NOON,
        )
    )  # fmt: skip


def of_outcome(**changed: Any) -> list[str]:
    """A transfer that was received and judged: 20 earned of 30 expected, for 5."""
    fact = Transfer(
        fact_id="f", occurred_at=NOON, order_id="o", revision=1, idempotency_key="o:1", status="received",
        origin="W1", destination="S1", sku="SHIRT-M", style="SHIRT", quantity=8, expected_gain=30.0,
        expected_cost=5.0, reason="8 of 8 units received", input_appended_at=NOON,
    )  # fmt: skip
    came = outcome(2, **changed)
    return list(lines(Explanation("o", "transfer", [Revision(fact, fact, [], FORECAST)], [], EQUAL, outcome=came)))


def of_transfer(**changed: Any) -> list[str]:
    used: TransferInputs = msgspec.structs.replace(MOVED, **changed)
    return told(
        Transfer(
            fact_id="f", occurred_at=NOON, order_id="o", revision=1, idempotency_key="o:1", status="proposed",
            origin="W1", destination="S1", sku="SHIRT-M", style="SHIRT", quantity=2, expected_gain=37.5,
            expected_cost=10.5, reason="sells there", inputs=used, input_appended_at=NOON,
        )
    )  # fmt: skip


def test_the_sum_of_the_position_adds_up() -> None:
    assert line(of_order(), "position") == "position    5 units = 7 on hand + 2 on order - 4 reserved"


def test_a_book_below_zero_counts_as_none_and_says_why() -> None:
    unknown = of_order(on_hand=-3, inventory_position=-2, backorders=4, opening_known=False)
    assert line(unknown, "position") == (
        "position    -2 units = 0 on hand + 2 on order - 4 reserved; "
        "-3 by the book count as none (opening not known); 4 of them owed to customers"
    )
    assert "opening not known" in line(unknown, "stock")
    known = of_order(on_hand=-3, inventory_position=-2)
    assert "(more went out than was there)" in line(known, "position")
    assert "opening" not in line(known, "stock")


def test_a_cheaper_choice_has_a_reason() -> None:
    costs = {"ordered": 0.344, "nothing": 1.137, "a pack less": 0.328}
    shown = of_order(expected_costs=costs)
    assert "ordered 0.34, nothing 1.14, a pack less 0.33 EUR" in line(shown, "costs")
    assert "'a pack less' is expected to cost less over that time; s_S orders up to its level" in " ".join(shown)
    assert "expected to cost less" not in " ".join(of_order(expected_costs=costs | {"a pack less": 0.4}))


def test_the_worth_of_a_transfer_is_the_sum_of_what_is_shown() -> None:
    shown = line(of_transfer(realised_share=1.0), "worth")
    worth, *terms = (float(number) for number in re.findall(r"\d+\.\d\d", shown))
    assert worth == terms[0] - sum(terms[1:]) == 40.25 - 2.75 - 4.0 - 6.5
    assert shown.endswith("6.50 of the trip, shared by 2 SKUs")


def test_a_gain_that_is_counted_in_part_adds_up_too() -> None:
    """(40.25 - 2.75) / 2 - 4 - 6.5 = 8.25."""
    shown = of_transfer(realised_share=0.5)
    assert line(shown, "worth") == (
        "worth       8.25 EUR = 0.5 x (40.25 gained at S1 - 2.75 lost at W1) - 4.00 for the units "
        "- 6.50 of the trip, shared by 2 SKUs"
    )
    assert any("50% of what the forecasts promise is counted on" in said for said in shown)
    assert not any("promise" in said for said in of_transfer(realised_share=1.0))


def test_a_share_says_what_it_rests_on() -> None:
    young = " ".join(of_transfer(realised_share=0.125, days_observed=1.0, transfers_judged=0.0))
    assert "is counted on: what can be believed after 1 day of demand; no transfer of late was judged yet" in young
    judged = " ".join(of_transfer(realised_share=0.5, days_observed=9.5, transfers_judged=4.25))
    assert "what 4.2 transfers judged before it earned of that, and what can be believed after 9.5 days" in judged
    older = " ".join(of_transfer(realised_share=0.5, days_observed=None, transfers_judged=None))
    assert "what transfers judged before it earned of that, and what can be believed" in older


def test_quantiles_are_those_the_decision_counts_with() -> None:
    order = of_order(demand_quantiles={"0.5": 9.0, "0.95": 17.0})
    assert line(order, "enough until") == "enough until a next order is there, with 50%: 9, 95%: 17 units"
    assert line(order, "forecast  ") == "forecast    8.00 units over 8 days (days)"
    assert line(of_order(demand_quantiles={}), "forecast  ").endswith("enough with 50%: 8, 90%: 12, 95%: 14 units")


def test_nothing_has_no_sign() -> None:
    shown = of_transfer(donor_loss=-0.0001, skus_on_trip=1)
    assert "- 0.00 lost at W1" in line(shown, "worth")
    assert "SKUs" not in line(shown, "worth")


def test_moving_and_buying_together_has_a_reason() -> None:
    compared = {"wait": 30.336, "buy": 40.3, "move": 67.374, "move and buy": 67.3}
    shown = " ".join(of_transfer(compared=compared, realised_share=1.0))
    assert "adds 27.00 to 'buy', the better of waiting and buying, which makes 'move and buy'" in shown
    assert "adds 27.00 to 'wait', the better of waiting and buying, which makes 'move'" in " ".join(
        of_transfer(compared=compared | {"buy": 20.0}, realised_share=1.0)
    )


def test_buying_that_brings_nothing_is_not_said_to_be_chosen() -> None:
    shown = " ".join(of_transfer(compared={"wait": 85.0, "buy": 85.0, "move": 112.0, "move and buy": 112.0}))
    assert "to 'wait', as good as buying, which makes 'move'" in shown


def test_stock_and_donor_say_of_when_and_where() -> None:
    shown = of_transfer(destination_coming=30, destination_units=2, probability_runs_out=0.7459)
    assert line(shown, "stock") == (
        "stock       S1 has 2 units free and 30 to come within these days; it runs out at some time in them with 74 %, "
        "once these are there with 12 %"
    )
    assert "and none to come within these days" in line(of_transfer(destination_coming=0), "stock")
    assert line(shown, "donor") == "donor       W1 has 8 units free of 9, keeps 2 at least and is asked for 0.5 a day"
    assert line(shown, "forecast ").startswith("forecast    8.00 units at S1 over 8 days")


def test_what_came_of_a_transfer_is_told_once_it_is_judged() -> None:
    shown = of_outcome(lost_units=1.0, origin_demand_units=3.0)
    assert shown[shown.index("what came of it:") + 1 :][:3] == [
        "  earned      15.00 EUR after costs, 25.00 were expected of 8 units",
        "  sold        4.0 of 8 units received would not have been sold without it; S1 was asked for 10.0 in 6 days",
        "  lost        1.0 of 8 units shipped would have been sold at W1, which was asked for 3.0",
    ]
    assert line(of_outcome(lost_units=-0.0), "lost").startswith("lost        0.0 of 8 units")
    assert not any("what came of it" in said for said in of_transfer())


def test_in_a_terminal_sentences_are_continued_under_themselves() -> None:
    shown = list(wrapped(of_order(), 80))
    assert max(map(len, shown)) <= 80
    position = next(number for number, one in enumerate(shown) if one.startswith("  stock"))
    assert shown[position + 1].startswith(" " * 14)
    assert " ".join(" ".join(shown).split()) == " ".join(" ".join(of_order()).split())


def test_an_order_that_came_as_it_was_before_it_was_amended_is_explained_by_what_asked_for_that() -> None:
    def state(revision: int, quantity: int, status: str, used: ReorderInputs | None) -> Revision:
        fact = Reorder(
            fact_id="f", occurred_at=NOON, order_id="o", revision=revision, idempotency_key=f"o:{revision}",
            status=status, location="S1", sku="SHIRT-M", style="SHIRT", supplier="Acme", quantity=quantity, inputs=used,
            input_appended_at=NOON,
        )  # fmt: skip
        return Revision(fact, fact, [], None)

    asked = [state(1, 15, "proposed", INPUTS), state(2, 82, "amended", INPUTS)]
    shipped = list(lines(Explanation("o", "order", [*asked, state(2, 15, "shipped", None)], [], EQUAL)))
    assert "why 15 (revision 1):" in shipped
    cut = list(lines(Explanation("o", "order", [*asked, state(2, 40, "shipped", None)], [], EQUAL)))
    assert "why 82 (revision 2):" in cut


def test_what_came_is_in_the_headline_and_the_history() -> None:
    shown = told(
        Reorder(
            fact_id="f", occurred_at=NOON, order_id="o", revision=1, idempotency_key="o:1", status="received",
            location="S1", sku="SHIRT-M", style="SHIRT", supplier="", quantity=28, received_units=20,
            unit_cost=8.0, input_appended_at=NOON,
        )
    )  # fmt: skip
    assert shown[0] == "received: 20 of 28 EA of SHIRT-M for S1, 160.00 EUR"
    assert "20 of 28" in line(shown, "2026-03-07")


def test_what_is_not_certain_is_not_said_to_be() -> None:
    shown = " ".join(of_transfer(probability_runs_out=0.996, probability_runs_out_after=0.001, horizon_days=7.0))
    assert "it runs out at some time in them with 99 %, once these are there with 1 %" in shown

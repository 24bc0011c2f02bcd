"""One fact of every class with every field filled, for round trips."""

from datetime import UTC, date, datetime

from schemas.facts import (
    Alert,
    BudgetEntry,
    BudgetStatus,
    DeadLetter,
    DemandCluster,
    DemandForecast,
    DemandQuality,
    Fact,
    OverrideScore,
    PolicyPromotion,
    RecordAccuracy,
    Reorder,
    ReorderInputs,
    ShadowLedger,
    SizeCurve,
    StockBelief,
    StockLevel,
    StockMovement,
    StockSurplus,
    SupplierScorecard,
    Task,
    Transfer,
    TransferInputs,
    TransferOutcome,
)
from tests.sinks.conftest import fact_id

AT = datetime(2011, 6, 30, 23, 59, 59, 123000, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 9, 8, 7, 6000, tzinfo=UTC)
# Quotes, a backslash, a tab, a line end, a brace and letters beyond ASCII must come back as they went.
ODD = 'O\'Brien \\ "ü"\t\n{x:String} 日本 🧦'

INPUTS = ReorderInputs(
    policy="s_S", rules_version="7", cycle_service_level=0.95, quantile_level=0.97,
    mean_per_day=1.25, variance_per_day=2.5,
    days_observed=30, lead_time_days=7.0, lead_time_sd_days=2.0, review_period_days=1.0, reorder_point=14,
    order_up_to_level=25, safety_stock=4.5, on_hand=-3, on_order=2, backorders=1, reserved=4,
    inventory_position=-6, need_units=31, minimum_order_units=12, pack_units=6, rounding_units=5,
    opening_known=False, book_on_hand=-4, probability_empty=0.125, blind_devices="S1-floor",
    rounding="economic", belief={"likeliest": -3.0, "low": 0.0}, demand_quantiles={"0.05": 2.0, "0.95": 21.5},
    lead_time_quantiles={"0.5": 7.0}, policy_terms={"probability_enough": 0.9625}, expected_costs={"ordered": 3.25},
    landed_costs={"acme": 12.5}, cancelled_at_position=25, warning=ODD,
)  # fmt: skip

MOVED = TransferInputs(
    trigger="shortage", rules_version="7", horizon_days=7.0, days_to_arrive=1.5, leaves_before=LATER,
    destination_mean_per_day=1.25, destination_variance_per_day=2.5, destination_units=0, destination_coming=3,
    probability_runs_out=0.75, probability_runs_out_after=0.125, origin_mean_per_day=0.5,
    origin_variance_per_day=0.75, origin_on_hand=9, origin_free=8, origin_keeps=2, margin_per_unit=30.0,
    leftover_value=20.0, size_run_worth=1.5, destination_gain=40.25, donor_loss=2.75, unit_costs=4.0,
    trip_cost_share=6.5, skus_on_trip=2, compared={"wait": 1.5, "move and buy": 28.25}, rejected_donors={ODD: 3.5},
    cancelled_at_destination_units=7, cancelled_at_origin_units=1, realised_share=0.75, days_observed=3.5,
    transfers_judged=4.25,
)  # fmt: skip

EXAMPLES: list[Fact] = [
    StockMovement(
        fact_id=fact_id(2**127 + 5), occurred_at=AT, location="S1", sku=ODD, style="SHIRT", kind="zone_move",
        quantity=-(2**40), units=2**40, unit_price=0.1, zone="back_room", to_zone="sales_floor", channel="online",
        document=ODD, event_key=2**64 - 1, retracts=True, recorded_at=LATER,
    ),
    StockLevel(
        fact_id=fact_id(2), occurred_at=AT, location="S1", sku="SHIRT-M", style="SHIRT", on_hand=-2,
        zones={"sales_floor": 3, "back_room": -5}, on_order=6, in_transit=2, reserved=1, backorders=4, available=-3,
        inventory_position=1, opening_known=True, last_evidence_at=LATER, log_partition=3, log_offset=99,
        input_appended_at=LATER,
    ),
    StockBelief(
        fact_id=fact_id(9), occurred_at=AT, location="S1", sku="SHIRT-M", style="SHIRT", likeliest_units=3,
        mean_units=2.875, low_units=2, high_units=4, probability_empty=0.0625, book_units=-2,
        probability_book_right=0.0, zones={"sales_floor": 1.5, "back_room": 1.375}, swept=True,
        blind_devices="S1-floor", log_partition=3, log_offset=99, input_appended_at=LATER,
    ),
    RecordAccuracy(
        fact_id=fact_id(31), occurred_at=AT, location="S1", records=40, accurate=31.25, believed_units=120.5,
        signed_error_units=3.5, shrink_units=9.25, absolute_error_units=15.0, lowest_error_units=-4.0,
        highest_error_units=6.5, percentage_errors=8.5, percentage_records=30, lowest_error_share=-0.75,
        highest_error_share=3.25, symmetric_errors=9.75, log_partition=3, log_offset=2**40,
    ),
    StockSurplus(
        fact_id=fact_id(35), occurred_at=AT, location="S1", sku="SHIRT-M", style="SHIRT", state="open",
        kind="season_end", season_end=date(2026, 3, 1), horizon_days=30.125, units=40, on_hand=38, mean_per_day=0.5,
        expected_unsold_units=24.5, probability_all_sold=0.0625, price=19.95, currency="SEK", elasticity=-1.75,
        markdown=0.3, clearing_markdown=0.5, expected_revenue=310.25, marked_down_unsold_units=12.5,
        marked_down_probability_all_sold=0.25, marked_down_revenue=385.5, tied_up=147.0, log_partition=3,
        log_offset=2**40,
    ),
    DemandForecast(
        fact_id=fact_id(3), occurred_at=AT, location="S1", sku="SHIRT-M", style="SHIRT", mean_per_day=0.333,
        variance_per_day=1e-9, days_observed=14, model="panel", interval_days=9, mean_units=2.997,
        quantiles={"0.5": 3.0, "0.995": 8.0}, base=0.75, contributions={"weekday": 0.25, "season": -1e-9},
    ),
    DemandQuality(
        fact_id=fact_id(32), occurred_at=AT, day=date(2026, 3, 1), location="S1", level="sku-location-day",
        horizon="1 day", cases=40.0, units=31.0, forecast_units=33.5, absolute_error=12.25, squared_error=20.5,
        cases_sold=18.0, percentage_errors=9.5, cases_scaled=39.0, scaled_error=30.25, scaled_squared_error=28.5,
        pinball={"0.9": 3.5}, covered={"0.9": 36.0}, quantiles={"0.9": 80.0}, log_partition=3, log_offset=2**40,
    ),
    DemandCluster(
        fact_id=fact_id(33), occurred_at=AT, day=date(2026, 3, 1), location="S1", cluster=2, before=1, log_partition=3,
        log_offset=2**40,
    ),
    OverrideScore(
        fact_id=fact_id(77), occurred_at=AT, order_id=fact_id(6), location="S1", sku="SHIRT-M", style="SHIRT", by=ODD,
        reason="fair in town", decided_at=AT, days=9, position_units=-2, suggested_units=24, chosen_units=48,
        demand_units=31.5, suggested_short_units=9.5, chosen_short_units=0.0, suggested_left_units=0.0,
        chosen_left_units=14.5, suggested_cost=114.25, chosen_cost=0.75, currency="GBP", log_partition=3, log_offset=99,
    ),
    BudgetEntry(
        fact_id=fact_id(78), occurred_at=AT, kind="grant", order_id=fact_id(6), revision=3, status="approved",
        budgets=("spring", ODD), location="S1", sku="SHIRT-M", style="SHIRT", supplier="Acme", quantity=24,
        counted_units=12, unit_cost=4.25, currency="SEK", first_lot_units=12, lot_units=6, lot_gains=(9.5, 4.25, -0.5),
        needs_person=True, release=fact_id(79), after=fact_id(80), log_partition=3, log_offset=2**40,
    ),
    BudgetStatus(
        fact_id=fact_id(81), occurred_at=AT, budget="spring", name=ODD, state="exceeded", amount=1000.5,
        committed=1200.75, left=-200.25, currency="SEK", starts_at=AT, ends_at=LATER, committed_orders=12,
        waiting_orders=3, for_person_orders=1, waiting_cost=310.5, waiting_gain=95.25, released_at=LATER,
    ),
    SizeCurve(
        fact_id=fact_id(34), occurred_at=AT, day=date(2026, 3, 1), location="S1", category=ODD, size_set="L|M",
        shares={"L": 0.25, "M": 0.75}, units=40.5, log_partition=3, log_offset=2**40,
    ),
    SupplierScorecard(
        fact_id=fact_id(35), occurred_at=AT, day=date(2026, 3, 1), supplier="Acme", location="S1", orders=40.5,
        mean_days=9.25, median_days=8, days_95=15, delivered_share=0.97, on_time_share=0.81, overdue_open=2,
        log_partition=3, log_offset=2**40,
    ),
    Reorder(
        fact_id=fact_id(4), occurred_at=AT, order_id="O-1", revision=3, idempotency_key="O-1/3", status="shipped",
        location="S1", sku="SHIRT-M", style="SHIRT", supplier="Acme", quantity=36, received_units=12,
        unit_of_measure="EA", pack_units=6, unit_cost=4.2, currency="SEK", requested_delivery_at=LATER,
        erp_reference="PO7", reason=ODD, budgets=("spring",), inputs=INPUTS, log_partition=3,
        log_offset=2**40, input_appended_at=LATER,
    ),
    TransferOutcome(
        fact_id=fact_id(82), occurred_at=AT, order_id="T-1", origin="S1", destination=ODD, sku="SHIRT-M", style="SHIRT",
        arrived_at=LATER, days=6, proposed_units=33, shipped_units=30, received_units=28, destination_demand_units=24.5,
        origin_demand_units=7.25, sold_units=22.5, lost_units=0.75, expected_gain=717.5, expected_cost=45.25,
        earned=-12.5, destination_sold_units=21, destination_expected_units=26.5, holdout_share=0.125, held_out=True,
        judged=False, held_until=LATER, reason=ODD, currency="SEK", log_partition=3, log_offset=2**40,
    ),
    Transfer(
        fact_id=fact_id(5), occurred_at=AT, order_id="T-1", revision=0, idempotency_key="T-1/0", status="proposed",
        origin="S1", destination="S2", sku="SHIRT-M", style="SHIRT", quantity=2, expected_gain=12.5,
        expected_cost=3.25, currency="EUR", reason="sells there", blind_devices="S2-back", inputs=MOVED,
        log_partition=3, log_offset=2**40, input_appended_at=LATER,
    ),
    ShadowLedger(
        fact_id=fact_id(35), occurred_at=AT, day=date(2026, 3, 2), since=date(2026, 3, 1), location="S1",
        currency="SEK", comparison="A(0.95) / B(0.9)", role="shadow", policy="z_formula", series=12, demand_units=9,
        served_units=7, lost_units=2, margin=70.5, lost_margin=20.25, holding_cost=0.125, ordering_cost=8.0,
        profit=62.375, orders=2, purchased_units=24, purchases=120.5, average_stock_units=31.5, log_partition=3,
        log_offset=2**40,
    ),
    PolicyPromotion(
        fact_id=fact_id(36), occurred_at=AT, action="promoted", currency="SEK", in_force="B(0.9)",
        comparison="A(0.95) / B(0.9)", since=date(2026, 3, 1), weeks=12, more_profit_a_day=7.25, low=0.5, high=14.0,
        more_fill=-0.0025, reason=ODD, log_partition=3, log_offset=2**40,
    ),
    Alert(
        fact_id=fact_id(6), occurred_at=AT, alert_id="A-1", fingerprint="stockout|S1|SHIRT-M", kind="stockout",
        severity="critical", state="resolved", starts_at=AT, ends_at=LATER, location="S1", sku="SHIRT-M",
        device="R1", summary=ODD, probability=0.75, money_at_risk_per_hour=7.5, currency="EUR", input_appended_at=LATER,
    ),
    Task(
        fact_id=fact_id(7), occurred_at=AT, task_id="K-1", kind="refill", status="open", location="S1",
        sku="SHIRT-M", style="SHIRT", zone="sales_floor", quantity=4, reason="below minimum",
        money_at_risk_per_hour=1.25, currency="GBP", input_appended_at=LATER,
    ),
    DeadLetter(
        fact_id=fact_id(8), occurred_at=AT, reason="unknown_item", message=ODD, topic="readings.pos", partition=3,
        offset=2**40, field="lines[3].item_id", value="??", units=2.5, raw="aGVsbG8=", raw_key="S1", recorded_at=LATER,
    ),
]  # fmt: skip

# The same with nothing in the fields that may be empty.
BARE: list[Fact] = [
    PolicyPromotion(
        fact_id=fact_id(37), occurred_at=AT, action="reset", currency="", in_force="", comparison="",
        since=date(2026, 3, 1), weeks=0, more_profit_a_day=0.0, more_fill=0.0, reason="", log_partition=0, log_offset=0,
    ),
    Transfer(
        fact_id=fact_id(15), occurred_at=AT, order_id="T-2", revision=1, idempotency_key="T-2/1", status="received",
        origin="S1", destination="S2", sku="", style="", quantity=0, expected_gain=0.0, expected_cost=0.0,
        input_appended_at=LATER,
    ),
    StockLevel(
        fact_id=fact_id(12), occurred_at=AT, location="", sku="", style="", on_hand=0, zones={}, on_order=0,
        in_transit=0, reserved=0, backorders=0, available=0, inventory_position=0, opening_known=False,
        last_evidence_at=None, log_partition=0, log_offset=0, input_appended_at=LATER,
    ),
    StockSurplus(
        fact_id=fact_id(15), occurred_at=AT, location="", sku="", style="", state="cleared", kind="slow",
        season_end=None, horizon_days=365.0, units=0, on_hand=0, mean_per_day=0.0, expected_unsold_units=0.0,
        probability_all_sold=1.0, price=None, currency="EUR", elasticity=-1.5, markdown=0.0, clearing_markdown=None,
        expected_revenue=None, marked_down_unsold_units=0.0, marked_down_probability_all_sold=1.0,
        marked_down_revenue=None, tied_up=None, log_partition=0, log_offset=0,
    ),
    BudgetEntry(
        fact_id=fact_id(17), occurred_at=AT, kind="claim", order_id="O-2", revision=1, status="pending", budgets=(),
        location="", sku="", style="", quantity=0,
    ),
    BudgetStatus(
        fact_id=fact_id(19), occurred_at=AT, budget="b", name="", state="open", amount=0.0, committed=0.0, left=0.0,
        currency="EUR", starts_at=AT, ends_at=LATER, committed_orders=0, waiting_orders=0, for_person_orders=0,
        waiting_cost=0.0, waiting_gain=0.0, released_at=None,
    ),
    DemandCluster(
        fact_id=fact_id(13), occurred_at=AT, day=date(2026, 3, 1), location="", cluster=0, before=None,
        log_partition=0, log_offset=0,
    ),
    Reorder(
        fact_id=fact_id(14), occurred_at=AT, order_id="O-2", revision=0, idempotency_key="O-2/0", status="proposed",
        location="S1", sku="SHIRT-M", style="SHIRT", supplier="", quantity=0, input_appended_at=LATER,
    ),
    Alert(
        fact_id=fact_id(16), occurred_at=AT, alert_id="A-2", fingerprint="f", kind="k", severity="info",
        state="firing", starts_at=AT, input_appended_at=LATER,
    ),
    DeadLetter(
        fact_id=fact_id(18), occurred_at=AT, reason="r", message="", topic="t", partition=0, offset=0, raw="",
        recorded_at=LATER,
    ),
]  # fmt: skip

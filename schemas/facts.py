"""What restockd says: the records of the downstream topics and ClickHouse tables.

Every fact carries ``fact_id``: a UUID made from what caused it (DESIGN.md, law
4), so that a fact said twice is recognised. ``occurred_at`` is event time,
always aware UTC; ``input_appended_at`` is when the broker appended the reading
that caused it, for measuring latency.

Each class has its topic in ``TOPIC_OF`` and is encoded as a JSON object.
``StockMovement`` is the exception: the archive's bulk feed, one Kafka message
per log message, holding a JSON array of them.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal

import msgspec

from schemas import topics

SCHEMA_VERSION = 1

OrderState = Literal[
    "proposed",
    "pending",
    "approved",
    "rejected",
    "acknowledged",
    "shipped",
    "received",
    "amended",
    "superseded",
    "cancelled",
]
Severity = Literal["critical", "error", "warning", "info"]


class _Fact(msgspec.Struct, frozen=True, kw_only=True):
    fact_id: str
    occurred_at: datetime


class StockMovement(_Fact, frozen=True, kw_only=True):
    """One accepted change of book stock, after deduplication.

    ``quantity`` is signed: its effect on on-hand (0 for a zone move, whose units
    are in ``units``). ``kind`` is one of sale, return, void, damaged_return,
    receipt, transfer_in, transfer_out, adjustment, supplier_return, write_off,
    zone_move, opening, count_correction. A count's correction is what it changed.
    """

    location: str
    sku: str
    style: str
    kind: str
    quantity: int
    units: int
    unit_price: float | None = None
    zone: str = ""
    to_zone: str = ""
    channel: str = ""
    document: str = ""
    event_key: int = 0
    retracts: bool = False
    recorded_at: datetime


class StockLevel(_Fact, frozen=True, kw_only=True):
    """Stock of one SKU at one location after a log message changed it."""

    location: str
    sku: str
    style: str
    on_hand: int
    zones: dict[str, int]
    on_order: int
    in_transit: int
    reserved: int
    backorders: int
    available: int
    inventory_position: int
    opening_known: bool
    last_evidence_at: datetime | None
    log_partition: int
    log_offset: int
    input_appended_at: datetime


class StockBelief(_Fact, frozen=True, kw_only=True):
    """How many units are believed to be at a location, with probabilities, and how the book compares.

    ``likeliest_units`` is the mode, ``low_units`` and ``high_units`` the central 90 % interval.
    ``zones`` are expected units. ``blind_devices`` lately said nothing that can be trusted; the
    belief rests on less there.
    """

    location: str
    sku: str
    style: str
    likeliest_units: int
    mean_units: float
    low_units: int
    high_units: int
    probability_empty: float
    book_units: int
    probability_book_right: float
    zones: dict[str, float]
    swept: bool
    blind_devices: str
    log_partition: int
    log_offset: int
    input_appended_at: datetime


class RecordAccuracy(_Fact, frozen=True, kw_only=True):
    """How well the records of one location agreed with the believed stock at the end of a day (ECR's measures).

    Of one log partition's SKUs that readers sweep: the numbers of all partitions add up. A record is accurate when it
    equals what is there; ``accurate`` is the expected number of such ones. Errors are record less believed
    units; ``percentage_errors`` sums |error| / believed over the ``percentage_records`` with at least half a unit
    believed (MAPE is their ratio), ``symmetric_errors`` sums 2 |error| / (|record| + believed) over all (sMAPE).
    """

    location: str
    records: int
    accurate: float
    believed_units: float
    signed_error_units: float
    shrink_units: float
    absolute_error_units: float
    lowest_error_units: float
    highest_error_units: float
    percentage_errors: float
    percentage_records: int
    lowest_error_share: float
    highest_error_share: float
    symmetric_errors: float
    log_partition: int
    log_offset: int


class StockSurplus(_Fact, frozen=True, kw_only=True):
    """Units of one SKU at one location that are unlikely to sell in time, and what a markdown would do, at a day's end.

    ``kind`` is ``season_end`` (until ``season_end``) or ``slow`` (no season ends; within ``horizon_days``, a year).
    ``units`` are on hand and firmly on their way, less reserved ones. What is expected holds for the present ``price``;
    ``marked_down_`` numbers for ``markdown`` (a share off that price, 0: none), which earns most of all steps for the
    SKU over its locations. ``clearing_markdown`` is the first step with which all is likely enough to sell here (0:
    none is needed; None: no step is enough). Demand is taken to be as ``price ** elasticity``. ``tied_up`` is the cost
    of the units expected to be left. Said when it begins, ends (``cleared``), changes by a quarter or another markdown.
    """

    location: str
    sku: str
    style: str
    state: Literal["open", "cleared"]
    kind: Literal["season_end", "slow"]
    season_end: date | None
    horizon_days: float
    units: int
    on_hand: int
    mean_per_day: float
    expected_unsold_units: float
    probability_all_sold: float
    price: float | None
    currency: str
    elasticity: float
    markdown: float
    clearing_markdown: float | None
    expected_revenue: float | None
    marked_down_unsold_units: float
    marked_down_probability_all_sold: float
    marked_down_revenue: float | None
    tied_up: float | None
    log_partition: int
    log_offset: int


class DemandForecast(_Fact, frozen=True, kw_only=True):
    """Demand of one SKU at one location over its protection interval (lead time and review period, whole days).

    ``quantiles`` of units in the interval, by probability ("0.005" to "0.995"), are of the sum over its days. Why it is
    what it is: ``base`` and ``contributions`` add up to the log of ``mean_units`` (exp of a contribution is
    the factor it stands for). ``mean_per_day`` and ``variance_per_day`` are the interval's by its days.
    """

    location: str
    sku: str
    style: str
    mean_per_day: float
    variance_per_day: float
    days_observed: int
    model: str
    interval_days: int
    mean_units: float
    quantiles: dict[str, float]
    base: float
    contributions: dict[str, float]


class DemandQuality(_Fact, frozen=True, kw_only=True):
    """How good forecasts were that ended on a day, at one location and ``level``, before anything was learned of it.

    Sums over ``cases`` forecasts of one log partition; those of all partitions, days and locations of a level and
    ``horizon`` add up, and measures are ratios of sums (view ``forecast_quality``). Errors are forecast less units;
    ``percentage_errors`` is of the ``cases_sold`` with demand (MAPE), scaled ones are in naive forecasts' mean errors
    (MASE) and mean squared ones (RMSSE) of the ``cases_scaled`` that have such. ``pinball``, ``covered`` (units at or
    below) and ``quantiles`` are by stated probability.
    """

    day: date
    location: str
    level: str
    horizon: str
    cases: float
    units: float
    forecast_units: float
    absolute_error: float
    squared_error: float
    cases_sold: float
    percentage_errors: float
    cases_scaled: float
    scaled_error: float
    scaled_squared_error: float
    pinball: dict[str, float]
    covered: dict[str, float]
    quantiles: dict[str, float]
    log_partition: int
    log_offset: int


class DemandCluster(_Fact, frozen=True, kw_only=True):
    """A location sells like those of another cluster from ``day`` on; ``before`` is None for its first one.

    Clusters are of one log partition's styles: numbers of two partitions have nothing to do with each other. View
    ``stores_alike`` says in how many partitions two locations are of one cluster.
    """

    day: date
    location: str
    cluster: int
    before: int | None
    log_partition: int
    log_offset: int


class SizeCurve(_Fact, frozen=True, kw_only=True):
    """How demand at a location divides over the sizes of a category's size-set, at the end of a week with sales.

    ``size_set`` is its sizes in order, ``|`` between them. ``shares`` by size add up to 1; stock-outs are corrected,
    and few sales are pulled to what the location's cluster and the chain sell. ``units`` were sold of the styles of one
    log partition, older ones weighing less: curves of several are averaged by them (view ``size_curves``).
    """

    day: date
    location: str
    category: str
    size_set: str
    shares: dict[str, float]
    units: float
    log_partition: int
    log_offset: int


class SupplierScorecard(_Fact, frozen=True, kw_only=True):
    """How a supplier delivers to a location (``""``: to all), as known at the end of a day; said when that changed.

    Of the orders of one log partition, older ones weighing less: ``orders`` is their weight, and figures of several
    partitions are averaged by it (view ``supplier_scorecards``). Days are from acknowledgement to receipt, orders that
    are still open counted as far as they got. ``delivered_share`` is the part that comes at all, ``on_time_share``
    by the day that was promised; ``overdue_open`` orders are open beyond it.
    """

    day: date
    supplier: str
    location: str
    orders: float
    mean_days: float
    median_days: int
    days_95: int
    delivered_share: float
    on_time_share: float
    overdue_open: int
    log_partition: int
    log_offset: int


class ReorderInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a reorder was computed from, so that it can be recomputed.

    ``quantile_level`` is where the forecast was read so that it delivers the service level that is asked for (conformal
    control). ``on_hand`` is the believed stock where RFID readers sweep, and the book elsewhere; ``book_on_hand``
    is the book. ``blind_devices`` at the location could not be trusted when it was decided. ``demand_quantiles``
    are of units over the protection interval, ``lead_time_quantiles`` of days, by probability;
    ``policy_terms`` are the policy's own numbers. ``expected_costs`` weigh the order against what was not chosen
    (nothing, a pack less, a pack more), ``landed_costs`` the suppliers, per unit. ``warning`` says what could not be
    weighed (a price that is not known, say) and what was done instead. While nobody has answered,
    the suggestion is taken back when the position without it reaches ``cancelled_at_position``.
    """

    policy: str
    rules_version: str
    cycle_service_level: float
    quantile_level: float
    mean_per_day: float
    variance_per_day: float
    days_observed: int
    lead_time_days: float
    lead_time_sd_days: float
    review_period_days: float
    reorder_point: int
    order_up_to_level: int
    safety_stock: float
    on_hand: int
    on_order: int
    backorders: int
    reserved: int
    inventory_position: int
    need_units: int
    minimum_order_units: int
    pack_units: int
    rounding_units: int
    opening_known: bool
    book_on_hand: int = 0
    probability_empty: float | None = None
    blind_devices: str = ""
    rounding: str = "up"
    belief: dict[str, float] = {}
    demand_quantiles: dict[str, float] = {}
    lead_time_quantiles: dict[str, float] = {}
    policy_terms: dict[str, float] = {}
    expected_costs: dict[str, float] = {}
    landed_costs: dict[str, float] = {}
    cancelled_at_position: int = 0
    warning: str = ""


class Reorder(_Fact, frozen=True, kw_only=True):
    """A purchase suggestion and every later state of it, one stable ``order_id``.

    ``idempotency_key`` = ``order_id`` + revision lets an ERP apply each revision
    once. ``status`` says what happened; ``quantity`` is what the order is for now, ``received_units``
    what came of it so far, by its receipts or by the ERP's word that it is received.
    ``log_partition`` and ``log_offset`` are of the log message that made it so (-1
    where an older version did not say). A pending order of ``budgets`` waits until each of them has room, or for a
    person.
    """

    schema_version: int = SCHEMA_VERSION
    order_id: str
    revision: int
    idempotency_key: str
    status: OrderState
    location: str
    sku: str
    style: str
    supplier: str
    quantity: int
    received_units: int = 0
    unit_of_measure: str = "EA"
    pack_units: int = 1
    unit_cost: float | None = None
    currency: str = "EUR"
    requested_delivery_at: datetime | None = None
    erp_reference: str = ""
    budgets: tuple[str, ...] = ()
    reason: str = ""
    inputs: ReorderInputs | None = None
    log_partition: int = -1
    log_offset: int = -1
    input_appended_at: datetime


class TransferInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a transfer was computed from.

    ``trigger`` is ``shortage`` (at once), ``day_end`` or ``new_evidence``. ``horizon_days`` are until the supplier
    would deliver what is ordered now, or to the season's end; a unit sold by then brings ``margin_per_unit``.
    ``probability_runs_out`` is of the destination by then, without the units moved; with ``_after`` once they are
    there. ``destination_gain`` less ``donor_loss`` is what the transfer gains by the forecasts. Of that
    ``realised_share`` is expected, as much as transfers judged of late earned of theirs, and by how many days demand
    was observed where few were judged (``days_observed``, the mean of the stores that have the SKU, the day of the
    decision included; ``transfers_judged``, in its currency, those of long ago weighing less); less ``unit_costs``
    and ``trip_cost_share`` it is what the transfer earns. ``size_run_worth`` is the part of the gain that other sizes
    bring once this one is there. ``compared`` is the money of waiting for the next review, buying now, moving, and
    both; ``rejected_donors`` what other donors would have earned. Until it ships or ``leaves_before`` the transfer is
    taken back when the destination has ``cancelled_at_destination_units`` free, or the donor no more than
    ``cancelled_at_origin_units``.
    """

    trigger: str
    rules_version: str
    horizon_days: float
    days_to_arrive: float
    leaves_before: datetime | None
    destination_mean_per_day: float
    destination_variance_per_day: float
    destination_units: int
    destination_coming: int
    probability_runs_out: float
    probability_runs_out_after: float
    origin_mean_per_day: float
    origin_variance_per_day: float
    origin_on_hand: int
    origin_free: int
    origin_keeps: int
    margin_per_unit: float
    leftover_value: float
    size_run_worth: float
    destination_gain: float
    donor_loss: float
    unit_costs: float
    trip_cost_share: float
    skus_on_trip: int
    compared: dict[str, float]
    rejected_donors: dict[str, float]
    cancelled_at_destination_units: int
    cancelled_at_origin_units: int
    realised_share: float = 1.0
    days_observed: float | None = None
    transfers_judged: float | None = None


class BudgetEntry(_Fact, frozen=True, kw_only=True):
    """A line of the budgets' ledger: what an order asks of its budgets, or what it was given.

    A ``claim`` says how an order stands: ``counted_units`` of it are bought, and a pending one asks for ``quantity``
    units in lots, the first of ``first_lot_units``, the others of ``lot_units``; ``lot_gains`` is what each further lot
    is expected to earn. One that ``needs_person`` (above the approval limit, or its cost is not known) is given nothing
    by a budget. A ``grant`` gives ``quantity`` units to a revision, in one ``release`` with all that
    was decided together ``after`` the grant of that ``fact_id``; unless that was the last one by then, it is void.
    """

    kind: Literal["claim", "grant"]
    order_id: str
    revision: int
    status: OrderState
    budgets: tuple[str, ...]
    location: str
    sku: str
    style: str
    supplier: str = ""
    quantity: int
    counted_units: int = 0
    unit_cost: float | None = None
    currency: str = "EUR"
    first_lot_units: int = 0
    lot_units: int = 0
    lot_gains: tuple[float, ...] = ()
    needs_person: bool = False
    release: str = ""
    after: str = ""
    log_partition: int = -1
    log_offset: int = -1


class BudgetStatus(_Fact, frozen=True, kw_only=True):
    """How a budget stands: ``committed`` is what was bought or released, ``left`` what remains (below 0: exceeded).

    ``waiting`` orders ask for ``waiting_cost`` and are expected to earn ``waiting_gain``; ``for_person`` of them need a
    person. It is ``spent`` when nothing fits any more of what waits for money.
    """

    budget: str
    name: str
    state: Literal["open", "spent", "exceeded"]
    amount: float
    committed: float
    left: float
    currency: str
    starts_at: datetime
    ends_at: datetime
    committed_orders: int
    waiting_orders: int
    for_person_orders: int
    waiting_cost: float
    waiting_gain: float
    released_at: datetime | None


class OverrideScore(_Fact, frozen=True, kw_only=True):
    """What came of a suggestion that somebody rejected or changed, held against the demand of the days it was for.

    ``suggested_*`` is what would have been with the units that were suggested, ``chosen_*`` with those that ``by`` (a
    person, or ``ERP``) made of them: units short and left at the end of ``days``, and their cost (margin of what was
    short, holding of what was left). ``position_units`` is without the order, ``demand_units`` includes what stock-outs
    hid.
    """

    order_id: str
    location: str
    sku: str
    style: str
    by: str
    reason: str
    decided_at: datetime
    days: int
    position_units: int
    suggested_units: int
    chosen_units: int
    demand_units: float
    suggested_short_units: float
    chosen_short_units: float
    suggested_left_units: float
    chosen_left_units: float
    suggested_cost: float
    chosen_cost: float
    currency: str = "EUR"
    log_partition: int
    log_offset: int


class Transfer(_Fact, frozen=True, kw_only=True):
    """A proposed move of units from one location to another, and its later states.

    ``expected_gain`` is what the destination gains less what the donor loses, ``expected_cost`` that of the units and
    the transfer's part of its trip. ``blind_devices`` at either end could not be trusted when it was decided.
    ``log_partition`` and ``log_offset`` are of the log message that made it so (-1
    where an older version did not say).
    """

    schema_version: int = SCHEMA_VERSION
    order_id: str
    revision: int
    idempotency_key: str
    status: OrderState
    origin: str
    destination: str
    sku: str
    style: str
    quantity: int
    expected_gain: float
    expected_cost: float
    currency: str = "EUR"
    reason: str = ""
    blind_devices: str = ""
    inputs: TransferInputs | None = None
    log_partition: int = -1
    log_offset: int = -1
    input_appended_at: datetime


class TransferOutcome(_Fact, frozen=True, kw_only=True):
    """What came of a transfer that moved units, said once the days are over in which they were to sell.

    Both ends are held against how they would have been without it, with the demand that came (what stock-outs hid is in
    it) and everything else that came and went. ``sold_units`` were sold at the destination that would not have been,
    ``lost_units`` would have been at the origin. ``earned`` is what that brings, in the prices and costs of when it was
    proposed, and with every unit left over at what buying one costs; it is to be compared with ``expected_gain`` of
    ``proposed_units``. Demand is that of the ``days`` since ``arrived_at`` and, at the origin, since it left.

    Of transfers proposed under a ``holdout_share`` that share was not sent: of those ``held_out`` all of this is what
    would have been had they moved as planned, and they are said twice, first when they are held out (not ``judged``),
    with why they would have been proposed and until when nothing is moved there. ``destination_sold_units`` are what
    the destination truly sold in the days after the one they came on, and ``destination_expected_units`` its demand by
    the forecast of when it was proposed.
    """

    order_id: str
    origin: str
    destination: str
    sku: str
    style: str
    arrived_at: datetime | None
    days: int
    proposed_units: int
    shipped_units: int
    received_units: int
    destination_demand_units: float
    origin_demand_units: float
    sold_units: float
    lost_units: float
    expected_gain: float
    expected_cost: float
    earned: float
    destination_sold_units: int = 0
    destination_expected_units: float = 0.0
    holdout_share: float = 0.0
    held_out: bool = False
    judged: bool = True
    held_until: datetime | None = None
    reason: str = ""
    currency: str = "EUR"
    log_partition: int
    log_offset: int


class ShadowLedger(_Fact, frozen=True, kw_only=True):
    """What a day brought and cost at a location in a virtual world that one policy orders for, in one currency.

    Two worlds begin with the real positions on the day before ``since`` and see the same demand, forecasts and lead
    times: that of the policy in force and that of its shadow, from which no order comes (``role``). ``comparison``
    names both with their settings. Where a promotion lets them change roles, ``since`` is the day after it. ``profit``
    is margin less holding and ordering cost; lost margin and purchases are told beside it. Of one log partition's
    series: the numbers of all partitions add up (view ``shadow_ledger``).
    """

    day: date
    since: date
    location: str
    currency: str
    comparison: str
    role: Literal["in_force", "shadow"]
    policy: str
    series: int
    demand_units: int
    served_units: int
    lost_units: int
    margin: float
    lost_margin: float
    holding_cost: float
    ordering_cost: float
    profit: float
    orders: int
    purchased_units: int
    purchases: float
    average_stock_units: float
    log_partition: int
    log_offset: int


class PolicyPromotion(_Fact, frozen=True, kw_only=True):
    """A comparison ends for the orders of one log partition in one currency.

    ``in_force`` is what decides orders from here on: the shadow's policy (``promoted``), again the one that rules
    name, since that earned more or served more (``rolled_back``) or since rules say so (``reset``), or the same as
    before (``kept``), and another challenger has its turn. ``comparison``,
    the policy in force before and its shadow, was played ``since`` that day: over whole ``weeks`` the shadow earned
    ``more_profit_a_day``, ``low`` to ``high`` with 98 % however often one looks, and served ``more_fill`` of demand.
    """

    action: Literal["promoted", "rolled_back", "reset", "kept"]
    currency: str
    in_force: str
    comparison: str
    since: date
    weeks: int
    more_profit_a_day: float
    low: float | None = None
    high: float | None = None
    more_fill: float
    reason: str
    log_partition: int
    log_offset: int


class Alert(_Fact, frozen=True, kw_only=True):
    """A condition that starts, changes or ends; ``fingerprint`` is its identity.

    ``probability`` is how likely it is so, where that is not certain. A change of it by a tenth, or of
    the money at risk by a quarter, is said again.
    """

    alert_id: str
    fingerprint: str
    kind: str
    severity: Severity
    state: Literal["firing", "resolved"]
    starts_at: datetime
    ends_at: datetime | None = None
    location: str = ""
    sku: str = ""
    device: str = ""
    summary: str = ""
    probability: float | None = None
    money_at_risk_per_hour: float | None = None
    currency: str = "EUR"
    input_appended_at: datetime


class Task(_Fact, frozen=True, kw_only=True):
    """Work for a person in a store: refill a shelf, look whether there is any, count.

    ``money_at_risk_per_hour`` is the margin that a refill brings back, where price and cost are known. An open task is
    told again, under its ``task_id``, when its reason is another by now.
    """

    task_id: str
    kind: Literal["refill", "look", "count"]
    status: Literal["open", "done", "cancelled"]
    location: str
    sku: str
    style: str
    zone: str = ""
    quantity: int = 0
    reason: str = ""
    money_at_risk_per_hour: float | None = None
    currency: str = "EUR"
    input_appended_at: datetime


class DeadLetter(_Fact, frozen=True, kw_only=True):
    """Input that was not understood, whole: nothing is lost.

    ``raw`` is the record's bytes in base64; ``topic``, ``partition`` and
    ``offset`` say where it stood; ``field`` and ``value`` what was wrong with it;
    ``units`` how many units of stock the rejected part spoke of, if known.
    """

    reason: str
    message: str
    topic: str
    partition: int
    offset: int
    field: str = ""
    value: str = ""
    units: float | None = None
    raw: str
    raw_key: str = ""
    recorded_at: datetime


Fact = (
    StockMovement
    | StockLevel
    | StockBelief
    | RecordAccuracy
    | StockSurplus
    | DemandForecast
    | DemandQuality
    | DemandCluster
    | SizeCurve
    | SupplierScorecard
    | Reorder
    | OverrideScore
    | BudgetEntry
    | BudgetStatus
    | Transfer
    | TransferOutcome
    | ShadowLedger
    | PolicyPromotion
    | Alert
    | Task
    | DeadLetter
)

TOPIC_OF: dict[type[Fact], topics.Topic] = {
    StockMovement: topics.STOCK_MOVEMENTS,
    StockLevel: topics.STOCK_LEVELS,
    StockBelief: topics.STOCK_BELIEFS,
    RecordAccuracy: topics.STOCK_ACCURACY,
    StockSurplus: topics.STOCK_SURPLUS,
    DemandForecast: topics.DEMAND_FORECASTS,
    DemandQuality: topics.DEMAND_QUALITY,
    DemandCluster: topics.DEMAND_CLUSTERS,
    SizeCurve: topics.DEMAND_SIZES,
    SupplierScorecard: topics.SUPPLIER_SCORECARDS,
    Reorder: topics.REORDERS,
    OverrideScore: topics.OVERRIDES,
    BudgetEntry: topics.BUDGET_LEDGER,
    BudgetStatus: topics.BUDGET_STATUS,
    Transfer: topics.TRANSFERS,
    TransferOutcome: topics.OUTCOMES,
    ShadowLedger: topics.SHADOW,
    PolicyPromotion: topics.PROMOTIONS,
    Alert: topics.ALERTS,
    Task: topics.TASKS,
    DeadLetter: topics.DEAD_LETTERS,
}


@lru_cache(maxsize=4096)
def utc(milliseconds: int) -> datetime:
    """Aware UTC time of milliseconds since the epoch."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)

"""What to order of one SKU for one location: the policy of the rules on what is believed, forecast and learned."""

from functools import lru_cache

from inventory.alerts.not_orderable import hold_not_orderable, why_not
from inventory.open_to_buy import claims
from inventory.open_to_buy.covering import covering
from inventory.open_to_buy.lots import Lots
from inventory.outlook import demand_of, level_of, service_asked
from inventory.receipts import Basis, inputs_of, lots_to_buy
from inventory.replenishment import orders
from inventory.replenishment.orders import Order
from inventory.replenishment.policies.named import named
from inventory.replenishment.policies.until_season_end import UntilSeasonEnd
from inventory.replenishment.reorder import Decision, Terms, case_of, decide
from inventory.reports import say_order
from inventory.rules import Rules
from inventory.supply import Source, bought_from, is_retired, source_of
from inventory.turn import Touched, Turn
from schemas.observations import ItemDefined

MILLISECONDS_PER_DAY = 86_400_000
_FAR_LESS = 2
"""A suggestion nobody answered is made smaller when this many times less is needed."""
_OURS = frozenset({"proposed", "pending", "amended"})
"""A quantity that a person approved is not made smaller."""

_policy = lru_cache(maxsize=1 << 14)(named)


def review(turn: Turn, touched: Touched) -> None:
    """Propose an order, change the one that is proposed, or withdraw it."""
    _drop_of_retired(turn, touched)
    suggestion = touched.stock.book.suggestion
    basis = _basis_of(turn, touched)
    case = basis.case
    if case.mean_per_day <= 0.0 and case.position >= 0 and suggestion is None:
        hold_not_orderable(turn, touched, "")
        return
    decision = _decided(turn, touched.sku.item, basis)
    answer = decision.answer
    suggested = suggestion.outstanding if suggestion is not None else 0
    needed = case.position + suggested <= answer.reorder_point and answer.need_units > 0
    barred = why_not(basis.source) if needed else ""
    hold_not_orderable(turn, touched, barred)
    if barred:
        return
    if case.position + suggested <= answer.reorder_point:
        _ask_for(turn, touched, basis, decision, suggestion)
    elif suggestion is None:
        return
    elif case.position >= answer.order_up_to_level:
        withdraw(turn, touched, suggestion, "the need is gone: enough stock without it")
    elif suggestion.status in _OURS and 0 < decision.quantity * _FAR_LESS <= suggestion.quantity:
        _say(turn, touched, basis, decision, suggestion)
    _look_for_money(turn, touched, basis)


def stop(turn: Turn, touched: Touched) -> None:
    """Nothing is ordered here any more."""
    hold_not_orderable(turn, touched, "")
    suggestion = touched.stock.book.suggestion
    if suggestion is not None:
        withdraw(turn, touched, suggestion, "no longer replenished")


def _drop_of_retired(turn: Turn, touched: Touched) -> None:
    """A suggestion to a supplier that has been retired since; another may be asked at once."""
    book = touched.stock.book
    suggestion = book.suggestion
    if suggestion is not None and is_retired(turn.state, suggestion.supplier):
        withdraw(turn, touched, suggestion, f"supplier {suggestion.supplier} is retired")
        book.ordered_at_ms = -1


def withdraw(turn: Turn, touched: Touched, suggestion: Order, reason: str) -> None:
    """Take a suggestion back that nobody has answered."""
    suggestion.status = "cancelled"
    suggestion.revision += 1
    say_order(turn, touched, suggestion, reason)
    turn.state.forget_orders(orders.drop_closed(touched.stock.book))


def terms_of(rules: Rules) -> Terms:
    """Money that reference data does not say."""
    return Terms(rules.carrying_share_per_year, rules.order_cost, rules.leftover_share)


def _basis_of(turn: Turn, touched: Touched) -> Basis:
    stock, item = touched.stock, touched.sku.item
    demand = demand_of(turn.state, touched.sku, touched.location, stock)
    source = source_of(turn, touched.sku, touched.location)
    now_ms, terms = turn.now_at(stock), terms_of(turn.rules)
    case = case_of(stock, bought_from(item, source), demand, source.lead_time, source.review_period_days, now_ms, terms)
    service = service_asked(item, turn.rules.cycle_service_level)
    return Basis(case, demand, source, service, level_of(turn.state, demand, service))


def _decided(turn: Turn, item: ItemDefined, basis: Basis) -> Decision:
    """By the policy of the rules, but no unit that would be left when the item's season ends."""
    rules = turn.rules
    policy = _policy(rules.policy, basis.quantile_level, rules.order_cover_days, rules.fill_rate)
    if item.season_end_ms is not None:
        return decide(UntilSeasonEnd(policy, basis.quantile_level), basis.case, basis.source.lots, rules.rounding)
    return decide(policy, basis.case, basis.source.lots, rules.rounding)


def _ask_for(turn: Turn, touched: Touched, basis: Basis, decision: Decision, suggestion: Order | None) -> None:
    """Propose an order, or enlarge the one that is proposed already."""
    if decision.quantity > 0 and _may_ask(turn, touched, basis, decision, suggestion):
        order = suggestion or _new_order(turn, touched, basis.source)
        _say(turn, touched, basis, decision, order)


def _may_ask(turn: Turn, touched: Touched, basis: Basis, decision: Decision, suggestion: Order | None) -> bool:
    """Only more than was asked for already, and not at once what was just refused.

    A policy that orders at every review orders once in a review period. What a budget has given out is not enlarged:
    whoever places it would have to wait for the rest.
    """
    if suggestion is not None:
        placed = bool(suggestion.budgets) and suggestion.status in orders.GIVEN_OUT
        return not placed and decision.quantity > suggestion.asked
    book, now_ms = touched.stock.book, turn.now_at(touched.stock)
    days = basis.source.review_period_days
    every_review = decision.answer.at_every_review
    if every_review and book.ordered_at_ms >= 0 and now_ms < book.ordered_at_ms + int(days * MILLISECONDS_PER_DAY):
        return False
    return orders.may_ask(book, decision.quantity, now_ms, days)


def _new_order(turn: Turn, touched: Touched, source: Source) -> Order:
    book = touched.stock.book
    due = touched.occurred_at_ms + int(source.lead_time.mean_days * MILLISECONDS_PER_DAY)
    order = Order(
        turn.saying.new_id("order", touched.location, touched.sku.item.sku),
        "proposed",
        0,
        touched.occurred_at_ms,
        expected_at_ms=due,
    )
    book.orders.append(order)
    book.ordered_at_ms = turn.now_at(touched.stock)
    turn.state.orders[order.order_id] = (touched.sku.item.sku, touched.location)
    return order


def _say(turn: Turn, touched: Touched, basis: Basis, decision: Decision, order: Order) -> None:
    """A new order, or a new revision of one, for the quantity that was decided."""
    amended, less = order.quantity > 0, decision.quantity < order.quantity
    inputs = inputs_of(turn, touched, basis, decision)
    order.quantity = order.asked = decision.quantity
    order.supplier, order.unit_cost = basis.source.supplier.supplier, basis.source.unit_cost
    placed = amended and order.status in orders.GIVEN_OUT
    if not placed:
        order.budgets = _budgets_of(turn, touched, order)
    order.status = _first_status(turn, order, amended=amended, placed=placed)
    order.revision += amended
    position, point = inputs.inventory_position, inputs.reorder_point
    reason = "less is needed by now" if less else f"position {position} at or below reorder point {point}"
    if inputs.blind_devices:
        reason += f"; {inputs.blind_devices} cannot be trusted just now"
    say_order(turn, touched, order, reason + _waits_for(order), inputs, _lots_of(order, basis))


def _first_status(turn: Turn, order: Order, *, amended: bool, placed: bool) -> str:
    """Pending where a person has to agree, or money has to be found for what nobody has placed yet."""
    if claims.needs_person(turn.rules, order) or (order.budgets and not placed):
        return "pending"
    return "amended" if amended else "proposed"


def _budgets_of(turn: Turn, touched: Touched, order: Order) -> tuple[str, ...]:
    now_ms = max(turn.now_at(touched.stock), order.proposed_at_ms)
    return covering(turn.state.core.budgets, touched.sku.item, order.supplier, touched.location, now_ms)


def _lots_of(order: Order, basis: Basis) -> Lots | None:
    """What a waiting order asks of its budgets."""
    return lots_to_buy(basis, order.quantity) if order.budgets and order.status == "pending" else None


def _waits_for(order: Order) -> str:
    return f"; waits for budget {', '.join(order.budgets)}" if order.budgets and order.status == "pending" else ""


def _look_for_money(turn: Turn, touched: Touched, basis: Basis) -> None:
    """A waiting order follows the budgets as they come and go, and says once a day what it is worth by then."""
    order = touched.stock.book.suggestion
    if order is None or order.status != "pending":
        return
    budgets = _budgets_of(turn, touched, order)
    if budgets != order.budgets:
        order.budgets, order.revision = budgets, order.revision + 1
        order.status = _first_status(turn, order, amended=True, placed=False)
        reason = "other budgets hold now" + _waits_for(order)
        say_order(turn, touched, order, reason, lots=_lots_of(order, basis))
    elif budgets and order.claimed_day < turn.now_at(touched.stock) // MILLISECONDS_PER_DAY:
        claims.say_claim(turn, touched, order, _lots_of(order, basis))

"""What to order of one SKU for one location: the policy in force on what is believed, forecast and learned."""

from functools import lru_cache

from inventory import approvals
from inventory.alerts.not_orderable import hold_not_orderable, why_not
from inventory.in_force import rules_for
from inventory.open_to_buy import claims
from inventory.open_to_buy.covering import covering
from inventory.open_to_buy.lots import Lots
from inventory.outlook import demand_of, levels_of, service_asked
from inventory.receipts import Basis, inputs_of, lots_to_buy
from inventory.replenishment import orders
from inventory.replenishment.orders import Order
from inventory.replenishment.policies.named import named
from inventory.replenishment.policies.until_season_end import UntilSeasonEnd
from inventory.replenishment.reorder import Decision, Terms, case_of, decide, up_to_level
from inventory.reports import say_order
from inventory.rules import Rules
from inventory.supply import bought_from, is_retired_supplier, source_of
from inventory.turn import Touched, Turn
from schemas.observations import ItemDefined

MILLISECONDS_PER_DAY = 86_400_000
_LESS = 0.25
"""A suggestion nobody answered is made smaller when this share of it is not needed any more."""
_WAITING = orders.UNANSWERED - {"pending"}

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
    if suggestion is not None:
        _reconsider(turn, touched, basis, decision, suggestion)
    elif decision.quantity > 0 and _may_ask(turn, touched, basis, decision):
        _say(turn, touched, basis, decision, _new_order(turn, touched))
    _look_for_money(turn, touched, basis)


def stop(turn: Turn, touched: Touched, reason: str) -> None:
    """Nothing is ordered here any more."""
    hold_not_orderable(turn, touched, "")
    suggestion = touched.stock.book.suggestion
    if suggestion is not None:
        withdraw(turn, touched, suggestion, reason)


def _drop_of_retired(turn: Turn, touched: Touched) -> None:
    """A suggestion to a supplier that has been retired since; another may be asked at once."""
    book = touched.stock.book
    suggestion = book.suggestion
    if suggestion is not None and is_retired_supplier(turn.state, suggestion.supplier):
        withdraw(turn, touched, suggestion, f"supplier {suggestion.supplier} is retired")
        book.ordered_at_ms = -1


def withdraw(turn: Turn, touched: Touched, suggestion: Order, reason: str, status: str = "cancelled") -> None:
    """Take a suggestion back; what the ERP has taken of it stays."""
    if suggestion.taken:
        _keep_what_was_taken(turn, touched, suggestion, reason)
        return
    orders.withdraw(suggestion, status, turn.now_at(touched.stock))
    say_order(turn, touched, suggestion, reason)
    turn.state.forget_orders(orders.drop_closed(touched.stock.book))


def _keep_what_was_taken(turn: Turn, touched: Touched, suggestion: Order, reason: str) -> None:
    """Ask for no more than an earlier revision got; an amendment that nobody has heard of is simply dropped."""
    if suggestion.quantity == suggestion.taken:
        return
    unheard, taken = suggestion.status == "pending", suggestion.taken
    suggestion.revision += 1
    if unheard:
        orders.stand_as_taken(suggestion)
    else:
        suggestion.quantity = suggestion.asked = taken
        suggestion.status = "amended"
    say_order(turn, touched, suggestion, f"{reason}; the ERP has taken {taken}")


def terms_of(rules: Rules) -> Terms:
    """Money that reference data does not say."""
    return Terms(rules.carrying_share_per_year, rules.order_cost, rules.leftover_share)


def _basis_of(turn: Turn, touched: Touched) -> Basis:
    stock, item = touched.stock, touched.sku.item
    demand = demand_of(turn.state, touched.sku, touched.location, stock)
    source = source_of(turn, touched.sku, touched.location)
    now_ms, terms = turn.now_at(stock), terms_of(turn.rules)
    case = case_of(stock, bought_from(item, source), demand, source.lead_time, source.review_period_days, now_ms, terms)
    service = service_asked(item, rules_for(turn.state, item).cycle_service_level)
    return Basis(case, demand, source, service, *levels_of(turn.state, demand, [service]))


def _decided(turn: Turn, item: ItemDefined, basis: Basis) -> Decision:
    """By the policy in force, but no unit that would be left when the item's season ends."""
    rules = rules_for(turn.state, item)
    policy = _policy(rules.policy, basis.quantile_level, rules.order_cover_days, rules.fill_rate)
    if item.season_end_ms is not None:
        return decide(UntilSeasonEnd(policy, basis.quantile_level), basis.case, basis.source.lots, rules.rounding)
    return decide(policy, basis.case, basis.source.lots, rules.rounding)


def _reconsider(turn: Turn, touched: Touched, basis: Basis, decision: Decision, suggestion: Order) -> None:
    """Whether what is suggested is still what to ask for, of this supplier, and without a person.

    What a person approved stays where it is for another supplier's sake alone, and what an ERP has begun to buy there.
    """
    case, answer = basis.case, decision.answer
    if case.position + suggestion.taken >= answer.order_up_to_level:
        withdraw(turn, touched, suggestion, "the need is gone: enough stock without it")
        return
    wanted = up_to_level(decision, case, basis.source.lots, turn.rules.rounding)
    worth_telling = _is_worth_telling(turn, touched, basis, wanted, suggestion)
    elsewhere = suggestion.supplier != basis.source.supplier.supplier and wanted.quantity > 0
    if elsewhere and suggestion.taken:
        return
    if elsewhere and (worth_telling or suggestion.status != "approved"):
        _supersede(turn, touched, basis, wanted, suggestion)
    elif worth_telling:
        _say(turn, touched, basis, wanted, suggestion)
    else:
        _follow_limit(turn, touched, suggestion)


def _is_worth_telling(turn: Turn, touched: Touched, basis: Basis, wanted: Decision, suggestion: Order) -> bool:
    """Whether more is needed than is asked for, or far less of what nobody has approved."""
    if not _is_review(turn, touched, basis, wanted):
        return False
    if basis.case.position + suggestion.outstanding <= wanted.answer.reorder_point:
        return orders.may_enlarge(suggestion, wanted.quantity)
    less = suggestion.taken <= wanted.quantity <= (1.0 - _LESS) * suggestion.quantity
    return less and wanted.quantity > 0 and suggestion.status in orders.UNANSWERED


def _supersede(turn: Turn, touched: Touched, basis: Basis, wanted: Decision, suggestion: Order) -> None:
    """Take the order back from the one supplier and ask the other: who has the request keeps none of it."""
    supplier = basis.source.supplier.supplier
    withdraw(turn, touched, suggestion, f"ordered from {supplier or 'another supplier'} instead", "superseded")
    _say(turn, touched, basis, wanted, _new_order(turn, touched))


def _follow_limit(turn: Turn, touched: Touched, suggestion: Order) -> None:
    """What nobody has taken waits, or is released, with a limit that changed; a budget releases its own."""
    waits = suggestion.status == "pending"
    if suggestion.status in _WAITING and claims.is_above_limit(turn.rules, suggestion):
        suggestion.status, reason = "pending", approvals.why_it_waits_now(turn.rules)
    elif waits and not suggestion.budgets and not claims.needs_person(turn.rules, suggestion):
        suggestion.status, reason = "amended", approvals.why_it_is_released_now(turn.rules)
    else:
        return
    suggestion.revision += 1
    say_order(turn, touched, suggestion, reason)


def _may_ask(turn: Turn, touched: Touched, basis: Basis, decision: Decision) -> bool:
    """Not at once what was just refused."""
    now_ms, days = turn.now_at(touched.stock), basis.source.review_period_days
    ready = _is_review(turn, touched, basis, decision)
    return ready and orders.may_ask(touched.stock.book, decision.quantity, now_ms, days)


def _is_review(turn: Turn, touched: Touched, basis: Basis, decision: Decision) -> bool:
    """A policy that orders at every review asks, or asks for something else, once in a review period."""
    asked_ms, period_ms = touched.stock.book.ordered_at_ms, int(basis.source.review_period_days * MILLISECONDS_PER_DAY)
    waits = decision.answer.at_every_review and asked_ms >= 0
    return not waits or turn.now_at(touched.stock) >= asked_ms + period_ms


def _new_order(turn: Turn, touched: Touched) -> Order:
    order_id = turn.saying.new_order_id("order", touched.location, touched.sku.item.sku)
    order = Order(order_id, "proposed", 0, touched.occurred_at_ms)
    touched.stock.book.orders.append(order)
    turn.state.orders[order.order_id] = (touched.sku.item.sku, touched.location)
    return order


def _say(turn: Turn, touched: Touched, basis: Basis, decision: Decision, order: Order) -> None:
    """A new order, or a new revision of one, for the quantity that was decided."""
    amended, less = order.quantity > 0, decision.quantity < order.quantity
    inputs = inputs_of(turn, touched, basis, decision)
    touched.stock.book.ordered_at_ms = turn.now_at(touched.stock)
    order.quantity = order.asked = decision.quantity
    order.refused = -1
    order.supplier, order.unit_cost = basis.source.supplier.supplier, basis.source.unit_cost
    placed = amended and order.status in orders.GIVEN_OUT
    if not placed:
        order.budgets = _budgets_of(turn, touched, order)
    order.status = _first_status(turn, order, amended=amended, placed=placed)
    order.revision += amended
    position, point = inputs.inventory_position, inputs.reorder_point
    reason = f"position {position} at or below reorder point {point}"
    if position > point:
        reason = f"position {position} below order-up-to level {inputs.order_up_to_level}"
    if less:
        reason = f"less is needed by now: position {position}, up to {inputs.order_up_to_level}"
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

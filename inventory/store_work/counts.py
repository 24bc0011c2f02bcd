"""Count tasks: at a day's end the records of each location that are most in doubt, by what the doubt costs.

What a wrong record costs is the margin of a week if nothing is there while the book says there is, and the value of
the units that book and belief differ by; both times how likely that is. A book below zero is wrong for certain, also
where no reader sweeps, and decisions take it for sold out meanwhile. A count answers the task (and trains the belief);
it is taken back when other evidence settles the doubt.
"""

from typing import NamedTuple

from inventory.outlook import demand_of
from inventory.reports import is_swept, say_task
from inventory.state import LocationStock, SkuState
from inventory.stock import belief as believed
from inventory.store_work.floor import COUNT
from inventory.supply import is_retired, unit_margin
from inventory.turn import Touched, Turn

_DAYS = 7.0
_SETTLED = 0.5
"""The doubt has to fall below this share of what it took to ask."""


class _Doubt(NamedTuple):
    cost: float
    sku: str


def end_day(turn: Turn) -> None:
    """Ask for the counts that are worth most; at most ``count_tasks`` are open at a location (and log partition)."""
    if turn.rules.count_tasks < 1:
        return
    asked: dict[str, int] = {}
    in_doubt: dict[str, list[_Doubt]] = {}
    for sku, state in turn.state.skus.items():
        for location, stock in state.locations.items():
            if COUNT in stock.tasks:
                asked[location] = asked.get(location, 0) + 1
            elif _is_watched(turn, state, location, stock):
                cost = _cost(turn, state, location, stock)
                if cost >= turn.rules.count_cost:
                    in_doubt.setdefault(location, []).append(_Doubt(cost, sku))
    for location in sorted(in_doubt):
        room = int(turn.rules.count_tasks) - asked.get(location, 0)
        for doubt in sorted(in_doubt[location], key=lambda one: (-one.cost, one.sku))[: max(room, 0)]:
            _ask(turn, turn.state.skus[doubt.sku], location, doubt.cost)


def _is_watched(turn: Turn, sku: SkuState, location: str, stock: LocationStock) -> bool:
    """Whether a record may be asked to be counted."""
    doubted = is_swept(stock) or _is_impossible(stock)
    known = stock.ledger.opening_known and not stock.tasks
    return doubted and known and not is_retired(turn.state, sku, location)


def watch(turn: Turn, touched: Touched) -> None:
    """End the task of one SKU at one location when a count came, or there is nothing to count for any more."""
    stock, task = touched.stock, touched.stock.tasks.get(COUNT)
    if task is None:
        return
    book = stock.ledger.on_hand
    if stock.belief.looked_at_ms >= stock.count_asked_ms >= 0:
        del stock.tasks[COUNT]
        likeliest = believed.likeliest(stock.belief)
        say_task(turn, touched, COUNT, task, "done", f"counted; book {book}, believed {likeliest}")
        return
    cost = _cost(turn, touched.sku, touched.location, stock)
    if cost < _SETTLED * turn.rules.count_cost:
        del stock.tasks[COUNT]
        say_task(turn, touched, COUNT, task, "cancelled", f"no longer in doubt: book {book}")
    elif book != stock.counted_book:
        _say(turn, touched, task, cost, again=True)


def _ask(turn: Turn, sku: SkuState, location: str, cost: float) -> None:
    stock, at_ms = sku.locations[location], turn.state.core.clock_ms
    touched = turn.aside(sku, location, stock, at_ms)
    task = stock.tasks[COUNT] = turn.saying.new_id("task", COUNT, location, sku.item.sku)
    stock.count_asked_ms = at_ms
    _say(turn, touched, task, cost)


def _say(turn: Turn, touched: Touched, task: str, cost: float, *, again: bool = False) -> None:
    """Why it is to be counted, as of now: with another book it is said ``again``."""
    stock, currency = touched.stock, touched.sku.item.currency
    book, likeliest = stock.ledger.on_hand, believed.likeliest(stock.belief)
    stake, stock.counted_book = f"{cost:.2f} {currency}", book
    right = believed.chances(stock.belief).get(book, 0.0)
    reason = f"book {book}, believed {likeliest}; the book is right with probability {right:.2f}, {stake} at stake"
    if _is_impossible(stock):
        reason = f"book {book}, which cannot be; {stake} at stake"
    say_task(turn, touched, COUNT, task, "open", reason, max(book, likeliest, 0), again=again)


def _is_impossible(stock: LocationStock) -> bool:
    """Whether the book is below zero and there is nothing but the book."""
    return stock.ledger.on_hand < 0 and not is_swept(stock)


def _cost(turn: Turn, sku: SkuState, location: str, stock: LocationStock) -> float:
    """What the doubt costs, in the item's currency; 0 where its price is not known."""
    item, belief, book = sku.item, stock.belief, stock.ledger.on_hand
    chances = believed.chances(belief)
    wrong = 1.0 - chances.get(book, 0.0)
    price = item.price or 0.0
    mean = demand_of(turn.state, sku, location, stock).mean_per_day
    none = 1.0 if _is_impossible(stock) else chances.get(0, 0.0) * (book > 0)
    missed = none * mean * _DAYS * unit_margin(turn, sku, location) if none > 0.0 and mean > 0.0 else 0.0
    return wrong * abs(book - believed.mean(belief)) * price + missed

"""The ledger of budgets, read line by line: what is committed, who waits, and what a release would give.

A pure fold of the topic ``budgets.ledger``, one partition of it, so that whoever reads it sees one order of things:
what orders ask (claims, said by the folds of all log partitions) and what they were given (grants). A line that comes
again, or an older one that comes late, changes nothing. Nothing is given that is not in the ledger first. A release
names the last grant before it and is void where that is another, so that who writes without having read to the end
gives nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from inventory.open_to_buy.lots import units_of
from inventory.open_to_buy.sharing import PER_UNIT_OF_MONEY, Ask, money, share
from schemas.facts import BudgetEntry


class Standing(NamedTuple):
    """How a budget stands; money in its currency. ``least_cost`` is of the cheapest lot that waits for money only."""

    committed: float
    committed_orders: int
    waiting_orders: int
    for_person_orders: int
    waiting_cost: float
    waiting_gain: float
    least_cost: float | None


class BudgetLedger:
    """What the lines so far come to."""

    def __init__(self) -> None:
        self._claims: dict[str, BudgetEntry] = {}
        self._grants: dict[str, BudgetEntry] = {}
        self._pending: set[str] = set()
        self._committed: dict[str, int] = {}
        self._orders: dict[str, int] = {}
        self._release = self._last = ""
        self._of_release: set[str] = set()

    @property
    def last_grant(self) -> str:
        """The fact id of the last grant that is not void; empty before the first."""
        return self._last

    def apply(self, entry: BudgetEntry) -> bool:
        """Take in a line; whether it holds."""
        return self._claim(entry) if entry.kind == "claim" else self._grant(entry)

    def claim_of(self, order_id: str) -> BudgetEntry:
        """How an order stood when it last said."""
        return self._claims[order_id]

    def granted(self) -> list[BudgetEntry]:
        """What was given to orders that have not said yet that they heard of it."""
        return [self._grants[order_id] for order_id in sorted(self._pending & self._grants.keys())]

    def waiting(self, order_id: str) -> bool:
        """Whether an order waits for money."""
        return order_id in self._pending and order_id not in self._grants

    def committed(self, budget: str) -> float:
        """Money of orders that were bought, released or placed."""
        return self._committed.get(budget, 0) / PER_UNIT_OF_MONEY

    def release(self, amounts: Mapping[str, float | None]) -> dict[str, int]:
        """Units for every order that may be given some now, 0 for want of money.

        ``amounts`` are of the budgets that give, None of one that does not hold any more; orders of others wait.
        """
        limited = {name: amount for name, amount in amounts.items() if amount is not None}
        left = {name: money(amount) - self._committed.get(name, 0) for name, amount in limited.items()}
        asks = [
            ask._replace(budgets=tuple(name for name in ask.budgets if name in limited))
            for ask in self._asks()
            if all(name in amounts for name in ask.budgets)
        ]
        return share(left, asks)

    def standings(self) -> dict[str, Standing]:
        """How every budget stands that an order has named."""
        waiting: dict[str, list[BudgetEntry]] = {name: [] for name in self._orders}
        for order_id in sorted(filter(self.waiting, self._pending)):
            claim = self._claims[order_id]
            for name in claim.budgets:
                waiting[name].append(claim)
        return {name: self._standing(name, waiting[name]) for name in sorted(self._orders)}

    def forget(self, ended: Collection[str]) -> None:
        """Orders that are bought or over, of budgets that have all ended, are not looked at again."""
        gone = [
            key for key, claim in self._claims.items() if claim.status != "pending" and set(claim.budgets) <= set(ended)
        ]
        for order_id in gone:
            del self._claims[order_id]
            self._grants.pop(order_id, None)

    def _standing(self, name: str, waiting: list[BudgetEntry]) -> Standing:
        asks = [(_ask(claim), claim.needs_person) for claim in waiting]
        least = min((ask.lots[0] * ask.unit_cost for ask, person in asks if not person), default=None)
        return Standing(
            self.committed(name),
            self._orders[name],
            len(asks),
            sum(person for _, person in asks),
            sum(sum(ask.lots) * ask.unit_cost for ask, _ in asks) / PER_UNIT_OF_MONEY,
            round(sum(sum(ask.gains) for ask, _ in asks), 4),
            None if least is None else least / PER_UNIT_OF_MONEY,
        )

    def _asks(self) -> Iterator[Ask]:
        for order_id in sorted(filter(self.waiting, self._pending)):
            if not self._claims[order_id].needs_person:
                yield _ask(self._claims[order_id])

    def _claim(self, entry: BudgetEntry) -> bool:
        order_id, known = entry.order_id, self._claims.get(entry.order_id)
        if known is not None and _age(entry) < _age(known):
            return False
        self._count(order_id, -1)
        self._claims[order_id] = entry
        self._pending.discard(order_id)
        if entry.status == "pending":
            self._pending.add(order_id)
        grant = self._grants.get(order_id)
        if grant is not None and (entry.status != "pending" or grant.revision != entry.revision):
            del self._grants[order_id]
        self._count(order_id, 1)
        return True

    def _grant(self, entry: BudgetEntry) -> bool:
        if entry.release != self._release:
            if entry.after != self._last:
                return False
            self._release = entry.release
            self._of_release.clear()
        if entry.fact_id in self._of_release:
            return False
        self._of_release.add(entry.fact_id)
        self._last = entry.fact_id
        claim = self._claims.get(entry.order_id)
        if claim is None or not self.waiting(entry.order_id) or claim.revision != entry.revision:
            return False
        self._count(entry.order_id, -1)
        self._grants[entry.order_id] = entry
        self._count(entry.order_id, 1)
        return True

    def _count(self, order_id: str, sign: int) -> None:
        """Add (1) or take off (-1) what an order costs its budgets."""
        claim, grant = self._claims.get(order_id), self._grants.get(order_id)
        if claim is None:
            return
        units = claim.counted_units if grant is None else grant.quantity
        cost = units * money(claim.unit_cost or 0.0)
        for name in claim.budgets:
            self._committed[name] = self._committed.get(name, 0) + sign * cost
            self._orders[name] = self._orders.get(name, 0) + sign * (units > 0)


def _age(entry: BudgetEntry) -> tuple[int, int]:
    """Grows with what happens to one order: all its lines come from one log partition."""
    return entry.log_offset, entry.revision


def _ask(claim: BudgetEntry) -> Ask:
    lots = units_of(claim.quantity, claim.first_lot_units, claim.lot_units or 1)
    return Ask(claim.order_id, claim.budgets, lots, claim.lot_gains, money(claim.unit_cost or 0.0))

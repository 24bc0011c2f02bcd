"""The life of a reorder: proposed, answered, shipped, received, or withdrawn.

    proposed | pending -> acknowledged -> shipped -> received
            |                  |-> rejected, cancelled
            |-> amended (a new revision of the same order), approved (by a person)
            |       |-> shipped, received (as it was before: the amendment came too late, the rest is asked for anew)
            |-> cancelled (the need is gone), superseded (by one to another supplier)
                    |-> acknowledged (the ERP had bought it already)

An answer is held against the revision it names, else against the last. While an amendment waits, an acknowledgement
of an older revision says what was taken so far, and the amendment is still to be answered.

The ERP tells the same thing twice, as an answer to the order and as a movement
of goods, in either order. Each is remembered for itself and the larger counts,
so nothing is on order or in transit twice.
"""

import msgspec

from schemas.order_ids import is_uuid

SUGGESTED = frozenset({"proposed", "pending", "amended", "approved"})
GIVEN_OUT = SUGGESTED - {"pending"}
"""What an ERP may have taken already, though it has not said so."""
AWAITED = frozenset({"acknowledged", "shipped"})
OPEN = SUGGESTED | AWAITED
REFUSED = frozenset({"rejected", "cancelled"})
UNANSWERED = SUGGESTED - {"approved"}
_ENDED = REFUSED | {"acknowledged"}
"""What an ERP that has answered a later revision cannot mean any more; goods move whatever was answered."""

MOST_CLOSED = 16
MOST_WITHDRAWN = 4
_MOST_ASKED = 8
REMEMBERED_DAYS = 32
"""That long the ERP may still take what was withdrawn."""
MILLISECONDS_PER_DAY = 86_400_000
_LONGEST_WAIT_DAYS = 32.0


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """What a revision that was given out wants: ``units``, of which restockd itself ``suggested`` so many."""

    revision: int
    units: int
    suggested: int

    @property
    def most(self) -> int:
        """What a refusal is measured by."""
        return max(self.units, self.suggested)


class Order(msgspec.Struct, array_like=True):
    """One order of one SKU for one location; ``received`` units of ``quantity`` are in.

    ``asked`` is what restockd itself asked for last, whatever was made of it, and ``refused`` what an
    answer took off that (-1: nobody has answered). ``withdrawn``: we or a person took it back, not the ERP.
    ``shipped`` is what the ERP answered, ``dispatched`` what delivery notes add up
    to. ``arriving`` units were answered as received while no receipt has been
    booked; they still count until ``closed_at_ms`` is a day ago.
    ``given_out`` are the latest revisions an ERP could have heard of, ``answered`` the last it answered, and ``taken``
    what it took of an older one while the last is to be answered. ``said_at_ms`` is the time that was said last of it.
    ``unit_cost`` is what its supplier asks, where that is known. ``budgets`` it falls under were told on
    ``claimed_day`` (since the epoch) what it is worth. A suggestion ``waits_since_ms`` for an answer, of a person or
    else of the ERP.

    For the record of the supplier: ``placed_at_ms`` is when it was taken (-1: not yet), ``placed_units``
    the most it was for since. ``came_units`` of them were learned as received, ``on_time_units`` of those in
    time, and all of it once it is ``learned``. ``promised_at_ms`` is the first date the ERP told, -1 if none;
    ``due_at_ms`` is when 95 % of the lane's orders would be there, as known when it was placed.
    """

    order_id: str
    status: str
    quantity: int
    proposed_at_ms: int
    revision: int = 1
    received: int = 0
    shipped: int = 0
    supplier: str = ""
    erp_reference: str = ""
    expected_at_ms: int = -1
    asked: int = 0
    dispatched: int = 0
    arriving: int = 0
    closed_at_ms: int = -1
    placed_at_ms: int = -1
    placed_units: int = 0
    came_units: int = 0
    on_time_units: int = 0
    promised_at_ms: int = -1
    due_at_ms: int = -1
    learned: bool = False
    unit_cost: float | None = None
    budgets: tuple[str, ...] = ()
    claimed_day: int = -1
    refused: int = -1
    withdrawn: bool = False
    waits_since_ms: int = -1
    waits_for_person: bool = False
    given_out: list[Asked] = []
    answered: int = 0
    taken: int = 0
    said_at_ms: int = -1

    @property
    def outstanding(self) -> int:
        """Units still to come, or said to be there and not booked."""
        if self.status in OPEN:
            return max(self.quantity - self.received, 0)
        return max(self.arriving - self.received, 0)

    @property
    def came(self) -> int:
        """Units that are there, booked or only said to be."""
        return max(self.received, self.arriving)

    @property
    def in_transit(self) -> int:
        """Units the supplier has shipped and nobody has booked as received."""
        sent = max(self.shipped, self.dispatched) if self.status in OPEN else self.arriving
        return min(max(sent - self.received, 0), self.outstanding)

    @property
    def bought(self) -> int:
        """Units that are to be paid for, as far as is known."""
        if self.status == "pending":
            return self.taken
        return self.quantity if self.status in OPEN else self.came

    @property
    def over(self) -> bool:
        """Whether nothing more can follow from this order."""
        return self.status not in OPEN and self.outstanding == 0


class OffReceipt(msgspec.Struct, array_like=True):
    """An order that is over and brought other than it was for; one long over, or never placed, is for none.

    Of what ``came`` ``unbooked`` units were answered as received, and no receipt was booked yet. ``since_ms`` is the
    event time at which it was noticed (-1: not yet).
    """

    order_id: str
    erp_reference: str
    quantity: int
    came: int
    unbooked: int = 0
    unit_cost: float | None = None
    since_ms: int = -1

    @property
    def missing(self) -> int:
        """Units; negative where more came."""
        return self.quantity - self.came


class Refusal(msgspec.Struct, array_like=True):
    """What the ERP or a person would not have: ``quantity`` units, ``times`` in a row."""

    quantity: int = 0
    at_ms: int = -1
    times: int = 0


class OrderBook(msgspec.Struct, array_like=True):
    """The orders of one SKU at one location, oldest first, and units ordered past restockd.

    ``closed`` are the names of the latest orders that are over: what is still told
    about them is not taken for something else. ``ordered_at_ms`` is when one was proposed or amended last.
    ``withdrawn`` are the latest that the ERP may have bought before it heard that they were taken back, ``off`` those
    that brought less or more than was ordered.
    """

    orders: list[Order] = []
    foreign_on_order: int = 0
    foreign_in_transit: int = 0
    closed: list[str] = []
    refusal: Refusal = msgspec.field(default_factory=Refusal)
    ordered_at_ms: int = -1
    withdrawn: list[Order] = []
    off: list[OffReceipt] = []

    @property
    def on_order(self) -> int:
        """Units to come, suggestions included."""
        return sum(order.outstanding for order in self.orders) + self.foreign_on_order

    @property
    def in_transit(self) -> int:
        """The shipped part of ``on_order``."""
        return sum(order.in_transit for order in self.orders) + min(self.foreign_in_transit, self.foreign_on_order)

    @property
    def suggestion(self) -> Order | None:
        """The one open suggestion nobody has answered, if any."""
        return next((order for order in self.orders if order.status in SUGGESTED), None)

    @property
    def answered(self) -> bool:
        """Whether there are orders that time alone can change: late ones, and received ones not booked."""
        return any(order.status not in SUGGESTED for order in self.orders)

    @property
    def waits(self) -> bool:
        """Whether a suggestion waits for money, which has its own times and wants to know what it is worth by then."""
        return self.suggestion is not None and self.suggestion.status == "pending" and bool(self.suggestion.budgets)

    def find(self, *references: str) -> Order | None:
        """The order of the first of these ids or ERP references that is known."""
        return _named(self.orders, references)

    def find_withdrawn(self, *references: str) -> Order | None:
        """The same of the orders that were taken back."""
        return _named(self.withdrawn, references)

    def is_over(self, *references: str) -> bool:
        """Whether one of these names an order that is over."""
        return any(reference in self.closed for reference in references if reference)


def _named(orders: list[Order], references: tuple[str, ...]) -> Order | None:
    for reference in filter(None, references):
        for order in orders:
            if reference in (order.order_id, order.erp_reference):
                return order
    return None


def receive(book: OrderBook, quantity: int, *references: str) -> list[Order]:
    """Match ``quantity`` received units to what was ordered; returns the orders to speak of.

    A receipt that names its order goes there, also after the ERP said that it was
    received; others first to units ordered past restockd, then to answered orders,
    oldest first. What matches nothing is just stock that came; where it names an order
    that nobody waits for, that is noted. A negative quantity takes a named receipt back.
    """
    named = book.find(*references)
    if named is not None:
        return [named] if _receive_on(named, quantity) else []
    if book.is_over(*references):
        _receive_late(book, quantity, *references)
        return []
    taken = min(max(quantity, 0), book.foreign_on_order)
    book.foreign_on_order -= taken
    book.foreign_in_transit = max(book.foreign_in_transit - taken, 0)
    changed, left = _receive_oldest(book, quantity - taken)
    _note_stray(book, references[0] if references else "", quantity - taken, left)
    return changed


def _note_stray(book: OrderBook, name: str, quantity: int, left: int) -> None:
    """Units of an order that is not known here, if it has an id like ours or they went to no order at all."""
    units = quantity if is_uuid(name) else left
    if name:
        _come_off(book, name, units)


def give_out(order: Order) -> None:
    """Remember what the revision wants that the ERP is about to hear of."""
    if order.status in GIVEN_OUT and (not order.given_out or order.given_out[-1].revision < order.revision):
        asked = Asked(order.revision, order.quantity, order.asked)
        order.given_out = [*order.given_out, asked][-_MOST_ASKED:]


def asked_in(order: Order, revision: int | None) -> Asked:
    """What an answer to this revision is held against; one that names none, or none we know, is to the last."""
    last = Asked(order.revision, order.quantity, order.asked)
    known = order.given_out or [last]
    return next((asked for asked in known if asked.revision == revision), known[-1])


def answer(
    order: Order,
    status: str,
    quantity: int | None,
    reference: str,
    expected_at_ms: int | None,
    now_ms: int,
    revision: int | None = None,
) -> bool:
    """Apply the ERP's word on a revision of an order; False if it changes nothing (told before, or over).

    None of it acknowledged is a refusal, or the end of what has come in part.
    """
    asked = asked_in(order, revision)
    if order.status not in OPEN or (asked.revision < order.answered and status in _ENDED):
        return False
    if status == "acknowledged" and quantity == 0:
        status, quantity = _none_of(order)
    before = msgspec.structs.astuple(order)
    order.erp_reference = reference or order.erp_reference
    order.expected_at_ms = order.expected_at_ms if expected_at_ms is None else expected_at_ms
    if status == "acknowledged" and _is_amended_since(order, asked):
        order.taken = asked.units if quantity is None else quantity
        order.answered = asked.revision
        return before != msgspec.structs.astuple(order)
    _end_amending(order, asked)
    if status == "acknowledged" and (quantity is not None or asked.revision > order.answered):
        order.quantity = asked.units if quantity is None else quantity
    order.answered = max(order.answered, asked.revision)
    _move_on(order, status, quantity)
    if order.status not in OPEN:
        order.closed_at_ms = now_ms
    return before != msgspec.structs.astuple(order)


def _is_amended_since(order: Order, asked: Asked) -> bool:
    """Whether the ERP has yet to answer a later revision; of one that waits for a person or money it has not heard."""
    return order.status in GIVEN_OUT and asked.revision < order.given_out[-1].revision


def _end_amending(order: Order, asked: Asked) -> None:
    """What happens to an order happens to it as the ERP has it: what was asked since is not in it."""
    if order.status in SUGGESTED and asked.revision < order.revision:
        order.quantity = order.taken or asked.units
    order.taken = 0


def _move_on(order: Order, status: str, quantity: int | None) -> None:
    if status == "shipped":
        order.shipped = order.quantity if quantity is None else quantity
    if status == "received":
        order.arriving = order.quantity if quantity is None else quantity
    if not (status == "acknowledged" and order.status == "shipped"):
        order.status = status
    if order.status in OPEN and 0 < order.quantity <= order.received:
        order.status = "received"


def _none_of(order: Order) -> tuple[str, int | None]:
    """What none acknowledged means; told of an order that is on its way it is nonsense, and only the name counts."""
    if order.status == "shipped":
        return "acknowledged", None
    return ("acknowledged", order.received) if order.received else ("rejected", None)


def stand_as_taken(order: Order) -> None:
    """The order is what the ERP took of it: an amendment that it has not answered by now comes too late."""
    if order.taken and order.status in SUGGESTED:
        order.quantity, order.status, order.taken = order.taken, "acknowledged", 0


def dispatch(order: Order, quantity: int, expected_at_ms: int | None) -> bool:
    """A delivery note: ``quantity`` more units are on their way; False if that tells nothing new."""
    if order.status not in OPEN:
        return False
    before = (order.status, order.in_transit, order.expected_at_ms)
    stand_as_taken(order)
    order.dispatched += quantity
    order.status = "shipped"
    order.expected_at_ms = order.expected_at_ms if expected_at_ms is None else expected_at_ms
    return before != (order.status, order.in_transit, order.expected_at_ms)


def take_off(order: Order, quantity: int, now_ms: int) -> bool:
    """``quantity`` units of the order will not come; False if it is over."""
    if order.status not in OPEN:
        return False
    stand_as_taken(order)
    order.quantity = max(order.quantity - quantity, order.received)
    if order.quantity == order.received:
        order.status, order.closed_at_ms = ("received" if order.received else "cancelled"), now_ms
    return True


def approve(order: Order, verdict: str, quantity: int | None, now_ms: int) -> bool:
    """Apply a person's verdict on a suggestion; False if there is nothing to decide."""
    wanted = quantity if verdict == "modify" and quantity is not None else order.quantity
    known = order.status == "approved" and verdict != "reject" and wanted == order.quantity
    if order.status not in SUGGESTED or known:
        return False
    if verdict == "reject":
        withdraw(order, "rejected", now_ms)
        return True
    order.revision += 1
    order.quantity, order.status = wanted, "approved"
    return True


def withdraw(order: Order, status: str, now_ms: int) -> None:
    """Take a suggestion back."""
    order.status, order.closed_at_ms, order.withdrawn = status, now_ms, True
    order.revision += 1


def take_up(book: OrderBook, order: Order, revision: int | None = None) -> None:
    """The ERP has bought what was withdrawn: it is as open as it was in that revision, to be answered."""
    book.withdrawn.remove(order)
    asked = asked_in(order, revision)
    order.given_out, order.quantity = [asked], order.taken or asked.units
    order.status, order.closed_at_ms, order.withdrawn = "approved", -1, False
    book.closed = [name for name in book.closed if name not in (order.order_id, order.erp_reference)]
    book.orders.append(order)


def forget_withdrawn(book: OrderBook, before_ms: int) -> list[str]:
    """Forget what was withdrawn before that time; returns its ids."""
    gone = [order.order_id for order in book.withdrawn if order.closed_at_ms < before_ms]
    if gone:
        book.withdrawn = [order for order in book.withdrawn if order.order_id not in gone]
    return gone


def settle(book: OrderBook, order: Order, now_ms: int) -> None:
    """Remember what of an answered order was refused, so that it is not asked for again at once.

    Only what the answered revision asked for can be refused. Who refuses more of the same order later does not
    refuse once more.
    """
    by_erp = order.answered and not (order.withdrawn or order.status in SUGGESTED)
    most = max(asked_in(order, order.answered).most if by_erp else order.asked, order.quantity)
    missing = most if order.status in REFUSED else most - order.quantity
    if order.status in UNANSWERED or missing == order.refused:
        return
    times = max(book.refusal.times + (order.refused <= 0), 1)
    order.refused = missing
    book.refusal = Refusal(missing, now_ms, times) if missing > 0 else Refusal()


def may_ask(book: OrderBook, quantity: int, now_ms: int, review_period_days: float) -> bool:
    """Whether ``quantity`` units may be proposed after the last refusal.

    Not before a review period has passed, twice as long with every refusal in a
    row (at most about a month), unless half as much again is needed by now.
    """
    refusal = book.refusal
    if refusal.times == 0 or 2 * quantity >= 3 * refusal.quantity:
        return True
    wait_days = min(max(review_period_days, 1.0) * 2.0 ** min(refusal.times - 1, 8), _LONGEST_WAIT_DAYS)
    return now_ms >= refusal.at_ms + int(wait_days * MILLISECONDS_PER_DAY)


def may_enlarge(order: Order, quantity: int) -> bool:
    """Whether an open suggestion may be enlarged to ``quantity`` units.

    What a person approved stands until half as much again is needed as the person was asked about. What a budget has
    given out is not enlarged: whoever places it would have to wait for the rest.
    """
    if order.budgets and order.status in GIVEN_OUT:
        return False
    if order.status == "approved":
        return 2 * quantity >= 3 * max(order.asked, order.quantity)
    return quantity > order.asked


def drop_closed(book: OrderBook, received_before_ms: int = -1) -> list[str]:
    """Forget orders that are over, and those answered as received before that time; returns their ids.

    What was withdrawn is remembered aside.
    """
    gone = [o for o in book.orders if o.over or (o.status not in OPEN and o.closed_at_ms < received_before_ms)]
    if not gone:
        return []
    book.orders = [order for order in book.orders if order not in gone]
    received = [_off(order) for order in gone if order.status == "received"]
    book.off = [*book.off, *(one for one in received if one.missing or one.unbooked)][-MOST_CLOSED:]
    names = [name for order in gone for name in (order.order_id, order.erp_reference) if name]
    book.closed = [*book.closed, *names][-MOST_CLOSED:]
    kept = [*book.withdrawn, *(order for order in gone if order.withdrawn)]
    book.withdrawn = kept[-MOST_WITHDRAWN:]
    forgotten = [*kept[:-MOST_WITHDRAWN], *(order for order in gone if not order.withdrawn)]
    return [order.order_id for order in forgotten]


def off_receipts(book: OrderBook) -> list[OffReceipt]:
    """Orders that are received, and brought less or more than was ordered."""
    said = [_off(order) for order in book.orders if order.status == "received"]
    return [one for one in (*book.off, *said) if one.missing]


def forget_off(book: OrderBook, before_ms: int) -> None:
    """Forget what brought other than ordered before that time."""
    book.off = [one for one in book.off if not 0 <= one.since_ms < before_ms]


def _off(order: Order) -> OffReceipt:
    unbooked = max(order.arriving - order.received, 0)
    return OffReceipt(order.order_id, order.erp_reference, order.quantity, order.came, unbooked, order.unit_cost)


def _receive_late(book: OrderBook, quantity: int, *references: str) -> None:
    """Units of an order that is over: the rest of it, more than was ordered, or some that go back."""
    _come_off(book, next(name for name in references if name in book.closed), quantity)


def _come_off(book: OrderBook, name: str, quantity: int) -> None:
    one = next((one for one in book.off if name in (one.order_id, one.erp_reference)), None)
    if one is None:
        if quantity <= 0:
            return
        one = OffReceipt(name, "", 0, 0)
        book.off.append(one)
    booked = min(max(quantity, 0), one.unbooked)
    one.unbooked -= booked
    one.came = max(one.came + quantity - booked, 0)
    book.off = [kept for kept in book.off if kept.missing or kept.unbooked][-MOST_CLOSED:]


def _receive_on(order: Order, quantity: int) -> bool:
    """Book units on an order; False if it was said before that they are there."""
    order.received = max(order.received + quantity, 0)
    if order.status not in OPEN:
        return False
    if quantity > 0:
        stand_as_taken(order)
    if order.received >= order.quantity:
        order.status = "received"
    elif order.status in SUGGESTED and quantity > 0:
        order.status = "acknowledged"
    return True


def _receive_oldest(book: OrderBook, quantity: int) -> tuple[list[Order], int]:
    """The orders to speak of, and what is left."""
    changed = []
    for order in book.orders:
        if quantity <= 0:
            break
        part = min(quantity, order.outstanding)
        if part and order.status not in SUGGESTED:
            if _receive_on(order, part):
                changed.append(order)
            quantity -= part
    return changed, quantity

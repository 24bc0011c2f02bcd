"""One turn of the fold: the state, what is being said, and what was touched."""

from inventory.facts import Saying
from inventory.rules import Rules
from inventory.state import LocationStock, PartitionState, SkuState


class Touched:
    """What the message did to one SKU at one location, for deciding afterwards.

    ``now_ms`` is the event time stock and demand have reached; -1 where only an
    order was spoken of, by a clock that need not be the stores'. ``judged``: a person
    gave a verdict on its order, which the same message does not change.
    """

    __slots__ = ("judged", "location", "now_ms", "occurred_at_ms", "recorded_at_ms", "sku", "sold", "stock")

    def __init__(self, sku: SkuState, location: str, stock: LocationStock) -> None:
        self.sku = sku
        self.location = location
        self.stock = stock
        self.occurred_at_ms = 0
        self.recorded_at_ms = 0
        self.now_ms = -1
        self.sold = self.judged = False


class Turn:
    """Handling of one log message.

    ``cause`` names the observation at hand; ``touched`` lists, in order, what has
    to be decided about once the whole message is applied; ``clock_ms`` is what the clock was before it.
    """

    def __init__(self, state: PartitionState, saying: Saying) -> None:
        self.state = state
        self.saying = saying
        self.clock_ms = state.core.clock_ms
        self.source = ""
        self.cause = ""
        self.touched: dict[tuple[str, str], Touched] = {}

    @property
    def rules(self) -> Rules:
        """The decision rules in force."""
        return self.state.core.rules

    def touch(self, sku: SkuState, location: str, occurred_at_ms: int) -> Touched:
        """Note that SKU and location are affected by the observation at hand."""
        key = (sku.item.sku, location)
        touched = self.touched.get(key)
        if touched is None:
            touched = self.touched[key] = Touched(sku, location, self.state.at(sku, location))
            self.state.touch(sku.item.style)
        touched.occurred_at_ms = max(touched.occurred_at_ms, occurred_at_ms)
        touched.recorded_at_ms = self.saying.recorded_at_ms
        return touched

    def witness(self, sku: SkuState, location: str, occurred_at_ms: int) -> Touched:
        """``touch`` by something that happened to the stock itself at that time."""
        touched = self.touch(sku, location, occurred_at_ms)
        touched.now_ms = max(touched.now_ms, occurred_at_ms)
        stock = touched.stock
        stock.last_evidence_ms = max(stock.last_evidence_ms, occurred_at_ms)
        return touched

    def aside(self, sku: SkuState, location: str, stock: LocationStock, at_ms: int) -> Touched:
        """Something to say of SKU and location that asks for no decision about them."""
        told = Touched(sku, location, stock)
        told.occurred_at_ms, told.recorded_at_ms = at_ms, self.saying.recorded_at_ms
        self.state.touch(sku.item.style)
        return told

    def first_time(self, key: int) -> bool:
        """Whether the event of this key has not been handled yet; remembers it."""
        return self.state.seen.add(key, self.saying.recorded_at_ms)

    def now_at(self, stock: LocationStock) -> int:
        """The event time that has been reached for some stock."""
        return max(stock.last_evidence_ms, self.state.core.clock_ms)

    def reached(self, stock: LocationStock | None = None) -> int:
        """The event time of what nobody dated: that which was reached; when it was recorded where none is known."""
        reached_ms = self.state.core.clock_ms if stock is None else self.now_at(stock)
        return reached_ms if reached_ms >= 0 else self.saying.recorded_at_ms

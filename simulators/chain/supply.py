"""Goods on their way: deliveries of suppliers and transfers between places."""

from collections.abc import Callable
from functools import partial

from simulators.chain.agenda import DAY, HOUR, next_time_of_day
from simulators.chain.devices import BACK
from simulators.chain.outbox import rfc3339
from simulators.chain.reference import lanes
from simulators.chain.stock import Unit
from simulators.chain.world import World

ORDERS_AT = 5 * HOUR
_SHIPPED_AFTER = 0.4
_OTHER_WAY_DAYS = 3.0
_SHORTEST_LEAD_DAYS = 0.25

Told = Callable[[str, int, int], None]
"""Called with ``shipped`` or ``received``, the quantity, and the time."""


class Supply:
    """Ships, brings and books; the ERP's own weekly orders too."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lane_days = {(origin, to): days for origin, to, days in lanes(world.assortment)}
        self._on_order: dict[tuple[int, int], int] = {}
        self.in_transit: dict[int, int] = {}

    def begin(self, at_ms: int) -> None:
        """Fills every place with its opening stock and starts the ERP's own ordering."""
        world = self._world
        for site in range(len(world.assortment.sites)):
            for article in world.assortment.articles:
                self._open(site, article.number, at_ms)
            first_ms = next_time_of_day(at_ms, ORDERS_AT) + site % 7 * DAY
            world.agenda.every(first_ms, 7 * DAY, partial(self._order_weekly, site))

    def lead_days(self, article: int) -> float:
        """A random order-to-receipt time of the article's supplier."""
        terms = self._world.assortment.suppliers[self._world.article(article).supplier]
        drawn = self._world.random.gauss(terms.lead_time_days, terms.lead_time_sd_days)
        return max(_SHORTEST_LEAD_DAYS, drawn)

    def target(self, site: int, article: int) -> float:
        """The stock the ERP's planners think right."""
        settings = self._world.settings
        if site == self._world.assortment.warehouse:
            return settings.warehouse_units_per_sku
        if settings.mean_stock is not None:
            return settings.mean_stock
        return max(2.0, float(self._world.assortment.rates[site, article]) * settings.days_of_cover)

    def order(
        self, site: int, article: int, quantity: int, lead_days: float, at_ms: int, paper: dict[str, str], told: Told
    ) -> None:
        """A supplier's delivery of about ``quantity``: announced when shipped, booked when it comes.

        ``paper`` goes on every document; with an ``order_id`` it is an order of restockd's.
        """
        shipped = self._shipped(article, quantity)
        ship_ms = at_ms + int(lead_days * DAY * _SHIPPED_AFTER)
        arrive_ms = at_ms + int(lead_days * DAY)
        ship = partial(self._ship, site, article, quantity, shipped, arrive_ms, paper, told)
        self._world.agenda.at(ship_ms, ship)

    def transfer(
        self, origin: int, destination: int, article: int, quantity: int, at_ms: int, order_id: str, told: Told
    ) -> int:
        """Sends what there is of ``quantity`` on its way; returns how many units that is."""
        world = self._world
        units: list[Unit] = []
        while len(units) < quantity and (
            unit := world.stock[origin].take(article, world.random, (BACK, "sales_floor"))
        ):
            units.append(unit)
        if not units:
            return 0
        days = self._lane_days.get((world.site(origin), world.site(destination)), _OTHER_WAY_DAYS)
        world.account(origin, article).transfers_out += len(units)
        self.in_transit[article] = self.in_transit.get(article, 0) + len(units)
        paper = {"order_id": order_id, "document": f"T-{order_id}"}
        to = world.site(destination)
        tags = world.papers(units)
        world.move("transfer_shipped", origin, article, len(units), at_ms, counterpart=to, **paper, **tags)
        told("shipped", len(units), at_ms)
        arrive = partial(self._arrive_transfer, origin, destination, units, paper, told)
        world.agenda.at(at_ms + int(days * DAY), arrive)
        return len(units)

    def _arrive_transfer(
        self, origin: int, destination: int, units: list[Unit], paper: dict[str, str], told: Told, at_ms: int
    ) -> None:
        world, article = self._world, units[0].article
        for unit in units:
            world.stock[destination].put(unit, BACK)
        world.account(destination, article).transfers_in += len(units)
        self.in_transit[article] -= len(units)
        origin_name = world.site(origin)
        tags = world.papers(units)
        world.move(
            "transfer_received", destination, article, len(units), at_ms, counterpart=origin_name, **paper, **tags
        )
        told("received", len(units), at_ms)

    def _open(self, site: int, article: int, at_ms: int) -> None:
        world, stock = self._world, self._world.stock[site]
        quantity = int(world.generator.poisson(self.target(site, article)))
        at_store = site != world.assortment.warehouse
        units = [world.factory.unit(article) for _ in range(quantity)]
        for number, unit in enumerate(units):
            on_floor = at_store and number < min(6, (quantity + 1) // 2)
            stock.put(unit, "sales_floor" if on_floor else BACK)
        world.account(site, article).opening = quantity
        world.move("opening", site, article, quantity, at_ms, **world.papers(units))

    def _order_weekly(self, site: int, at_ms: int) -> None:
        """The ERP orders up to the target by its books, for the share of articles it plans itself.

        It plans the whole warehouse.
        """
        world = self._world
        share = 1.0 if site == world.assortment.warehouse else world.settings.own_order_share
        for article in world.assortment.articles:
            number = article.number
            position = world.account(site, number).booked + self._on_order.get((site, number), 0)
            need = int(self.target(site, number)) - position
            if need > 0 and world.chance(share):
                packs = -(-need // article.pack)
                self._order_itself(site, number, packs * article.pack, at_ms)

    def _order_itself(self, site: int, article: int, quantity: int, at_ms: int) -> None:
        world = self._world
        days = self.lead_days(article)
        document = f"PO{world.erp_documents:08d}"
        expected_at = rfc3339(at_ms + int(days * DAY))
        world.move("ordered", site, article, quantity, at_ms, document=document, expected_at=expected_at)
        self._on_order[site, article] = self._on_order.get((site, article), 0) + quantity

        def told(status: str, _shipped: int, _at_ms: int) -> None:
            if status == "received":
                self._on_order[site, article] -= quantity

        self.order(site, article, quantity, days, at_ms, {"document": document}, told)

    def _shipped(self, article: int, quantity: int) -> int:
        world, settings = self._world, self._world.settings
        if quantity > 1 and world.chance(settings.short_delivery_share):
            world.happened["short_deliveries"] += 1
            return max(1, int(quantity * 0.7))
        if world.chance(settings.over_delivery_share):
            world.happened["over_deliveries"] += 1
            return quantity + world.article(article).pack
        return quantity

    def _ship(
        self,
        site: int,
        article: int,
        ordered: int,
        shipped: int,
        arrive_ms: int,
        paper: dict[str, str],
        told: Told,
        at_ms: int,
    ) -> None:
        """The delivery note; what a supplier will not deliver of an order of the ERP's own is taken off."""
        world = self._world
        expected_at = rfc3339(arrive_ms)
        world.move("shipment", site, article, shipped, at_ms, expected_at=expected_at, **paper)
        if shipped < ordered and "order_id" not in paper:
            world.move("order_cancelled", site, article, ordered - shipped, at_ms, **paper)
        told("shipped", shipped, at_ms)
        world.agenda.at(arrive_ms, partial(self._receive, site, article, shipped, paper, told))

    def _receive(self, site: int, article: int, quantity: int, paper: dict[str, str], told: Told, at_ms: int) -> None:
        """Booked as announced; truly sometimes one more, or one of those on the papers less."""
        world, account = self._world, self._world.account(site, article)
        wrong = world.random.choice((-1, 1)) if world.chance(world.settings.receipt_error_share) else 0
        units = [world.factory.unit(article) for _ in range(quantity + max(wrong, 0))]
        for unit in units[: quantity + wrong]:
            world.stock[site].put(unit, BACK)
        account.receipts += quantity
        account.arrived += quantity + wrong
        account.receipt_errors += wrong
        world.move("receipt", site, article, quantity, at_ms, **paper, **world.papers(units[:quantity]))
        told("received", quantity, at_ms)

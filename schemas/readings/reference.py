"""Reference data (topics ``reference.*``): what intake looks up and the core must know.

An empty value retires a key, which is not part of the value: `under_its_key`
adds it, and refuses a record under another key than its own, which would take
the place of another one.

``interpret`` rejects what the catalogue would reject; the caller adds the record
itself. Reference data has no event time: its observations are of time 0, rules
of their ``effective_at``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import BaseModel, ValidationError

from schemas import topics
from schemas.catalogue import MODELS, Catalogue
from schemas.errors import RejectedReading
from schemas.observations import (
    BudgetDefined,
    ItemDefined,
    LaneDefined,
    LocationDefined,
    Observation,
    OfferDefined,
    RulesChanged,
    SupplierDefined,
)
from schemas.readings.decoding import Records, shown
from schemas.readings.fields import milliseconds
from schemas.readings.format import Meaning, Routed
from schemas.reference import Budget, Item, Lane, Location, Offer, Rules, Supplier
from schemas.topics import Topic

NO_EVENT_TIME = 0


@dataclass(frozen=True, slots=True)
class Retired:
    """An empty value: the record of its ``key`` is withdrawn; without the key it means nothing."""

    key: str = ""


class ReferenceFormat:
    """Records of one reference topic."""

    def __init__(self, topic: Topic) -> None:
        self.name = topic.name.replace(".", "_")
        self.topic = topic
        self._records: Records[BaseModel] = Records(MODELS[topic.name])

    def decode(self, values: Sequence[bytes]) -> list[BaseModel | Retired | RejectedReading]:
        return [_checked(self._records.one(value)) if value else Retired() for value in values]

    def interpret(self, reading: BaseModel | Retired, catalogue: Catalogue) -> Meaning:
        if isinstance(reading, Retired):
            return _withdrawn(self.topic, reading.key, catalogue) if reading.key else Meaning()
        try:
            catalogue.check(reading)
        except RejectedReading as rejected:
            return Meaning(rejections=[rejected])
        if isinstance(reading, Offer):
            return _offer(reading, catalogue)
        define = _DEFINED.get(type(reading))
        return Meaning() if define is None else define(reading)


def under_its_key(record: Any, key: bytes | None) -> Any:
    """The record if it was sent under its own key, or without one; else why it is refused."""
    if key is None or isinstance(record, RejectedReading):
        return record
    told = key.decode(errors="replace")
    if isinstance(record, Retired):
        return Retired(told)
    own = str(getattr(record, "key", ""))
    if told == own:
        return record
    message = f"key: it was sent under {shown(told)!r}, and what it says belongs under {own!r}"
    return RejectedReading("other_key", message, field="key", value=shown(told))


def _checked(record: BaseModel | RejectedReading) -> BaseModel | RejectedReading:
    if isinstance(record, Item) and record.season_end is not None and record.season_end.tzinfo is None:
        message = "season_end: Input should have timezone info"
        return RejectedReading("naive_time", message, field="season_end", value=str(record.season_end))
    if isinstance(record, Lane) and record.origin == record.destination:
        message = f"destination: {record.destination!r} is where the lane begins"
        return RejectedReading("invalid_value", message, field="destination", value=record.destination)
    if isinstance(record, Offer) and not (record.sku or record.style):
        return RejectedReading("missing_field", "sku: or style must name what is offered", field="sku")
    if isinstance(record, Offer) and record.sku and record.style:
        message = "style: is the SKU's own; give sku or style"
        return RejectedReading("invalid_value", message, field="style", value=record.style)
    return _checked_period(record) if isinstance(record, Budget) else record


def _checked_period(budget: Budget) -> Budget | RejectedReading:
    if budget.ends_at > budget.starts_at:
        return budget
    message = f"ends_at: must be after starts_at ({budget.starts_at.isoformat()})"
    return RejectedReading("invalid_value", message, field="ends_at", value=budget.ends_at.isoformat())


def _item(item: Item) -> Meaning:
    season_end = item.season_end
    return _said(
        item.style,
        ItemDefined(
            sku=item.sku,
            style=item.style,
            occurred_at_ms=NO_EVENT_TIME,
            name=item.name,
            colour=item.colour,
            size=item.size,
            category=item.category,
            price=item.price,
            cost=item.cost,
            currency=item.currency,
            pack=item.pack,
            minimum_order_units=item.minimum_order_units,
            supplier=item.supplier,
            season_end_ms=None if season_end is None else milliseconds(season_end),
            shelf_minimum_units=item.shelf_minimum_units,
            cycle_service_level=item.cycle_service_level,
            maximum_order_units=item.maximum_order_units,
        ),
    )


def _location(location: Location) -> Meaning:
    return _said(
        None,
        LocationDefined(
            location=location.location,
            kind=location.kind,
            occurred_at_ms=NO_EVENT_TIME,
            name=location.name,
            timezone=location.timezone,
            cluster=location.cluster,
            replenished=location.replenished,
            country=location.country,
            subdivision=location.subdivision,
            holdback_share=location.holdback_share,
        ),
    )


def _supplier(supplier: Supplier) -> Meaning:
    return _said(
        None,
        SupplierDefined(
            supplier=supplier.supplier,
            occurred_at_ms=NO_EVENT_TIME,
            lead_time_days=supplier.lead_time_days,
            lead_time_sd_days=supplier.lead_time_sd_days,
            review_period_days=supplier.review_period_days,
            minimum_order_units=supplier.minimum_order_units,
            name=supplier.name,
        ),
    )


def _lane(lane: Lane) -> Meaning:
    return _said(
        None,
        LaneDefined(
            origin=lane.origin,
            destination=lane.destination,
            occurred_at_ms=NO_EVENT_TIME,
            lead_time_days=lane.lead_time_days,
            cost_per_unit=lane.cost_per_unit,
            cost_per_trip=lane.cost_per_trip,
            cut_off_minute=_minute(lane.cut_off),
        ),
    )


def _offer(offer: Offer, catalogue: Catalogue) -> Meaning:
    item = catalogue.item(offer.sku) if offer.sku else None
    style = offer.style if item is None else item.style
    return _said(
        style,
        OfferDefined(
            supplier=offer.supplier,
            style=style,
            unit_cost=offer.unit_cost,
            occurred_at_ms=NO_EVENT_TIME,
            sku="" if item is None else item.sku,
            currency=offer.currency,
            freight_per_unit=offer.freight_per_unit,
            freight_per_order=offer.freight_per_order,
            minimum_order_units=offer.minimum_order_units,
            pack=offer.pack or 0,
            retired=offer.retired,
        ),
    )


def _budget(budget: Budget) -> Meaning:
    return _said(
        None,
        BudgetDefined(
            budget=budget.budget,
            amount=budget.amount,
            currency=budget.currency,
            starts_at_ms=milliseconds(budget.starts_at),
            ends_at_ms=milliseconds(budget.ends_at),
            occurred_at_ms=NO_EVENT_TIME,
            suppliers=budget.suppliers,
            categories=budget.categories,
            locations=budget.locations,
            retired=budget.retired,
        ),
    )


def _withdrawn(topic: Topic, key: str, catalogue: Catalogue) -> Meaning:
    """The record of a key as one that is retired. Devices, tags and rules mean nothing to the core."""
    withdraw = _WITHDRAWN.get(topic.name)
    try:
        return Meaning() if withdraw is None else withdraw(key, catalogue)
    except ValidationError:
        problem = f"key: {key!r} is the key of no record of {topic.name}: nothing is retired"
        return Meaning(rejections=[RejectedReading("other_key", problem, field="key", value=key)])


def _item_withdrawn(sku: str, catalogue: Catalogue) -> Meaning:
    item = catalogue.item(sku)
    if item is None or item.sku != sku:
        return Meaning(rejections=[_nothing_to_retire(sku)])
    return _retired(_item(item))


def _location_withdrawn(key: str, catalogue: Catalogue) -> Meaning:
    known = catalogue.location(key)
    return _retired(_location(known if known is not None and known.location == key else Location(location=key)))


def _supplier_withdrawn(key: str, _: Catalogue) -> Meaning:
    return _retired(_supplier(Supplier(supplier=key)))


def _lane_withdrawn(key: str, _: Catalogue) -> Meaning:
    origin, bar, destination = key.partition("|")
    return _retired(_lane(Lane(origin=origin, destination=destination))) if bar else Meaning()


def _offer_withdrawn(key: str, catalogue: Catalogue) -> Meaning:
    supplier, _, goods = key.partition("|")
    style, bar, sku = goods.partition("|")
    if sku and catalogue.item(sku) is None:
        return Meaning(rejections=[_nothing_to_retire(sku)])
    offer = Offer(supplier=supplier, style=style, sku=sku, unit_cost=0.0, retired=True)
    return _offer(offer, catalogue) if bar else Meaning()


def _budget_withdrawn(key: str, _: Catalogue) -> Meaning:
    at = NO_EVENT_TIME
    return _said(None, BudgetDefined(key, 0.0, "EUR", at, at, at, retired=True))


def _nothing_to_retire(name: str) -> RejectedReading:
    return RejectedReading(
        "unknown_item", f"key: no item has the SKU {name}: nothing is retired", field="key", value=name
    )


def _retired(meaning: Meaning) -> Meaning:
    retired = [Routed(style, msgspec.structs.replace(seen, retired=True)) for style, seen in meaning.observations]
    return Meaning(retired, meaning.rejections)


def _minute(cut_off: str | None) -> int:
    """Of the day; the end of it where there is none."""
    hour, minute = (cut_off or "24:00").split(":")
    return 60 * int(hour) + int(minute)


def _rules(rules: Rules) -> Meaning:
    at_ms = milliseconds(rules.effective_at)
    return _said(None, RulesChanged(version=rules.version, values=rules.values, occurred_at_ms=at_ms))


def _said(style: str | None, observation: Observation) -> Meaning:
    return Meaning([Routed(style, observation)])


_DEFINED: dict[type[BaseModel], Callable[[Any], Meaning]] = {
    Item: _item,
    Location: _location,
    Supplier: _supplier,
    Lane: _lane,
    Budget: _budget,
    Rules: _rules,
}

_WITHDRAWN: dict[str, Callable[[str, Catalogue], Meaning]] = {
    topics.ITEMS.name: _item_withdrawn,
    topics.LOCATIONS.name: _location_withdrawn,
    topics.SUPPLIERS.name: _supplier_withdrawn,
    topics.LANES.name: _lane_withdrawn,
    topics.OFFERS.name: _offer_withdrawn,
    topics.BUDGETS.name: _budget_withdrawn,
}

FORMATS = tuple(ReferenceFormat(topic) for topic in topics.REFERENCE)

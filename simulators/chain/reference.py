"""The chain's reference data, as its systems would publish it."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from schemas import topics
from schemas.reference import Device, Item, Lane, Location, Supplier
from schemas.topics import Topic
from simulators.chain import devices
from simulators.chain.assortment import WAREHOUSE, Assortment
from simulators.chain.settings import Settings
from simulators.records import Record


def reference(settings: Settings, assortment: Assortment, at_ms: int) -> Iterator[Record]:
    """Suppliers, locations, lanes, items and devices, in an order in which each is known before it is needed."""
    for supplier in assortment.suppliers:
        yield _record(
            topics.SUPPLIERS,
            Supplier(
                supplier=supplier.name,
                name=supplier.name.title(),
                lead_time_days=supplier.lead_time_days,
                lead_time_sd_days=supplier.lead_time_sd_days,
            ),
            supplier.name,
            at_ms,
        )
    yield from _places(assortment, at_ms)
    for article in assortment.articles:
        item = Item(
            sku=article.sku,
            style=article.style,
            name=f"{article.colour} {article.kind} {article.size}",
            colour=article.colour,
            size=article.size,
            category=article.kind,
            gtin=article.gtin,
            price=article.price,
            cost=article.cost,
            pack=article.pack,
            shelf_minimum_units=1,
            supplier=assortment.suppliers[article.supplier].name,
        )
        yield _record(topics.ITEMS, item, item.key, at_ms)
    for site in assortment.stores:
        for device in _devices(settings, assortment.sites[site]):
            yield _record(topics.DEVICES, device, device.key, at_ms)


def _places(assortment: Assortment, at_ms: int) -> Iterator[Record]:
    for number, site in enumerate(assortment.sites):
        kind: Literal["warehouse", "store"] = "warehouse" if site == WAREHOUSE else "store"
        cluster = "" if site == WAREHOUSE else ("north", "south", "west")[number % 3]
        location = Location(
            location=site,
            kind=kind,
            name=f"{kind.title()} {site}",
            cluster=cluster,
            replenished=kind == "store",
        )
        yield _record(topics.LOCATIONS, location, location.key, at_ms)
    for origin, destination, days in lanes(assortment):
        lane = Lane(origin=origin, destination=destination, lead_time_days=days, cost_per_unit=0.5, cost_per_trip=8.0)
        yield _record(topics.LANES, lane, lane.key, at_ms)


def lanes(assortment: Assortment) -> Iterator[tuple[str, str, float]]:
    """Warehouse to every store in a day, and between stores of one cluster in two."""
    for number in assortment.stores:
        yield WAREHOUSE, assortment.sites[number], 1.0
        for other in assortment.stores:
            if other != number and other % 3 == number % 3:
                yield assortment.sites[number], assortment.sites[other], 2.0


def _devices(settings: Settings, site: str) -> Iterator[Device]:
    for till in range(1, 3):
        yield Device(device=devices.till(site, till), kind="till", location=site, zone="sales_floor")
    if settings.radio.overhead_minutes is not None:
        for zone in settings.radio.overhead_zones:
            yield Device(device=devices.overhead(site)[zone], kind="reader", location=site, zone=zone)
    if settings.radio.exit_reader:
        yield Device(device=devices.exit_reader(site), kind="reader", location=site, zone="exit")
    if settings.radio.handheld_days is not None:
        for zone in devices.HANDHELD_ZONES:
            yield Device(device=devices.handheld(site, zone), kind="reader", location=site, zone=zone)
    if settings.camera_minutes is not None:
        yield Device(device=devices.camera(site), kind="camera", location=site, zone="sales_floor")


def _record(topic: Topic, model: BaseModel, key: str, at_ms: int) -> Record:
    kind = topic.name.removeprefix("reference.")
    return Record(topic, key, model.model_dump_json(exclude_none=True).encode(), at_ms, kind)

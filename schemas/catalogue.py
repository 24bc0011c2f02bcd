"""Looking things up in the reference data: who is this tag, till, alias or reader?"""

from collections.abc import Callable, Iterator, Mapping

from pydantic import BaseModel

from schemas import topics
from schemas.epc_keys import GTIN_LENGTHS, has_valid_check_digit, is_digits
from schemas.errors import RejectedReading
from schemas.identifiers import Epc, canonical_epc, epc_to_gtin14, gtin14, place_uri, read_epc
from schemas.reference import Budget, Device, Item, Lane, Location, Offer, Rules, Supplier, TagMapping

MODELS: dict[str, type[BaseModel]] = {
    topics.ITEMS.name: Item,
    topics.LOCATIONS.name: Location,
    topics.SUPPLIERS.name: Supplier,
    topics.LANES.name: Lane,
    topics.OFFERS.name: Offer,
    topics.DEVICES.name: Device,
    topics.TAGS.name: TagMapping,
    topics.BUDGETS.name: Budget,
    topics.RULES.name: Rules,
}

_GOODS = {"sku": "item", "style": "style"}
Names = Iterator[tuple[str, str]]


class Catalogue:
    """The reference data of one worker, grown record by record.

    A name (SKU, GTIN, alias) means one SKU for ever and a SKU stays in its style:
    a record that says otherwise is rejected and changes nothing, because
    observations of one style live on one partition of the log.
    """

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._sku_of: dict[str, str] = {}
        self._currency_of_style: dict[str, str] = {}
        self._locations: dict[str, Location] = {}
        self._location_of: dict[str, str] = {}
        self._devices: dict[str, Device] = {}
        self._sku_of_tag: dict[str, str] = {}
        self._budgets: dict[str, Budget] = {}
        self._add: dict[type[BaseModel], Callable[..., None]] = {
            Item: self._add_item,
            Location: self._add_location,
            Device: self._add_device,
            TagMapping: self._add_tag,
            Budget: self._add_budget,
        }
        self._check: dict[type[BaseModel], Callable[..., None]] = {
            Item: self._check_item,
            Location: self._check_location,
            TagMapping: self._check_tag,
            Offer: self._check_offer,
        }

    def add(self, record: BaseModel) -> None:
        """Take in one reference record; raises ``RejectedReading`` on a conflict.

        Records that intake never looks up (suppliers, lanes, offers, rules) are accepted
        and not kept.
        """
        self.check(record)
        add = self._add.get(type(record))
        if add is not None:
            add(record)

    def withdraw(self, topic: str, key: str) -> None:
        """A key of a topic was retired; what its names meant they go on meaning, so that what is late is understood."""
        if topic == topics.BUDGETS.name and key in self._budgets:
            self._budgets[key] = self._budgets[key].model_copy(update={"retired": True})

    def check(self, record: BaseModel) -> None:
        """Raise what :meth:`add` would raise, and change nothing."""
        check = self._check.get(type(record))
        if check is not None:
            check(record)

    def item(self, identifier: str) -> Item | None:
        """The item of a SKU, GTIN (8 to 14 digits), alias, or scanned URN or Digital Link; None if unknown."""
        sku = self._sku_of.get(identifier)
        if sku is None:
            gtin = _spoken_gtin(identifier)
            sku = None if gtin is None else self._sku_of.get(gtin)
        return None if sku is None else self._items[sku]

    def item_of_epc(self, epc: str) -> Item | None:
        """The item a tag is on: an explicit mapping first, then the GTIN in its SGTIN."""
        return self.item_of_tag(read_epc(epc))

    def item_of_tag(self, epc: Epc) -> Item | None:
        """As :meth:`item_of_epc`, for a tag already read."""
        sku = self._sku_of_tag.get(epc.id)
        if sku is None:
            sku = None if epc.gtin is None else self._sku_of.get(epc.gtin)
        return None if sku is None else self._items.get(sku)

    def location(self, identifier: str) -> Location | None:
        """The location of an id, GLN, alias, SGLN or Digital Link; None if unknown.

        An address with an extension (a dock, a zone) that is no alias of its own
        means the place it is in.
        """
        location = self._location_of.get(identifier)
        if location is None:
            place = place_uri(identifier)
            location = None if place is None else self._location_of.get(place.gln)
        return None if location is None else self._locations[location]

    def device(self, identifier: str) -> Device | None:
        """A reader, camera or till; None if unknown."""
        return self._devices.get(identifier)

    @property
    def item_names(self) -> list[str]:
        """Every SKU, GTIN and alias."""
        return sorted(self._sku_of)

    @property
    def location_names(self) -> list[str]:
        """Every id, GLN and alias of a location."""
        return sorted(self._location_of)

    @property
    def device_names(self) -> list[str]:
        """Every reader, camera and till."""
        return sorted(self._devices)

    @property
    def budgets(self) -> Mapping[str, Budget]:
        """Every budget by its key, retired ones too."""
        return self._budgets

    def _check_item(self, item: Item) -> None:
        known = self._items.get(item.sku)
        if known is not None and known.style != item.style:
            raise RejectedReading(
                "conflicting_mapping",
                f"SKU {item.sku} belongs to style {known.style} and cannot move to {item.style}",
                field="style",
                value=item.style,
            )
        for field, name in _item_names(item):
            _refuse_other_meaning(self._sku_of, name, item.sku, field)

    def _add_item(self, item: Item) -> None:
        self._items[item.sku] = item
        self._currency_of_style[item.style] = item.currency
        self._sku_of.update((name, item.sku) for _, name in _item_names(item))

    def _check_location(self, location: Location) -> None:
        for field, name in _location_names(location):
            _refuse_other_meaning(self._location_of, name, location.location, field)

    def _add_location(self, location: Location) -> None:
        self._locations[location.location] = location
        self._location_of.update((name, location.location) for _, name in _location_names(location))

    def _add_device(self, device: Device) -> None:
        self._devices[device.device] = device

    def _check_tag(self, mapping: TagMapping) -> None:
        _refuse_other_meaning(self._sku_of_tag, canonical_epc(mapping.epc), mapping.sku, "epc")

    def _check_offer(self, offer: Offer) -> None:
        """What is offered must be known, and costs are compared in its own currency."""
        field, name = ("sku", offer.sku) if offer.sku else ("style", offer.style)
        item = self.item(name) if offer.sku else None
        currency = item.currency if item is not None else None if offer.sku else self._currency_of_style.get(name)
        if currency is None:
            raise RejectedReading(f"unknown_{_GOODS[field]}", f"{field}: no item has {name}", field=field, value=name)
        if currency != offer.currency:
            message = f"currency: {name} is in {currency}, and an offer in {offer.currency} cannot be compared with it"
            raise RejectedReading("other_currency", message, field="currency", value=offer.currency)

    def _add_budget(self, budget: Budget) -> None:
        self._budgets[budget.budget] = budget

    def _add_tag(self, mapping: TagMapping) -> None:
        self._sku_of_tag[canonical_epc(mapping.epc)] = mapping.sku


def _item_names(item: Item) -> Names:
    """Every name of an item with the field it stands in; an alias that is a GTIN also in 14 digits."""
    yield "sku", item.sku
    if item.gtin:
        yield "gtin", gtin14(item.gtin)
    for position, alias in enumerate(item.aliases):
        yield f"aliases[{position}]", alias
        if len(alias) in GTIN_LENGTHS and has_valid_check_digit(alias):
            yield f"aliases[{position}]", gtin14(alias)


def _location_names(location: Location) -> Names:
    yield "location", location.location
    if location.gln:
        yield "gln", location.gln
    for position, alias in enumerate(location.aliases):
        yield f"aliases[{position}]", alias


def _spoken_gtin(identifier: str) -> str | None:
    if is_digits(identifier):
        return gtin14(identifier) if 8 <= len(identifier) <= 14 else None
    return epc_to_gtin14(identifier) if ":" in identifier or identifier.startswith("(01)") else None


def _refuse_other_meaning(meanings: dict[str, str], name: str, meaning: str, field: str) -> None:
    known = meanings.get(name)
    if known is not None and known != meaning:
        raise RejectedReading(
            "conflicting_mapping",
            f"{name} means {known} and cannot also mean {meaning}",
            field=field,
            value=name,
        )

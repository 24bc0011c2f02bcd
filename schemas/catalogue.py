"""Looking things up in the reference data: who is this tag, till, alias or reader?"""

from collections.abc import Callable

from pydantic import BaseModel

from schemas import topics
from schemas.errors import RejectedReading
from schemas.identifiers import epc_to_gtin14, gtin14
from schemas.reference import Device, Item, Lane, Location, Rules, Supplier, TagMapping

MODELS: dict[str, type[BaseModel]] = {
    topics.ITEMS.name: Item,
    topics.LOCATIONS.name: Location,
    topics.SUPPLIERS.name: Supplier,
    topics.LANES.name: Lane,
    topics.DEVICES.name: Device,
    topics.TAGS.name: TagMapping,
    topics.RULES.name: Rules,
}


class Catalogue:
    """The reference data of one worker, grown record by record.

    A name (SKU, GTIN, alias) means one SKU for ever and a SKU stays in its style:
    a record that says otherwise is rejected, because observations of one style
    live on one partition of the log.
    """

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._sku_of: dict[str, str] = {}
        self._locations: dict[str, Location] = {}
        self._location_of: dict[str, str] = {}
        self._devices: dict[str, Device] = {}
        self._sku_of_tag: dict[str, str] = {}
        self._epc_cache: dict[str, Item | None] = {}
        self._add: dict[type[BaseModel], Callable[..., None]] = {
            Item: self._add_item,
            Location: self._add_location,
            Device: self._add_device,
            TagMapping: self._add_tag,
        }

    def add(self, record: BaseModel) -> None:
        """Take in one reference record; raises ``RejectedReading`` on a conflict.

        Records that intake never looks up (suppliers, lanes, rules) are accepted
        and not kept.
        """
        add = self._add.get(type(record))
        if add is not None:
            add(record)

    def item(self, identifier: str) -> Item | None:
        """The item of a SKU, GTIN (8 to 14 digits) or alias; None if unknown."""
        sku = self._sku_of.get(identifier)
        if sku is None and identifier.isdigit() and 8 <= len(identifier) <= 14:
            sku = self._sku_of.get(gtin14(identifier))
        return None if sku is None else self._items[sku]

    def item_of_epc(self, epc: str) -> Item | None:
        """The item a tag is on: an explicit mapping first, then the GTIN in its SGTIN."""
        try:
            return self._epc_cache[epc]
        except KeyError:
            item = self._epc_cache[epc] = self._resolve_epc(epc)
            return item

    def location(self, identifier: str) -> Location | None:
        """The location of an id, GLN or alias; None if unknown."""
        location = self._location_of.get(identifier)
        return None if location is None else self._locations[location]

    def device(self, identifier: str) -> Device | None:
        """A reader, camera or till; None if unknown."""
        return self._devices.get(identifier)

    def _resolve_epc(self, epc: str) -> Item | None:
        sku = self._sku_of_tag.get(epc)
        if sku is not None:
            return self._items.get(sku)
        gtin = epc_to_gtin14(epc)
        return None if gtin is None else self.item(gtin)

    def _add_item(self, item: Item) -> None:
        known = self._items.get(item.sku)
        if known is not None and known.style != item.style:
            raise RejectedReading(
                "conflicting_mapping",
                f"SKU {item.sku} belongs to style {known.style} and cannot move to {item.style}",
                field="style",
                value=item.style,
            )
        names = [item.sku, *item.aliases] + ([gtin14(item.gtin)] if item.gtin else [])
        for name in names:
            self._refuse_other_meaning(self._sku_of, name, item.sku, "item")
        self._items[item.sku] = item
        self._sku_of.update(dict.fromkeys(names, item.sku))
        self._epc_cache.clear()

    def _add_location(self, location: Location) -> None:
        names = [location.location, *location.aliases] + ([location.gln] if location.gln else [])
        for name in names:
            self._refuse_other_meaning(self._location_of, name, location.location, "location")
        self._locations[location.location] = location
        self._location_of.update(dict.fromkeys(names, location.location))

    def _add_device(self, device: Device) -> None:
        self._devices[device.device] = device

    def _add_tag(self, mapping: TagMapping) -> None:
        self._refuse_other_meaning(self._sku_of_tag, mapping.epc, mapping.sku, "tag")
        self._sku_of_tag[mapping.epc] = mapping.sku
        self._epc_cache.pop(mapping.epc, None)

    @staticmethod
    def _refuse_other_meaning(meanings: dict[str, str], name: str, meaning: str, what: str) -> None:
        known = meanings.get(name)
        if known is not None and known != meaning:
            raise RejectedReading(
                "conflicting_mapping",
                f"{what} name {name} means {known} and cannot also mean {meaning}",
                field="key",
                value=name,
            )

"""Every topic restockd reads or writes, written once.

A fact's class, topic and table share one noun: ``StockLevel``, ``stock.levels``,
``stock_levels``.
"""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a topic is for, which decides how it is created and kept."""

    READING = "reading"
    REFERENCE = "reference"
    LOG = "log"
    CHECKPOINT = "checkpoint"
    FACT = "fact"


@dataclass(frozen=True)
class Topic:
    """A topic's name and how it is kept.

    ``compacted`` topics keep the newest record per key for ever; the others are
    kept ``retention_days``. Every topic uses ``LogAppendTime`` (DESIGN.md, law 7).
    """

    name: str
    role: Role
    compacted: bool = False
    retention_days: int = 7

    @property
    def table(self) -> str:
        """The ClickHouse table of this topic's records."""
        return self.name.replace(".", "_")


def _reading(name: str) -> Topic:
    return Topic(f"readings.{name}", Role.READING)


def _reference(name: str) -> Topic:
    return Topic(f"reference.{name}", Role.REFERENCE, compacted=True)


POS = _reading("pos")
RFID = _reading("rfid")
EPCIS = _reading("epcis")
CAMERAS = _reading("cameras")
ERP = _reading("erp")
SIGNALS = _reading("signals")
ORDER_ACKS = Topic("orders.acks", Role.READING)
APPROVALS = Topic("approvals", Role.READING)

ITEMS = _reference("items")
LOCATIONS = _reference("locations")
SUPPLIERS = _reference("suppliers")
LANES = _reference("lanes")
OFFERS = _reference("offers")
DEVICES = _reference("devices")
TAGS = _reference("tags")
BUDGETS = _reference("budgets")
RULES = _reference("rules")

OBSERVATIONS = Topic("observations", Role.LOG, retention_days=35)
CHECKPOINTS = Topic("checkpoints", Role.CHECKPOINT, compacted=True)

STOCK_MOVEMENTS = Topic("stock.movements", Role.FACT)
STOCK_LEVELS = Topic("stock.levels", Role.FACT)
STOCK_BELIEFS = Topic("stock.beliefs", Role.FACT)
STOCK_ACCURACY = Topic("stock.accuracy", Role.FACT)
STOCK_SURPLUS = Topic("stock.surplus", Role.FACT)
DEMAND_FORECASTS = Topic("demand.forecasts", Role.FACT)
DEMAND_QUALITY = Topic("demand.quality", Role.FACT)
DEMAND_CLUSTERS = Topic("demand.clusters", Role.FACT)
DEMAND_SIZES = Topic("demand.sizes", Role.FACT)
SUPPLIER_SCORECARDS = Topic("suppliers.scorecards", Role.FACT)
REORDERS = Topic("orders.reorders", Role.FACT)
OVERRIDES = Topic("orders.overrides", Role.FACT)
BUDGET_LEDGER = Topic("budgets.ledger", Role.FACT, compacted=True)
BUDGET_STATUS = Topic("budgets.status", Role.FACT)
TRANSFERS = Topic("orders.transfers", Role.FACT)
OUTCOMES = Topic("transfers.outcomes", Role.FACT)
SHADOW = Topic("decisions.shadow", Role.FACT)
PROMOTIONS = Topic("decisions.promotions", Role.FACT)
ALERTS = Topic("alerts", Role.FACT)
TASKS = Topic("tasks", Role.FACT)
DEAD_LETTERS = Topic("dead.letters", Role.FACT, retention_days=35)

READINGS = (POS, RFID, EPCIS, CAMERAS, ERP, SIGNALS, ORDER_ACKS, APPROVALS)
REFERENCE = (ITEMS, LOCATIONS, SUPPLIERS, LANES, OFFERS, DEVICES, TAGS, BUDGETS, RULES)
FACTS = (
    STOCK_MOVEMENTS,
    STOCK_LEVELS,
    STOCK_BELIEFS,
    STOCK_ACCURACY,
    STOCK_SURPLUS,
    DEMAND_FORECASTS,
    DEMAND_QUALITY,
    DEMAND_CLUSTERS,
    DEMAND_SIZES,
    SUPPLIER_SCORECARDS,
    REORDERS,
    OVERRIDES,
    BUDGET_LEDGER,
    BUDGET_STATUS,
    TRANSFERS,
    OUTCOMES,
    SHADOW,
    PROMOTIONS,
    ALERTS,
    TASKS,
    DEAD_LETTERS,
)
ALL = (*READINGS, *REFERENCE, OBSERVATIONS, CHECKPOINTS, *FACTS)

"""Budgets from a JSON file to ``reference.budgets``, refused here rather than in the dead letters."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from schemas import topics
from schemas.errors import InvalidSettings, RejectedReading
from schemas.readings.decoding import rejection
from schemas.readings.registry import all_formats
from schemas.reference import Budget
from streams.cluster import Cluster
from streams.sender import Sender
from streams.settings import BrokerSettings

_BUDGETS: TypeAdapter[list[Budget]] = TypeAdapter(list[Budget])


def read_budgets(file: Path) -> list[Budget]:
    """One budget or a list of them; raises ``InvalidSettings`` naming what is wrong with which."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'not text'}") from None
    try:
        budgets = _BUDGETS.validate_json(text if text.startswith("[") else f"[{text}]")
    except ValidationError as error:
        raise InvalidSettings("\n".join(f"{file}: {rejection(detail).message}" for detail in error.errors())) from None
    for budget in budgets:
        (checked,) = all_formats()[topics.BUDGETS.name].decode([_value(budget)])
        if isinstance(checked, RejectedReading):
            raise InvalidSettings(f"{file}: budget {budget.budget}: {checked.message}")
    return budgets


def send_budgets(broker: BrokerSettings, cluster: Cluster, budgets: Sequence[Budget]) -> None:
    """Define or change these budgets."""
    with Sender(broker, cluster, broker.group("intake")) as sender:
        for budget in budgets:
            sender.send(topics.BUDGETS, budget.key, _value(budget))


def _value(budget: Budget) -> bytes:
    return budget.model_dump_json(exclude_defaults=True).encode()

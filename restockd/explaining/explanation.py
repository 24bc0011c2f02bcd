"""An order with everything it follows from, said and computed again."""

from typing import Any

import msgspec

from inventory.recomputation import Difference, Forecast, Recomputed, differences
from restockd.configuration import Settings
from restockd.explaining import said
from restockd.explaining.changes import what_would_change
from restockd.explaining.log import Progress, say_again
from schemas.errors import BrokenCheckpoint, BrokenLog, Unavailable
from schemas.facts import Reorder, Transfer, TransferOutcome
from sinks.clickhouse.client import Database

EQUAL, DIFFERENT, NOT_RECOMPUTED = "equal", "different", "not recomputed"


class Revision(msgspec.Struct, frozen=True):
    """One state of an order: as it was said, and how the log's own differs (empty where it is equal)."""

    said: Reorder | Transfer
    recomputed: Reorder | Transfer | None
    differences: list[Difference]
    forecast: Forecast | None


class Explanation(msgspec.Struct, frozen=True):
    """Every state of one order.

    ``verdict`` is ``equal``, ``different`` or ``not recomputed``; ``problem`` says why in the last case. ``outcome`` is
    what came of a transfer, once that is judged.
    """

    order_id: str
    kind: str
    revisions: list[Revision]
    would_change: list[str]
    verdict: str
    problem: str = ""
    outcome: TransferOutcome | None = None

    @property
    def newest(self) -> Reorder | Transfer:
        """The order as it stands."""
        return self.revisions[-1].said

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def explain(settings: Settings, database: Database, name: str, progress: Progress) -> Explanation:
    """Find an order by any of its names and compute it again.

    A fact id asks for the order as it stood then. Raises ``NotFound`` if nothing goes by that name.
    """
    every = said.find(database, name)
    found = _until(name, every)
    try:
        again, problem = _again(settings, found, progress), ""
    except (BrokenLog, BrokenCheckpoint, Unavailable) as error:
        again, problem = None, str(error)
    revisions = [_revision(fact, again) for fact in found]
    verdict = EQUAL if not any(revision.differences for revision in revisions) else DIFFERENT
    return Explanation(
        found[0].order_id,
        "reorder" if isinstance(found[0], Reorder) else "transfer",
        revisions,
        what_would_change(found[-1]),
        verdict if again is not None else NOT_RECOMPUTED,
        problem,
        said.outcome_of(database, found[0]) if found == every else None,
    )


def _until(name: str, facts: list[Reorder | Transfer]) -> list[Reorder | Transfer]:
    """All states, or those up to the fact of that name."""
    places = [place for place, fact in enumerate(facts) if fact.fact_id == name]
    return facts[: places[0] + 1] if places else facts


def _again(settings: Settings, facts: list[Reorder | Transfer], progress: Progress) -> dict[str, Recomputed]:
    """What the log says of the order, by fact id."""
    offsets = [fact.log_offset for fact in facts]
    if min(offsets) < 0:
        raise BrokenLog(
            "a version of restockd that did not note where in the log it decided said this, so it cannot be found there"
        )
    partition, order_id = facts[0].log_partition, facts[0].order_id
    found = say_again(settings, order_id, partition, min(offsets), max(offsets), progress)
    if not found:
        raise BrokenLog(
            f"the log says nothing of this order up to offset {max(offsets)} of partition {partition}: "
            "it is not the log the order was decided on, or nobody ever decided it"
        )
    return {one.decision.fact_id: one for one in found}


def _revision(fact: Reorder | Transfer, again: dict[str, Recomputed] | None) -> Revision:
    if again is None:
        return Revision(fact, None, [], None)
    found = again.get(fact.fact_id)
    if found is None:
        return Revision(fact, None, [Difference("fact_id", fact.fact_id, None)], None)
    return Revision(fact, found.decision, differences(fact, found.decision), found.forecast)

"""Finding in the archive what was said of an order."""

from schemas.errors import MustStop
from schemas.facts import Reorder, Transfer
from sinks.clickhouse import queries
from sinks.clickhouse.client import Database
from sinks.clickhouse.facts import fact_of

_SHOWN, _LETTERS = 5, 4


class NotFound(MustStop):
    """Nothing goes by that name, or more than one thing does."""


def find(database: Database, name: str) -> list[Reorder | Transfer]:
    """Every state of the one order or transfer of this name, in the order the log made them.

    Raises ``NotFound`` if there is none, or several.
    """
    found: list[Reorder | Transfer] = [fact_of(Reorder, row) for row in queries.reorder_decisions(database, name)]
    found += [fact_of(Transfer, row) for row in queries.transfer_decisions(database, name)]
    ids = sorted({fact.order_id for fact in found})
    if len(ids) > 1:
        shown = ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")
        raise NotFound(f"{name!r} is the name of {len(ids)} orders: give more of the id ({shown})")
    if not ids:
        for row in queries.held_out(database, limit=1, order=name) if len(name) >= _LETTERS else []:
            raise NotFound(
                f"{row['order_id']} from {row['origin']} to {row['destination']} is held out until "
                f"{row['held_until']:%Y-%m-%d %H:%M} UTC: it is judged and not sent, to see what moving brings "
                f"(rules.transfer_holdout_share). It was planned because: {row['reason']}"
            )
        raise NotFound(
            f"no order, transfer, alert, task or fact {name!r} in the archive (at least four letters of an id). "
            "`restockd orders --state all` and the views orders_now and transfers_now list them; "
            "what was just decided is archived within seconds"
        )
    return found

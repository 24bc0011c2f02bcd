"""Finding in the archive what was said of an order."""

from schemas.errors import MustStop
from schemas.facts import Reorder, Transfer, TransferOutcome
from schemas.wording import amount
from sinks.clickhouse import queries
from sinks.clickhouse.client import Database, Row
from sinks.clickhouse.facts import fact_of

_SHOWN = 5


class NotFound(MustStop):
    """Nothing goes by that name, more than one thing does, or it was never sent."""


def find(database: Database, name: str) -> list[Reorder | Transfer]:
    """Every state of the one order or transfer of this name, in the order the log made them.

    Raises ``NotFound`` if there is none, or several, and if it is a transfer that was held out.
    """
    found: list[Reorder | Transfer] = [fact_of(Reorder, row) for row in queries.reorder_decisions(database, name)]
    found += [fact_of(Transfer, row) for row in queries.transfer_decisions(database, name)]
    held = queries.held_out_decisions(database, name)
    ids = sorted({fact.order_id for fact in found} | {row["order_id"] for row in held})
    if len(ids) > 1:
        shown = ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")
        raise NotFound(f"{name!r} is the name of {len(ids)} orders: give more of the id ({shown})")
    if not ids:
        raise NotFound(
            f"no order, transfer, alert, task or fact {name!r} in the archive (at least four letters of an id). "
            "`restockd orders --state all` and the views orders_now and transfers_now list them; "
            "what was just decided is archived within seconds"
        )
    if not found:
        raise NotFound(_of_held_out(held))
    return found


def outcome_of(database: Database, order: Reorder | Transfer) -> TransferOutcome | None:
    """What came of a transfer, where that was judged."""
    row = queries.transfer_outcome(database, order.order_id) if isinstance(order, Transfer) else None
    return None if row is None else fact_of(TransferOutcome, row)


def _of_held_out(said: list[Row]) -> str:
    """Why it was planned, and what would have come of it where that is said already."""
    first, last = said[0], said[-1]
    tense = "was" if last["judged"] else "is"
    return (
        f"{first['order_id']}, {amount(first['proposed_units'], 'unit')} of {first['sku']} from {first['origin']} to "
        f"{first['destination']}, {tense} held out until {first['held_until']:%Y-%m-%d %H:%M} UTC: it {tense} "
        "judged and not sent, to see what moving brings (rules.transfer_holdout_share). "
        f"It was planned because: {first['reason']}" + (f". {_became(last)}" if last["judged"] else "")
    )


def _became(said: Row) -> str:
    if not said["received_units"]:
        return "Nothing is compared with it: there was none to send by then, or too many others waited to be judged"
    earned, expected = (said[name] - said["expected_cost"] for name in ("earned", "expected_gain"))
    return (
        f"Sent, it would have sold {abs(said['sold_units']):.1f} units more at {said['destination']} and "
        f"{abs(said['lost_units']):.1f} fewer at {said['origin']}, and earned {earned:.2f} {said['currency']} after "
        f"costs; {expected:.2f} were expected"
    )

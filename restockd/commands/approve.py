"""``restockd approve`` and ``restockd reject``: a person's verdict on an order or transfer that waits."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, write_json
from schemas.errors import InvalidSettings

if TYPE_CHECKING:
    from console.verdicts import Given, Kind
    from sinks.clickhouse.client import Database, Row

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An order's or transfer's id; its beginning will do.")]
NoteOption = Annotated[str, typer.Option(help="Why; it stays in the history.")]
ByOption = Annotated[str, typer.Option(help="Who decides; default: your account's name.", show_default=False)]
RevisionOption = Annotated[
    int | None, typer.Option(help="The revision you saw: refused if it is another by now.", min=1, show_default=False)
]
QuantityOption = Annotated[
    str | None, typer.Option(help="Of so many units only; default: all.", metavar="UNITS", show_default=False)
]
MOST_NAMED = 5


def register(app: typer.Typer) -> None:
    app.command()(approve)
    app.command()(reject)


def approve(
    context: typer.Context,
    name: IdArgument,
    quantity: QuantityOption = None,
    note: NoteOption = "",
    by: ByOption = "",
    revision: RevisionOption = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve an order that waits, or a transfer nobody has answered. A running worker or demo takes it."""
    from console.verdicts import Given

    _hand_in(context, name, Given("accept", _who(by), note.strip(), quantity, _text(revision)), broker, as_json)


def reject(
    context: typer.Context,
    name: IdArgument,
    note: NoteOption = "",
    by: ByOption = "",
    revision: RevisionOption = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reject an order that waits, or a transfer nobody has answered. A running worker or demo takes it."""
    from console.verdicts import Given

    _hand_in(context, name, Given("reject", _who(by), note.strip(), None, _text(revision)), broker, as_json)


def _hand_in(context: typer.Context, name: str, given: "Given", broker: str | None, as_json: bool) -> None:
    from console.verdicts import Refused, verdict_on
    from restockd.archive import database
    from restockd.verdict_desk import VerdictDesk

    settings = load(context, broker).settings
    with database(settings) as asked:
        kind, row = _find(asked, name)
    verdict = verdict_on(kind, row, given)
    if isinstance(verdict, Refused):
        raise InvalidSettings(f"{verdict.message}. Nothing was sent")
    VerdictDesk(settings).send(verdict)
    if as_json:
        write_json(verdict.model_dump(exclude_defaults=True))
        return
    most = row["quantity"]
    said = {"accept": f"approve all {most}", "modify": f"approve {verdict.quantity} of {most}"}
    what = f"{said.get(verdict.verdict, f'reject all {most}')} {row['sku']}"
    typer.echo(f"sent: {what}, {kind} {row['order_id']}, revision {row['revision']}")
    typer.echo(f"`restockd explain {row['order_id'][:8]}` says what became of it")


def _find(asked: "Database", name: str) -> "tuple[Kind, Row]":
    """The order or transfer of a name as it stands."""
    from sinks.clickhouse import queries

    found: dict[str, tuple[Kind, Row]] = {}
    found |= {row["order_id"]: ("order", row) for row in queries.reorder_decisions(asked, name)}
    found |= {row["order_id"]: ("transfer", row) for row in queries.transfer_decisions(asked, name)}
    if not found:
        raise InvalidSettings(f"there is no order or transfer {name!r}: `restockd orders` lists orders by their ids")
    if len(found) > 1:
        some = ", ".join(sorted(found)[:MOST_NAMED])
        raise InvalidSettings(f"{len(found)} orders or transfers go by {name!r}, say more of the id: {some}")
    return next(iter(found.values()))


def _who(by: str) -> str:
    try:
        return by.strip() or getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return ""


def _text(revision: int | None) -> str | None:
    return None if revision is None else str(revision)

"""``restockd topics ensure``: create what is missing, report what differs."""

from typing import Annotated, Any

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, write_json, write_rows

group = typer.Typer(no_args_is_help=True, help="The topics on Kafka.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="topics")


@group.callback()
def topics() -> None:
    """The topics on Kafka."""


@group.command()
def ensure(
    context: typer.Context,
    broker: BrokerOption = None,
    strict: Annotated[bool, typer.Option(help="Fail if an existing topic is not as wanted.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create the topics that are missing. What exists is never changed; what differs is reported."""
    from restockd.topic_admin import TopicAdmin
    from restockd.topic_plan import TopicFinding

    def row(finding: TopicFinding) -> dict[str, Any]:
        status = "created" if finding.status == "missing" else finding.status
        return {"topic": finding.wanted.name, "status": status, "differences": list(finding.differences)}

    rows = [row(finding) for finding in TopicAdmin(load(context, broker).settings).ensure()]
    differing = [found for found in rows if found["differences"]]
    if as_json:
        write_json({"topics": rows, "created": sum(found["status"] == "created" for found in rows)})
    else:
        write_rows([found | {"differences": "; ".join(found["differences"])} for found in rows], as_json=False)
    if differing and not as_json:
        typer.echo(f"{len(differing)} existing topics differ; restockd does not change what exists.", err=True)
    if differing and strict:
        raise typer.Exit(1)

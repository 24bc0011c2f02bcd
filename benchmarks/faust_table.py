"""An ordinary Faust agent with a table, as its documentation shows: one basket per event, keyed stock."""

import json
import sys
from typing import Any

import faust

from benchmarks.baskets import LOW_STOCK_UNITS, OPENING_UNITS
from benchmarks.job import Job


def make_app(job: Job) -> faust.App:
    """The app, with what Faust does by default."""
    app = faust.App(
        job.group,
        broker=f"kafka://{job.address}",
        store="memory://",
        datadir=job.data / "faust",
        topic_partitions=job.partitions,
        topic_disable_leader=True,
        web_enabled=False,
        value_serializer="json",
        key_serializer="raw",
        worker_redirect_stdouts=False,
    )
    source, target = app.topic(job.source), app.topic(job.target)
    stock = app.Table("stock", default=lambda: OPENING_UNITS, partitions=job.partitions)
    marks = list(job.marks)
    handled = 0

    @app.agent(source)
    async def subtract(stream: Any) -> None:
        nonlocal handled
        async for basket in stream:
            for line in basket["lines"]:
                at = f"{basket['store']}|{line['item_id']}"
                left = stock[at] + (1 if line["type"] == "return" else -1)
                stock[at] = left
                if left == LOW_STOCK_UNITS:
                    await target.send(key=basket["store"].encode(), value={"at": at, "stock": left})
            handled += len(basket["lines"])
            if marks and handled >= marks[0]:
                sent = await target.send(value={"done": marks.pop(0)}, partition=0)
                await sent

    return app


if __name__ == "__main__":
    told = Job(**json.loads(sys.argv[1]))
    faust.Worker(make_app(told), loglevel="warning").execute_from_commandline()

"""What a page or the API may be asked with: the parameters and their bounds."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from console.questions import StockFilter
from console.source import Source
from sinks.clickhouse.client import Database

MAX_HOURS = 24 * 31
PAGE_ROWS = 100

Text = Annotated[str, Query(max_length=200)]
Hours = Annotated[int, Query(ge=1, le=MAX_HOURS)]
Limit = Annotated[int, Query(ge=1, le=10_000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000_000)]
Page = Annotated[int, Query(ge=1, le=1_000_000)]
Sent = Annotated[int | None, Query(ge=0, le=1_000_000_000)]
State = Literal[
    "open",
    "all",
    "proposed",
    "pending",
    "approved",
    "rejected",
    "acknowledged",
    "shipped",
    "received",
    "amended",
    "superseded",
    "cancelled",
]


def _source(request: Request) -> Source:
    source: Source = request.app.state.source
    return source


def _database(source: Annotated[Source, Depends(_source)]) -> Database:
    return source.database()


def _stock_filter(
    location: Text = "", sku: Text = "", style: Text = "", only: Literal["", "negative", "out"] = ""
) -> StockFilter:
    return StockFilter(location.strip(), sku.strip(), style.strip(), only)


Asked = Annotated[Database, Depends(_database)]
Wanted = Annotated[StockFilter, Depends(_stock_filter)]

"""ClickHouse without a server: one process owns a chDB folder and speaks ClickHouse's HTTP interface."""

from sinks.clickhouse.embedded.process import EmbeddedClickHouse

__all__ = ["EmbeddedClickHouse"]

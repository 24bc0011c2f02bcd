"""The archive of facts in ClickHouse: tables, views, writing, asking."""

"""Where facts go: ClickHouse, ERP connectors, alert channels."""

"""What a worker measures of itself, by Prometheus naming."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("restockd_events_processed_total", "Raw records understood or dead-lettered", ["source"])
REJECTED = Counter("restockd_events_rejected_total", "Rejections that went to dead.letters", ["source", "reason"])
FACTS = Counter("restockd_facts_published_total", "Facts said", ["topic"])
ROWS = Counter("restockd_rows_archived_total", "Rows written to ClickHouse", ["topic"])
LAG = Gauge("restockd_event_lag_seconds", "From the append of the newest handled reading to its handling", ["source"])
STEP_SECONDS = Histogram(
    "restockd_fold_seconds",
    "Folding one fetched batch of log messages",
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2.0),
)
CHECKPOINTS = Counter("restockd_checkpoints_total", "Checkpoints stored", ["partition"])
CHECKPOINT_BYTES = Counter("restockd_checkpoint_bytes_total", "Bytes of checkpoint chunks stored", ["partition"])
SINK_WAITS = Counter("restockd_sink_waits_total", "Times a sink asked in vain and waits to ask again", ["component"])
ERP_ORDERS = Counter("restockd_erp_orders_total", "Orders brought to the ERP", ["outcome"])
ERP_ANSWERS = Counter("restockd_erp_answers_total", "Answers and goods of the ERP that were passed on", ["status"])
ERP_WAITING = Gauge("restockd_erp_open_orders", "Orders in the ERP that are not over")
BUDGET_COMMITTED = Gauge("restockd_budget_committed", "Money of a budget that is bought or released", ["budget"])
BUDGET_LEFT = Gauge("restockd_budget_left", "Money of a budget that remains; below 0 it is exceeded", ["budget"])
BUDGET_WAITING = Gauge("restockd_budget_waiting_orders", "Orders that wait for money of a budget", ["budget"])
BUDGET_SPENT = Gauge("restockd_budget_spent", "1 if nothing fits any more of what waits, or it is exceeded", ["budget"])
BUDGET_RELEASED = Counter("restockd_budget_released_orders_total", "Orders that budgets released")
ALERTS_DELIVERED = Counter("restockd_alerts_delivered_total", "Alerts a receiver has confirmed", ["channel"])
ALERTS_REFUSED = Counter("restockd_alerts_refused_total", "Alerts a receiver will not have", ["channel"])
ALERTS_WAITING = Gauge("restockd_alerts_waiting", "Alerts not delivered yet", ["channel"])

"""What a worker measures of itself, by Prometheus naming."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("restockd_events_processed_total", "Raw records understood or dead-lettered", ["source"])
REJECTED = Counter("restockd_events_rejected_total", "Rejections that went to dead.letters", ["source", "reason"])
FACTS = Counter("restockd_facts_published_total", "Facts said", ["topic"])
ROWS = Counter("restockd_rows_archived_total", "Rows written to ClickHouse", ["topic"])
LAG = Gauge("restockd_event_lag_seconds", "Append of the newest handled reading to now", ["source"])
STEP_SECONDS = Histogram(
    "restockd_fold_seconds",
    "Folding one fetched batch of log messages",
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2.0),
)
CHECKPOINTS = Counter("restockd_checkpoints_total", "Checkpoints stored", ["partition"])
CHECKPOINT_BYTES = Counter("restockd_checkpoint_bytes_total", "Bytes of checkpoint chunks stored", ["partition"])

"""What no type can say: who writes and reads each topic, under which key, and what each setting is for.

``docs.generate`` puts it beside what the code says; ``tests/docs`` checks that nothing is missing or left over.
"""

from typing import NamedTuple

INTAKE = "intake"
ARCHIVE = "archive"
FOLD = "the fold"
KEEPER = "the budgets' keeper"


class Words(NamedTuple):
    """A topic in words; ``key`` is a template over the message's own fields where it has braces."""

    about: str
    key: str
    writers: str
    readers: str


TOPICS: dict[str, Words] = {
    "readings.pos": Words("till baskets: sales, returns, voids, exchanges", "the store", "tills", INTAKE),
    "readings.rfid": Words("tag reads and what readers did", "the reader", "RFID readers", INTAKE),
    "readings.epcis": Words("GS1 EPCIS 2.0 documents and events", "the place", "EPCIS systems", INTAKE),
    "readings.cameras": Words("facing counts, gaps, people counted", "the camera", "shelf and door cameras", INTAKE),
    "readings.erp": Words("receipts, shipments, transfers, counts, reservations", "the location", "the ERP", INTAKE),
    "readings.signals": Words("weather, prices, promotions, footfall, clocks", "any", "whoever knows", INTAKE),
    "orders.acks": Words("what the ERP did with our orders", "the order", "the ERP, its connector", INTAKE),
    "approvals": Words("verdicts on orders that wait", "the order", f"people, {KEEPER}", INTAKE),
    "reference.items": Words("SKUs: style, price, pack, supplier", "{sku}", "master data", f"{INTAKE}, {ARCHIVE}"),
    "reference.locations": Words("stores and warehouses", "{location}", "master data", f"{INTAKE}, {ARCHIVE}"),
    "reference.suppliers": Words("lead times and minimum orders", "{supplier}", "master data", INTAKE),
    "reference.lanes": Words("allowed ways between locations", "{origin}|{destination}", "master data", INTAKE),
    "reference.offers": Words("what suppliers ask for goods", "{supplier}|{style}|{sku}", "master data", INTAKE),
    "reference.devices": Words("where readers, cameras, tills stand", "{device}", "master data", INTAKE),
    "reference.tags": Words("tag ids that do not say their GTIN", "{epc}", "master data", INTAKE),
    "reference.budgets": Words("money for orders of a period", "{budget}", "master data", f"{INTAKE}, {KEEPER}"),
    "reference.rules": Words("the decision rules in force", "rules", "`restockd worker` at start", INTAKE),
    "observations": Words("internal: the log that is folded", "none", INTAKE, FOLD),
    "checkpoints": Words("internal: checkpoints of the fold", "internal", FOLD, FOLD),
    "stock.movements": Words("every accepted change of stock", "log partition", FOLD, ARCHIVE),
    "stock.levels": Words("stock after a message changed it", "{location}|{sku}", FOLD, f"{ARCHIVE}, anybody"),
    "stock.beliefs": Words("believed stock, with probabilities", "{location}|{sku}", FOLD, f"{ARCHIVE}, anybody"),
    "stock.accuracy": Words("how well records agree with belief", "{location}", FOLD, f"{ARCHIVE}, anybody"),
    "stock.surplus": Words("units unlikely to sell, and the markdown", "{location}|{sku}", FOLD, f"{ARCHIVE}, anybody"),
    "demand.forecasts": Words("demand to the next delivery, and why", "{location}|{sku}", FOLD, f"{ARCHIVE}, anybody"),
    "demand.quality": Words("how good forecasts were, by day and level", "{location}", FOLD, f"{ARCHIVE}, anybody"),
    "demand.clusters": Words("which locations sell alike", "{location}", FOLD, f"{ARCHIVE}, anybody"),
    "demand.sizes": Words("how demand divides over sizes", "{location}", FOLD, f"{ARCHIVE}, anybody"),
    "suppliers.scorecards": Words("how suppliers deliver", "{supplier}|{location}", FOLD, f"{ARCHIVE}, anybody"),
    "orders.reorders": Words("purchase suggestions and their states", "{location}|{sku}", FOLD, f"{ARCHIVE}, the ERP"),
    "orders.overrides": Words(
        "what came of suggestions people changed", "{location}|{sku}", FOLD, f"{ARCHIVE}, anybody"
    ),
    "budgets.ledger": Words(
        "what orders ask of budgets and are given", "{order_id}|{release}", f"{FOLD}, {KEEPER}", f"{KEEPER}, {ARCHIVE}"
    ),
    "budgets.status": Words("what budgets have left, what waits", "{budget}", KEEPER, f"{ARCHIVE}, anybody"),
    "orders.transfers": Words("moves between locations", "{destination}|{sku}", FOLD, f"{ARCHIVE}, the ERP"),
    "transfers.outcomes": Words("what came of transfers", "{destination}|{sku}", FOLD, f"{ARCHIVE}, anybody"),
    "decisions.shadow": Words(
        "what another policy would have earned, by day", "{location}", FOLD, f"{ARCHIVE}, anybody"
    ),
    "decisions.promotions": Words(
        "how comparisons ended: promoted, rolled back, kept", "{log_partition}|{currency}", FOLD, f"{ARCHIVE}, anybody"
    ),
    "alerts": Words("conditions that start, change, end", "{fingerprint}", FOLD, f"{ARCHIVE}, pagers"),
    "tasks": Words("work for people in a store", "{location}|{sku}", FOLD, f"{ARCHIVE}, store apps"),
    "dead.letters": Words(
        "input that was not understood, whole", "{fact_id}", f"{INTAKE}, {ARCHIVE}", f"{ARCHIVE}, people"
    ),
}

SETTINGS: dict[str, str] = {
    "broker.address": "Kafka's `host:port[,host:port...]`, or `embedded`: in memory, inside `demo` and `replay`",
    "broker.topic_prefix": "goes before every topic and group name, so that several systems share a cluster",
    "broker.session_timeout_seconds": "how long a worker may be silent before its partitions go to another",
    "broker.embedded_identity": "set by `demo` and `replay` for the worker they start; leave it alone",
    "broker.security_protocol": "how Kafka is spoken to",
    "broker.ssl_ca_file": "the authority of Kafka's certificate",
    "broker.ssl_certificate_file": "our certificate; goes with `ssl_key_file`",
    "broker.ssl_key_file": "the key of our certificate",
    "broker.sasl_mechanism": "how we prove who we are",
    "broker.sasl_username": "our user, with `sasl_plaintext` and `sasl_ssl`",
    "broker.sasl_password": "its password",
    "broker.sasl_password_file": "a file that holds it, instead",
    "clickhouse.address": "`http[s]://host:port`, or `embedded`: the engine `demo` and `replay` start for themselves",
    "clickhouse.user": "our user",
    "clickhouse.password": "its password",
    "clickhouse.password_file": "a file that holds it, instead",
    "clickhouse.database": "the database; created if it is missing",
    "worker.role": "what one worker does; `all` is intake, fold (`inventory`), archive and budgets in one process",
    "worker.metrics_host": "where Prometheus may read the metrics",
    "worker.metrics_port": "and at which port; 0 = any free one",
    "worker.batch_max_records": "the most records in a batch",
    "worker.batch_max_bytes": "the most bytes in a batch; a single larger record travels alone",
    "worker.max_wait_ms": "how long the broker may hold a fetch back to fill it",
    "worker.checkpoint_seconds": "a checkpoint is due after so long",
    "worker.checkpoint_records": "or after so many log messages",
    "worker.stuck_seconds": "a worker with work that does none for so long ends itself (exit code 71)",
    "worker.log_level": "how much is logged",
    "worker.log_format": "`auto`: for people on a terminal, JSON otherwise",
    "worker.data_dir": "what the embedded engine, the embedded broker's worker and `restockd kafka` keep",
    "console.token": "asked of every caller of the web page; needed when others than this machine may reach it",
    "console.token_file": "a file that holds it, instead",
    "console.approvals": (
        "whether orders and transfers may be approved and rejected there; `auto`: where only this machine reaches it"
    ),
    "erp.kind": "which ERP gets our orders; `restockd erp run` and workers of role `all` or `erp` bring them there",
    "erp.address": "where it is, `http[s]://host[:port]`",
    "erp.database": "its database",
    "erp.user": "our user there; it needs a company and an employee",
    "erp.password": "its password",
    "erp.password_file": "a file that holds it, instead",
    "erp.goods": "pass the goods it books on to `readings.erp`; `false` where they come in another way",
    "erp.poll_seconds": "how long after an answer it is asked again",
    "erp.lookback_days": "orders made there longer ago are not followed any more after a restart",
    "erp.timeout_seconds": "deadline of every call",
    "alerts.alertmanager_url": "Alertmanager's address; its API v2 is used",
    "alerts.webhook_url": "a receiver of signed JSON, one alert a message",
    "alerts.webhook_secret": "what messages to it are signed with",
    "alerts.webhook_secret_file": "a file that holds it, instead",
    "alerts.slack_url": "a Slack incoming webhook, or what understands the same; the address is the secret",
    "alerts.slack_url_file": "a file that holds it, instead",
    "alerts.least_severity": "less severe alerts are not delivered",
    "alerts.locations": "only alerts of these locations, by commas; empty = all",
    "alerts.messages_per_minute": "the most messages to one receiver; between two, alerts are gathered",
    "alerts.firing_minutes": "how long Alertmanager keeps an alert it hears nothing of; we say it again at half time",
    "alerts.timeout_seconds": "deadline of every call",
    "releases.at": "when budgets are shared each day, so that a day's orders compete; or `at_once`, as they come",
    "releases.timezone": "whose hour that is",
    "releases.gather_seconds": "how often the keeper looks; with `at_once` how long orders are gathered",
    "topics.partitions": "partitions of the topics `topics ensure` creates: the most workers that can share the work",
    "topics.replication": "replicas of them; from 3 on a write needs two",
    "rules.version": "a name for this set of rules; a digest of the values is added to it",
    "rules.policy": "how orders are decided, see docs/decisions.md",
    "rules.cycle_service_level": "probability of no stock-out in a replenishment cycle",
    "rules.demand_half_life_days": "a day of sales this old counts half",
    "rules.lead_time_days": "order to receipt, for suppliers that are not known",
    "rules.lead_time_sd_days": "its standard deviation",
    "rules.review_period_days": "time between two decisions, for suppliers that are not known",
    "rules.order_cover_days": "days of demand an order adds above the reorder point",
    "rules.fill_rate": "share of demand to serve from stock, for the policy `fill_rate_base_stock`",
    "rules.rounding": "from units needed to packs: `up`, `down`, `nearest`, or `economic` (while the next pack pays)",
    "rules.carrying_share_per_year": "what money tied up in stock costs a year, as a share of it",
    "rules.order_cost": "what an order costs whatever it asks for; larger ones are placed less often",
    "rules.leftover_share": "what is left when an item's season ends is worth this share of its cost",
    "rules.deepest_markdown": "no deeper markdown is suggested of what is unlikely to sell, as a share of the price",
    "rules.clearing_probability": "a markdown is said to clear a stock if all of it sells with this probability",
    "rules.donor_cover_days": "days of demand a location keeps before it gives units away",
    "rules.transfer_least_gain": "what a transfer must earn after its costs to be proposed, in the item's currency",
    "rules.transfer_young_days": "days of demand after which half of what forecasts promise of a transfer is believed, "
    "until transfers were judged, and until when a store gives half of what it has at most; 0 = all of it",
    "rules.transfer_holdout_share": "share of transfers that are planned and judged but not sent, to see what moving "
    "brings; 0 = none",
    "rules.transfer_late_days": "days beyond its lane's lead time after which a transfer is late and not counted on",
    "rules.transfer_lost_days": "further days after which a late transfer is over: lost, or never shipped",
    "rules.phantom_probability": "chance of none at which stock that only the book has is an alert",
    "rules.look_cost": "margin at risk a day above which somebody is asked to look, in the item's currency",
    "rules.count_cost": "what the doubt about a record must cost for a count task, in the item's currency",
    "rules.count_tasks": "most count tasks open at a location, per log partition; 0 = none",
    "rules.shadow_policy": "a policy that is played beside the one in force, without a word to anybody; empty = none",
    "rules.shadow_service_level": "its probability of no stock-out in a replenishment cycle",
    "rules.shadow_order_cover_days": "days of demand its orders add above the reorder point",
    "rules.shadow_fill_rate": "share of demand it serves from stock, where it is `fill_rate_base_stock`",
    "rules.shadow_promotes": "put it in force by itself where it earns more, and back where that turns",
    "rules.shadow_fill_margin": "share of demand that a policy in force by promotion may serve less than the other",
    "rules.shadow_service_levels": "service levels it is tried with after `rules.shadow_service_level`, by commas",
    "rules.shadow_weeks": "weeks after which the next of them has its turn where nothing is decided",
    "rules.learn_lead_times": "believe suppliers by what they do; without it what reference data states holds",
    "rules.conformal": "read forecasts where past ones covered as often as asked for; without it at the level itself",
    "rules.keep_firing_hours": "how long what an alert is about must be over before it ends; 0 = ends at once",
    "rules.stockout_risk_probability": "chance to run out before goods can be there at which that is an alert",
    "rules.stockout_risk_cost": "margin that must be expected to be lost then for an alert, in the item's currency",
    "rules.unanswered_hours": "hours after which an order that nobody answered is an alert; 0 = never",
    "rules.low_sales_chance": "chance of so few sales beside other locations' at which that is an alert; 0 = none",
    "rules.count_memory_hours": "how far back a count corrects what is told late",
    "rules.approval_limit": "orders and transfers worth more wait for a person; 0 = none waits",
    "rules.deduplication_days": "how long an event is remembered to recognise it when it is sent again",
    "rules.future_tolerance_seconds": "how much later than its arrival an event may say it happened",
}

"""From settings to what each part wants to know: the composition root's small change."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from pydantic import SecretStr

from agents.deliverer import Wanted
from agents.erp_connector import ErpPace
from agents.release_rhythm import Rhythm
from agents.worker import WorkerSettings
from restockd.archive import server_settings
from restockd.configuration import Settings
from restockd.settings import AT_ONCE, Broker, RoleName
from schemas.errors import InvalidSettings
from schemas.reference import Rules
from sinks.channels.alertmanager import Alertmanager
from sinks.channels.port import Channel
from sinks.channels.slack import Slack
from sinks.channels.webhook import Webhook
from sinks.clickhouse.settings import ClickHouseSettings
from sinks.erp.port import Erp
from sinks.erp.tryton import Tryton, TrytonSettings
from streams.settings import BatchSettings, BrokerSettings

ROLES = {
    "all": frozenset({"intake", "inventory", "archive", "budgets"}),
    "intake": frozenset({"intake"}),
    "inventory": frozenset({"inventory"}),
    "archive": frozenset({"archive"}),
    "budgets": frozenset({"budgets"}),
    "erp": frozenset({"erp"}),
    "alerts": frozenset({"alerts"}),
}


def broker_of(settings: Settings) -> BrokerSettings:
    """How to reach the broker; raises ``InvalidSettings`` for ``embedded``, which only demo and replay start."""
    if settings.broker.embedded:
        raise InvalidSettings(
            "broker.address is 'embedded': that broker lives inside `restockd demo` and `restockd replay` only. "
            "Start one with `restockd kafka start` and set RESTOCKD_BROKER__ADDRESS to its address"
        )
    return broker_settings(settings.broker)


def broker_settings(broker: Broker) -> BrokerSettings:
    """How to reach the Kafka of the settings."""
    return BrokerSettings(
        broker.address,
        broker.topic_prefix,
        broker.client_options(),
        broker.embedded_identity,
        broker.session_timeout_seconds,
    )


def clickhouse_of(settings: Settings) -> ClickHouseSettings:
    """How to reach ClickHouse; raises ``InvalidSettings`` for ``embedded``, which only demo and replay start."""
    if settings.clickhouse.embedded:
        raise InvalidSettings(
            "clickhouse.address is 'embedded': a worker archives into a server, and the embedded engine is started by "
            "`restockd demo` and `restockd replay` for their own. Start one with `restockd clickhouse start` and set "
            "RESTOCKD_CLICKHOUSE__ADDRESS to its address, or name a server of yours (http://host:port)"
        )
    return server_settings(settings.clickhouse)


def worker_of(settings: Settings, role: RoleName | None = None) -> WorkerSettings:
    """What one worker process of this role, or of the configured one, does."""
    worker, roles = settings.worker, roles_of(settings, role or settings.worker.role)
    return WorkerSettings(
        broker_of(settings),
        clickhouse_of(settings) if "archive" in roles else ClickHouseSettings(),
        roles,
        BatchSettings(worker.batch_max_records, worker.batch_max_bytes, worker.max_wait_ms),
        worker.checkpoint_seconds,
        worker.checkpoint_records,
        settings.rules.future_tolerance_seconds,
        worker.stuck_seconds,
        erp_of(settings),
        pace_of(settings),
        channels_of(settings),
        wanted_of(settings),
        rhythm_of(settings),
        log_folder=log_folder(settings) if settings.broker.embedded_identity else None,
    )


def log_folder(settings: Settings) -> Path:
    """Where the log of an embedded broker is kept, so that decisions can be followed after it has ended."""
    return settings.worker.data_dir / "log"


def roles_of(settings: Settings, role: RoleName) -> frozenset[str]:
    """What a worker of a role does: ``all`` is also what the settings name a receiver for."""
    given = {"erp": settings.erp.kind != "none", "alerts": bool(settings.alerts.channels)}
    return ROLES[role] | (frozenset(name for name, there in given.items() if there) if role == "all" else frozenset())


def erp_of(settings: Settings) -> Callable[[], Erp] | None:
    """Makes the connection to the configured ERP, inside the event loop that will use it."""
    erp = settings.erp
    if erp.kind == "none":
        return None
    tryton = TrytonSettings(erp.address, erp.database, erp.user, _plain(erp.password), erp.timeout_seconds)
    return lambda: Tryton(tryton)


def pace_of(settings: Settings) -> ErpPace:
    """How the ERP is asked. Goods are told again only as long as the fold certainly remembers them."""
    remembered_days = int(settings.rules.deduplication_days)
    return ErpPace(
        settings.erp.poll_seconds,
        lookback_days=settings.erp.lookback_days,
        retold_days=max(0, min(ErpPace.retold_days, remembered_days - 1)),
        goods=settings.erp.goods,
    )


def channels_of(settings: Settings) -> tuple[Callable[[], Channel], ...]:
    """Makes each configured channel, inside the event loop that will use it."""
    alerts = settings.alerts
    made: dict[str, Callable[[], Channel]] = {
        "alertmanager": lambda: Alertmanager(
            alerts.alertmanager_url, timedelta(minutes=alerts.firing_minutes), alerts.timeout_seconds
        ),
        "webhook": lambda: Webhook(alerts.webhook_url, _plain(alerts.webhook_secret), alerts.timeout_seconds),
        "slack": lambda: Slack(_plain(alerts.slack_url), alerts.timeout_seconds),
    }
    return tuple(made[name] for name in alerts.channels)


def wanted_of(settings: Settings) -> Wanted:
    """Which alerts go out."""
    alerts = settings.alerts
    locations = frozenset(filter(None, (name.strip() for name in alerts.locations.split(","))))
    return Wanted(alerts.least_severity, locations, alerts.messages_per_minute)


def rhythm_of(settings: Settings) -> Rhythm:
    """When budgets are shared."""
    releases = settings.releases
    at = None if releases.at == AT_ONCE else time.fromisoformat(releases.at)
    return Rhythm(at, releases.timezone, releases.gather_seconds)


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def rules_of(settings: Settings) -> Rules:
    """The rules as a reference record; the version names its content, so that equal rules are one version."""
    values = {name: value for name, value in settings.rules.values().items() if name != "future_tolerance_seconds"}
    digest = hashlib.blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=4).hexdigest()
    return Rules(version=f"{settings.rules.version}-{digest}", effective_at=datetime.now(UTC), values=values)

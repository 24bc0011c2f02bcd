"""What ``restockd doctor`` checks. Each check has a deadline and says what to do."""

import asyncio
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from restockd import kafka_jars
from restockd.configuration import Settings
from restockd.shadow_rules import WAITING_ADVICE
from restockd.topic_plan import TopicFinding
from schemas.errors import InvalidSettings, RestockdError

if TYPE_CHECKING:
    from schemas.references import References

Outcome = Literal["ok", "warn", "fail"]

SECONDS = 5.0
LEAST_FREE_GB = 1
COMFORTABLE_FREE_GB = 5
TOLERATED_SKEW_SECONDS = 2.0
MOST_NAMED = 5


@dataclass(frozen=True)
class Check:
    """One thing looked at: how it is, what was found, and what to do if it is not well."""

    name: str
    outcome: Outcome
    found: str
    advice: str = ""


def run(settings: Settings) -> Iterator[Check]:
    """Every check, one after the other; what a failed one makes pointless is left out."""
    yield python()
    yield packages()
    yield disk(settings.worker.data_dir)
    yield local_kafka()
    yield from kafka(settings)
    yield from clickhouse(settings)
    yield worker(settings)
    yield from erp(settings)
    yield from receivers(settings)
    yield from shadow(settings)


def python() -> Check:
    return Check("python", "ok", ".".join(map(str, sys.version_info[:3])))


def packages() -> Check:
    """The packages with compiled parts, which break first where they do not fit the machine."""
    names = ("faust-streaming", "aiokafka", "confluent-kafka", "clickhouse-connect", "chdb", "river")
    try:
        found = ", ".join(f"{name} {version(name)}" for name in names)
    except PackageNotFoundError as error:
        return Check("packages", "fail", f"{error.name} is not installed", "Run `make setup`.")
    return Check("packages", "ok", found)


def disk(place: Path) -> Check:
    existing = next(parent for parent in (place, *place.absolute().parents) if parent.exists())
    free_gb = shutil.disk_usage(existing).free / 1e9
    found = f"{free_gb:.1f} GB free for {place}"
    if free_gb < LEAST_FREE_GB:
        return Check("disk", "fail", found, "Make room, or set worker.data_dir to another place.")
    if free_gb < COMFORTABLE_FREE_GB:
        return Check("disk", "warn", found, "Make room soon.")
    return Check("disk", "ok", found)


def local_kafka() -> Check:
    tool = kafka_jars.missing_tool()
    if tool is None:
        return Check("local Kafka", "ok", "Java and Kafka's jars (or Maven to fetch them) are there")
    return Check("local Kafka", "warn", f"{tool} is not installed", f"{kafka_jars.ADVICE[tool]} Or use another Kafka.")


def kafka(settings: Settings) -> Iterator[Check]:
    """The broker, its topics, and its clock by the newest stamp it gave."""
    from restockd.topic_admin import TopicAdmin

    if settings.broker.embedded:
        yield Check("broker", "ok", "embedded: in memory, for one worker, gone when it ends")
        return
    try:
        admin = TopicAdmin(settings, SECONDS)
        yield Check("broker", "ok", f"{admin.brokers()} at {settings.broker.address}")
        findings = admin.look()
        yield topic_state(findings)
        if all(finding.status != "missing" for finding in findings):
            yield broker_clock(admin.newest_stamp_ms(), time.time() * 1_000)
            yield reference_data(_references(settings))
    except RestockdError as error:
        yield _failed("broker", error, "Start it (`restockd kafka start`) or correct broker.address.")


def topic_state(findings: list[TopicFinding]) -> Check:
    missing = [finding.wanted.name for finding in findings if finding.status == "missing"]
    differing = [finding for finding in findings if finding.differences]
    if missing:
        found = f"{len(missing)} missing: {', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}"
        return Check("topics", "fail", found, "Run `restockd topics ensure`.")
    if differing:
        found = "; ".join(f"{finding.wanted.name} {', '.join(finding.differences)}" for finding in differing[:3])
        return Check("topics", "warn", found, "restockd never changes a topic that exists; change it or the settings.")
    return Check("topics", "ok", "all there, as they should be")


def broker_clock(newest_ms: float | None, now_ms: float) -> Check:
    """A stamp in our future proves that the clocks differ; one in the past proves nothing."""
    if newest_ms is None:
        return Check("broker clock", "ok", "nothing appended yet")
    ahead = (newest_ms - now_ms) / 1_000
    if ahead > TOLERATED_SKEW_SECONDS:
        return Check("broker clock", "fail", f"{ahead:.1f} s ahead of this machine", "Synchronise the clocks (NTP).")
    stamp = datetime.fromtimestamp(newest_ms / 1_000, UTC).isoformat(timespec="seconds")
    return Check("broker clock", "ok", f"newest record appended at {stamp}")


def _references(settings: Settings) -> "References":
    from restockd import wiring
    from restockd.sending import known_references
    from streams.cluster import Cluster

    broker = wiring.broker_settings(settings.broker)
    return known_references(broker, Cluster(broker, SECONDS))


def reference_data(references: "References") -> Check:
    """Names in reference data that none of it explains: it may come in any order, but should be there by now."""
    unknown = [str(reference) for reference in references.unknown()]
    if not unknown:
        return Check("reference data", "ok", "every location, supplier and item that is named is known")
    more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
    advice = "Send what is missing, or the record again as it should be; an empty value under its key retires it."
    return Check("reference data", "warn", "; ".join(unknown[:MOST_NAMED]) + more, advice)


def clickhouse(settings: Settings) -> Iterator[Check]:
    """ClickHouse, its tables and its clock."""
    from restockd import archive

    if settings.clickhouse.embedded and archive.running_embedded(settings) is None:
        yield Check("ClickHouse", "ok", f"embedded, not running now; data in {archive.folder(settings)}")
        return
    try:
        with archive.database(settings) as database:
            before = time.time()
            rows = database.rows("SELECT version() AS version, toUnixTimestamp64Milli(now64(3)) AS now_ms")
            between = (before + time.time()) / 2
            yield Check("ClickHouse", "ok", f"{rows[0]['version']} at {database.settings.url}")
            yield clickhouse_clock(rows[0]["now_ms"] / 1_000 - between)
            yield _migrations(database.rows)
    except RestockdError as error:
        yield _failed("ClickHouse", error, "Correct clickhouse.address, its user or its password.")


def clickhouse_clock(ahead: float) -> Check:
    found = f"{abs(ahead):.2f} s {'ahead of' if ahead > 0 else 'behind'} this machine"
    if abs(ahead) > TOLERATED_SKEW_SECONDS:
        return Check("ClickHouse clock", "fail", found, "Synchronise the clocks (NTP).")
    return Check("ClickHouse clock", "ok", found)


def _migrations(rows: Callable[[str], list[dict[str, Any]]]) -> Check:
    from sinks.clickhouse.migrate import migrations

    there = rows("EXISTS TABLE schema_migrations")[0]["result"]
    applied = {row["number"] for row in rows("SELECT number FROM schema_migrations")} if there else set()
    missing = [migration.label for migration in migrations() if migration.number not in applied]
    if missing:
        return Check(
            "migrations", "warn", f"not applied: {', '.join(missing)}", "A worker applies them when it starts."
        )
    return Check("migrations", "ok", f"{len(applied)} applied")


def worker(settings: Settings) -> Check:
    """Whether `restockd worker` would start with these settings."""
    from restockd import wiring

    if settings.broker.embedded:
        return Check("worker", "ok", "`restockd demo` and `restockd replay` start their own; the broker is in memory")
    try:
        roles = wiring.worker_of(settings).roles
    except InvalidSettings as error:
        found, _, advice = str(error).partition(". ")
        return Check("worker", "fail", f"`restockd worker` would refuse: {found}", advice)
    return Check("worker", "ok", f"would do {', '.join(sorted(roles))}")


def erp(settings: Settings) -> Iterator[Check]:
    """The ERP of the settings, if there is one."""
    from restockd import wiring

    make = wiring.erp_of(settings)
    if make is None:
        return

    async def ask() -> str:
        asked = make()
        try:
            return f"{asked.component}: {await asked.check()}"
        finally:
            await asked.close()

    try:
        yield Check("ERP", "ok", asyncio.run(ask()))
    except RestockdError as error:
        yield _failed("ERP", error, "Correct erp.address, erp.database, erp.user or erp.password.")


def receivers(settings: Settings) -> Iterator[Check]:
    """Whether something listens where alerts go; `restockd alerts test` sends it one."""
    alerts = settings.alerts
    slack = alerts.slack_url.get_secret_value() if alerts.slack_url else ""
    for name, url in {"alertmanager": alerts.alertmanager_url, "webhook": alerts.webhook_url, "slack": slack}.items():
        if url:
            yield _listening(f"alerts: {name}", f"alerts.{name}_url", url)


def shadow(settings: Settings) -> Iterator[Check]:
    """Whether settings of the shadow wait for a policy."""
    if settings.rules.shadow_waits:
        yield Check("shadow", "warn", settings.rules.shadow_waits, WAITING_ADVICE)


def _listening(name: str, setting: str, url: str) -> Check:
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    shown = f"{address[0]}:{address[1]}"
    try:
        socket.create_connection(address, SECONDS).close()
    except OSError as error:
        return Check(name, "fail", f"nothing listens at {shown} ({error})", f"Start the receiver or correct {setting}.")
    return Check(name, "ok", f"something listens at {shown}; `restockd alerts test` sends it an alert")


def _failed(name: str, error: RestockdError, advice: str) -> Check:
    given = getattr(error, "advice", "")
    return Check(name, "fail", str(error).removesuffix(given).strip(), given or advice)

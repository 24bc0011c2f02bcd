"""Every setting, its type, its bounds and its default.

Read once by ``restockd.configuration.load`` and passed down; nothing else looks
at the environment. Secrets are ``SecretStr``, have no default and may be given
as a file (``password_file`` instead of ``password``).
"""

import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from inventory.rules import LEVELS_IN_WORDS, SERVICE_LEVELS, PolicyName, Rounding, ShadowPolicyName, rules_from
from inventory.rules import Rules as DecisionRules
from restockd import paths
from restockd.shadow_rules import meaningless, waiting

EMBEDDED = "embedded"
AT_ONCE = "at_once"
MINIMUM_TOKEN_LENGTH = 16

Port = Annotated[int, Field(ge=0, le=65_535)]
Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        max_length=64,
        description="up to 64 letters, digits and underscores, the first no digit",
    ),
]
Prefix = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=64,
        description="up to 64 letters, digits, dots, underscores and hyphens",
    ),
]
Share = Annotated[float, Field(ge=0.01, le=0.9999)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Levels = Annotated[str, Field(pattern=SERVICE_LEVELS, description=LEVELS_IN_WORDS)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, le=3_650, allow_inf_nan=False)]
RoleName = Literal["all", "intake", "inventory", "archive", "budgets", "erp", "alerts"]
LogLevel = Literal["debug", "info", "warning", "error"]

_HOST_PORT = re.compile(r"^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$")


class Meaningless(ValueError):
    """Settings of a group that change nothing as the others stand: the name of each, and why."""

    def __init__(self, found: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{name} {why}" for name, why in found))
        self.found = found


class Group(BaseModel):
    """A group of settings: complete, unchangeable, and nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    secrets: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return values | {name: _secret(values, name) for name in cls.secrets if values.get(f"{name}_file")}


class Broker(Group):
    """Kafka, or the in-memory broker inside the demo (``embedded``)."""

    secrets = ("sasl_password",)

    address: str = EMBEDDED
    topic_prefix: Prefix = ""
    session_timeout_seconds: Annotated[float, Field(ge=1, le=1_800)] = 10.0
    embedded_identity: str = ""
    security_protocol: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    ssl_ca_file: Path | None = None
    ssl_certificate_file: Path | None = None
    ssl_key_file: Path | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    sasl_password_file: Path | None = None

    @field_validator("address")
    @classmethod
    def _known_address(cls, value: str) -> str:
        hosts = value.split(",")
        if value != EMBEDDED and not all(_is_host_port(host) for host in hosts):
            raise ValueError(f"allowed: {EMBEDDED!r} or host:port[,host:port...]")
        return value

    @model_validator(mode="after")
    def _credentials_fit(self) -> Self:
        if self.security_protocol.startswith("sasl") and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"security_protocol {self.security_protocol} needs sasl_username and sasl_password")
        if bool(self.ssl_certificate_file) != bool(self.ssl_key_file):
            raise ValueError("ssl_certificate_file and ssl_key_file go together")
        return self

    @property
    def embedded(self) -> bool:
        return self.address == EMBEDDED

    def client_options(self) -> dict[str, str]:
        """librdkafka's security options."""
        options: dict[str, str | Path | None] = {
            "security.protocol": self.security_protocol,
            "ssl.ca.location": self.ssl_ca_file,
            "ssl.certificate.location": self.ssl_certificate_file,
            "ssl.key.location": self.ssl_key_file,
        }
        if self.security_protocol.startswith("sasl"):
            options["sasl.mechanism"] = self.sasl_mechanism
            options["sasl.username"] = self.sasl_username
            options["sasl.password"] = self.sasl_password.get_secret_value() if self.sasl_password else None
        return {name: str(value) for name, value in options.items() if value is not None}


class ClickHouse(Group):
    """ClickHouse, or the engine inside one of our own processes (``embedded``)."""

    secrets = ("password",)

    address: str = EMBEDDED
    user: str = "default"
    password: SecretStr | None = None
    password_file: Path | None = None
    database: Name = "restockd"

    @field_validator("address")
    @classmethod
    def _known_address(cls, value: str) -> str:
        if value != EMBEDDED and not _is_http_url(value):
            raise ValueError(f"allowed: {EMBEDDED!r} or http[s]://host:port, without user or password")
        return value

    @property
    def embedded(self) -> bool:
        return self.address == EMBEDDED


class Worker(Group):
    """One worker process. The metrics port 0 means any free port."""

    role: RoleName = "all"
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9464
    batch_max_records: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    batch_max_bytes: Annotated[int, Field(ge=1_024, le=256 << 20)] = 512 << 10
    max_wait_ms: Annotated[int, Field(ge=1, le=60_000)] = 50
    checkpoint_seconds: Seconds = 5.0
    checkpoint_records: Annotated[int, Field(ge=1)] = 200_000
    stuck_seconds: Annotated[float, Field(ge=5, le=86_400)] = 120.0
    log_level: LogLevel = "info"
    log_format: Literal["auto", "json", "console"] = "auto"
    data_dir: Path = Field(default_factory=paths.data_dir)


class Console(Group):
    """The web page. Without a token it serves this machine only."""

    secrets = ("token",)

    token: SecretStr | None = None
    token_file: Path | None = None
    approvals: Literal["auto", "on", "off"] = "auto"

    @field_validator("token_file")
    @classmethod
    def _was_read(cls, _: Path | None) -> None:
        """What stood in the file is the token now; the processes we start are given the one and not the other."""

    @model_validator(mode="after")
    def _is_long_enough(self) -> Self:
        if self.token and len(self.token.get_secret_value()) < MINIMUM_TOKEN_LENGTH:
            raise ValueError(f"token is shorter than {MINIMUM_TOKEN_LENGTH} characters")
        return self


class Erp(Group):
    """The ERP that gets our orders. ``goods`` passes on the receipts it books: off where they come in another way."""

    secrets = ("password",)

    kind: Literal["none", "tryton"] = "none"
    address: str = ""
    database: str = ""
    user: str = ""
    password: SecretStr | None = None
    password_file: Path | None = None
    goods: bool = True
    poll_seconds: Seconds = 10.0
    lookback_days: Annotated[int, Field(ge=1, le=3_650)] = 180
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.kind == "none":
            return self
        if not _is_base_url(self.address):
            raise ValueError(f"kind {self.kind} needs an address, http[s]://host[:port], without user or password")
        if not (self.database and self.user and self.password):
            raise ValueError(f"kind {self.kind} needs a database, a user and a password (or password_file)")
        return self


class Alerts(Group):
    """Where alerts go: to none, one or several receivers, each at its own pace."""

    secrets = ("webhook_secret", "slack_url")

    alertmanager_url: str = ""
    webhook_url: str = ""
    webhook_secret: SecretStr | None = None
    webhook_secret_file: Path | None = None
    slack_url: SecretStr | None = None
    slack_url_file: Path | None = None
    least_severity: Literal["info", "warning", "error", "critical"] = "info"
    locations: str = ""
    messages_per_minute: Annotated[float, Field(gt=0, le=60_000)] = 30.0
    firing_minutes: Annotated[float, Field(ge=2, le=10_080)] = 60.0
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0

    @field_validator("alertmanager_url", "webhook_url")
    @classmethod
    def _known_url(cls, value: str) -> str:
        if value and not _is_base_url(value):
            raise ValueError("allowed: http[s]://host[:port][/path], without user or password")
        return value

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if self.slack_url and not _is_base_url(self.slack_url.get_secret_value()):
            raise ValueError("slack_url is no http[s]://host[:port]/path")
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("webhook_url needs a webhook_secret (or webhook_secret_file) to sign with")
        return self

    @property
    def channels(self) -> tuple[str, ...]:
        """The receivers that are configured."""
        named = {"alertmanager": self.alertmanager_url, "webhook": self.webhook_url, "slack": self.slack_url}
        return tuple(name for name, value in named.items() if value)


class Releases(Group):
    """When budgets (open-to-buy) are shared among the orders that wait for them.

    Every day ``at`` an hour (``HH:MM``), so that a day's orders compete with each other; ``at_once``: whenever
    orders were gathered for ``gather_seconds``.
    """

    at: Annotated[
        str,
        Field(
            pattern=r"^(([01]\d|2[0-3]):[0-5]\d|at_once)$",
            description="an hour as HH:MM, such as 06:00, or at_once",
        ),
    ] = "06:00"
    timezone: str = "UTC"
    gather_seconds: Annotated[float, Field(ge=0.1, le=3_600)] = 2.0

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("allowed: a name of the IANA time zone database, such as Europe/Paris")
        return value


class Topics(Group):
    """How topics are created; an existing topic is never changed.

    200 partitions is the most: intake notes what it sent to each in the metadata of
    its commit, which Kafka bounds at 4 KiB.
    """

    partitions: Annotated[int, Field(ge=1, le=200)] = 4
    replication: Annotated[int, Field(ge=1, le=32)] = 1


class Rules(Group):
    """What decisions follow; a change travels through the log like any observation."""

    version: Annotated[str, Field(min_length=1, max_length=64)] = "default"
    policy: PolicyName = "periodic_min_max"
    cycle_service_level: Share = 0.95
    demand_half_life_days: Annotated[float, Field(ge=0.01, le=3_650)] = 28.0
    lead_time_days: Days = 7.0
    lead_time_sd_days: Days = 2.0
    review_period_days: Days = 1.0
    order_cover_days: Days = 7.0
    fill_rate: Share = 0.98
    rounding: Rounding = "up"
    carrying_share_per_year: Annotated[float, Field(ge=0, le=1)] = 0.25
    order_cost: Money = 0.0
    leftover_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    deepest_markdown: Annotated[float, Field(ge=0, le=1)] = 0.7
    clearing_probability: Annotated[float, Field(ge=0.5, le=0.9999)] = 0.9
    donor_cover_days: Days = 14.0
    transfer_least_gain: Money = 2.0
    transfer_young_days: Days = 7.0
    transfer_holdout_share: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    transfer_late_days: Days = 1.0
    transfer_lost_days: Days = 14.0
    phantom_probability: Annotated[float, Field(ge=0.01, le=1)] = 0.6
    look_cost: Money = 0.5
    count_cost: Money = 5.0
    count_tasks: Annotated[int, Field(ge=0, le=1_000)] = 3
    shadow_policy: ShadowPolicyName = ""
    shadow_service_level: Share = 0.95
    shadow_order_cover_days: Days = 7.0
    shadow_fill_rate: Share = 0.98
    shadow_promotes: bool = False
    shadow_fill_margin: Annotated[float, Field(ge=0, le=1)] = 0.01
    shadow_service_levels: Levels = ""
    shadow_weeks: Annotated[float, Field(ge=8, le=520)] = 26.0
    learn_lead_times: bool = True
    conformal: bool = True
    keep_firing_hours: Annotated[float, Field(ge=0, le=720)] = 1.0
    stockout_risk_probability: Annotated[float, Field(ge=0.01, le=1)] = 0.5
    stockout_risk_cost: Money = 5.0
    unanswered_hours: Annotated[float, Field(ge=0, le=8_760)] = 48.0
    low_sales_chance: Annotated[float, Field(ge=0, le=0.01)] = 3e-4
    count_memory_hours: Annotated[float, Field(gt=0, le=8_760)] = 72.0
    approval_limit: Money = 1_000.0
    deduplication_days: Annotated[float, Field(ge=0.01, le=365)] = 7.0
    future_tolerance_seconds: Annotated[float, Field(ge=0, le=86_400)] = 300.0

    @field_validator("shadow_service_levels", mode="before")
    @classmethod
    def _without_blanks(cls, value: Any) -> Any:
        return ",".join(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _all_mean_something(self) -> Self:
        found = tuple(meaningless(self._told()))
        if found:
            raise Meaningless(found)
        return self

    @property
    def shadow_waits(self) -> str:
        """Which settings of the shadow wait for what, in words; empty where none does."""
        switch, names = waiting(self._told())
        listed = ", ".join(f"rules.{name}" for name in names)
        return f"{listed} {'waits' if len(names) == 1 else 'wait'} for rules.{switch}" if names else ""

    def values(self) -> dict[str, float | str | bool]:
        """Every rule but the version, as ``schemas.reference.Rules`` carries them; what waits is as by default."""
        _, names = waiting(self._told())
        return self._all() | {name: type(self).model_fields[name].default for name in names}

    def _told(self) -> DecisionRules:
        return rules_from(self.version, self._all())

    def _all(self) -> dict[str, float | str | bool]:
        return self.model_dump(exclude={"version"})


def _secret(values: dict[str, Any], name: str) -> str:
    file = Path(str(values[f"{name}_file"]))
    if values.get(name):
        raise ValueError(f"{name} and {name}_file are both set; use one")
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{name}_file {file} cannot be read: {getattr(error, 'strerror', None) or 'not text'}"
        ) from None
    if not text:
        raise ValueError(f"{name}_file {file} is empty")
    return text


def _is_host_port(text: str) -> bool:
    match = _HOST_PORT.match(text)
    return match is not None and 0 < int(match.group(1)) <= 65_535


def _is_http_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port is not None and "@" not in url.netloc
    except ValueError:
        return False


def _is_base_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and "@" not in url.netloc and url.port != 0
    except ValueError:
        return False

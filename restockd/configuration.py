"""Reading the settings: environment, ``.env``, ``restockd.toml``, defaults; the first that has a value wins.

A setting that cannot be used raises ``InvalidSettings`` naming it, its value
(masked if secret), where it came from and what is allowed.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from restockd.settings import (
    Alerts,
    Broker,
    ClickHouse,
    Console,
    Erp,
    Group,
    Meaningless,
    Releases,
    Rules,
    Topics,
    Worker,
)
from schemas.accepted import accepted, choices
from schemas.errors import InvalidSettings

PREFIX = "RESTOCKD_"
CONFIG_FILE_VARIABLE = "RESTOCKD_CONFIG_FILE"
DEFAULT_FILE = Path("restockd.toml")
ENV_FILE = Path(".env")
MASK = "********"
SECRET_WORDS = ("password", "token", "secret", "slack_url")
DEFAULT = "default"
ENVIRONMENT = "the environment"
COMMAND_LINE = "the command line"


class Settings(BaseSettings):
    """Everything that can be set. ``Settings()`` alone is the defaults; ``load`` reads the sources."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    broker: Broker = Broker()
    clickhouse: ClickHouse = ClickHouse()
    worker: Worker = Worker()
    console: Console = Console()
    erp: Erp = Erp()
    alerts: Alerts = Alerts()
    releases: Releases = Releases()
    topics: Topics = Topics()
    rules: Rules = Rules()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


GROUPS: Mapping[str, type[Group]] = {
    "broker": Broker,
    "clickhouse": ClickHouse,
    "worker": Worker,
    "console": Console,
    "erp": Erp,
    "alerts": Alerts,
    "releases": Releases,
    "topics": Topics,
    "rules": Rules,
}


@dataclass(frozen=True)
class Setting:
    """One setting as it came out; ``shown`` is its value, masked if secret."""

    name: str
    shown: Any
    origin: str


@dataclass(frozen=True)
class Configuration:
    """The settings in force and where each came from."""

    settings: Settings
    origins: Mapping[str, str]

    def explained(self) -> Iterator[Setting]:
        """Every setting, in the order of the groups."""
        for group, model in GROUPS.items():
            values = getattr(self.settings, group)
            for field in model.model_fields:
                name = f"{group}.{field}"
                yield Setting(name, _shown(getattr(values, field)), self._origin(group, field))

    def _origin(self, group: str, field: str) -> str:
        by_file = self.origins.get(f"{group}.{field}_file")
        return self.origins.get(f"{group}.{field}") or by_file or DEFAULT


def load(config_file: Path | None = None, given: Mapping[str, Mapping[str, Any]] | None = None) -> Configuration:
    """Read all sources once; ``given`` (from the command line) goes over them.

    A config file that is named must exist; ``restockd.toml`` and ``.env`` need not.
    """
    dotenv = {name: value for name, value in dotenv_values(ENV_FILE, encoding="utf-8").items() if value is not None}
    _refuse_unknown(dotenv, str(ENV_FILE))
    _refuse_unknown(os.environ, ENVIRONMENT)
    file = _config_file(config_file, os.environ.get(CONFIG_FILE_VARIABLE) or dotenv.get(CONFIG_FILE_VARIABLE, ""))
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, values in _sources(file):
        _merge(merged, origins, values, origin)
    _merge(merged, origins, given or {}, COMMAND_LINE)
    try:
        return Configuration(Settings(**merged), origins)
    except ValidationError as error:
        lines = (line for detail in error.errors() for line in _explain(detail, origins))
        raise InvalidSettings("\n".join(lines)) from None


def _sources(file: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The values of each source, weakest first."""
    try:
        if file is not None:
            yield str(file), TomlConfigSettingsSource(Settings, toml_file=file)()
        yield str(ENV_FILE), DotEnvSettingsSource(Settings, env_file=ENV_FILE, dotenv_filtering="only_existing")()
        yield ENVIRONMENT, EnvSettingsSource(Settings)()
    except (SettingsError, ValueError, OSError) as error:
        where = f"{file}: " if file is not None and not isinstance(error, SettingsError) else ""
        raise InvalidSettings(f"{where}{error}") from None


def _merge(merged: dict[str, Any], origins: dict[str, str], values: Mapping[str, Any], origin: str) -> None:
    for group, fields in values.items():
        if not isinstance(fields, Mapping):
            merged[group], origins[group] = fields, origin
            continue
        mine = merged.setdefault(group, {})
        for field, value in fields.items():
            mine[field], origins[f"{group}.{field}"] = value, _precise(origin, group, field)
            other = _other_form(field)
            if other in mine and other not in fields:
                del mine[other], origins[f"{group}.{other}"]


def _other_form(field: str) -> str:
    """A secret given by a stronger source replaces the same secret given as a file by a weaker one, and the reverse."""
    return field.removesuffix("_file") if field.endswith("_file") else f"{field}_file"


def _precise(origin: str, group: str, field: str) -> str:
    if origin in (str(ENV_FILE), ENVIRONMENT):
        return f"{origin} {variable(f'{group}.{field}')}"
    return origin


def variable(name: str) -> str:
    """The environment variable of a setting: ``broker.address`` is ``RESTOCKD_BROKER__ADDRESS``."""
    return PREFIX + name.replace(".", "__").upper()


def known() -> list[str]:
    """The name of every setting."""
    return [f"{group}.{field}" for group, model in GROUPS.items() for field in model.model_fields]


def _config_file(named: Path | None, by_variable: str) -> Path | None:
    file = named or (Path(by_variable) if by_variable else None)
    if file is None:
        return DEFAULT_FILE if DEFAULT_FILE.is_file() else None
    if not file.is_file():
        raise InvalidSettings(f"the settings file {file} does not exist")
    return file


def _refuse_unknown(variables: Mapping[str, str], origin: str) -> None:
    allowed = [CONFIG_FILE_VARIABLE, *map(variable, known())]
    for name in sorted(variables):
        if name.upper().startswith(PREFIX) and name.upper() not in allowed:
            raise InvalidSettings(f"unknown setting {name} in {origin}{_nearest(name.upper(), allowed)}")


def _nearest(name: str, allowed: list[str]) -> str:
    close = get_close_matches(name, allowed, n=1, cutoff=0.8)
    return f"; did you mean {close[0]}?" if close else "; `restockd config show` lists every setting"


def _explain(detail: ErrorDetails, origins: Mapping[str, str]) -> Iterator[str]:
    name = ".".join(str(part) for part in detail["loc"][:2])
    error = detail.get("ctx", {}).get("error")
    if detail["type"] == "extra_forbidden":
        yield f"unknown setting {name}{_told_by(name, origins)}{_nearest(name, known())}"
    elif isinstance(error, Meaningless):
        for field, why in error.found:
            yield _refusal(f"{name}.{field}", detail["input"].get(field), origins, why)
    elif name in GROUPS:
        yield f"{name}: {_problem(name, detail)}"
    else:
        yield _refusal(name, detail["input"], origins, _problem(name, detail))


def _refusal(name: str, value: Any, origins: Mapping[str, str], why: str) -> str:
    return f"{name} = {_shown_input(name, value)}{_told_by(name, origins)}: {why}"


def _told_by(name: str, origins: Mapping[str, str]) -> str:
    return f" (from {origins[name]})" if name in origins else ""


def _problem(name: str, detail: ErrorDetails) -> str:
    """Our own words of what is wrong, or what is allowed, and the choice that was probably meant."""
    if detail["type"] == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    group, _, field = name.partition(".")
    schema = GROUPS[group].model_json_schema()["properties"][field] if field else {}
    close = get_close_matches(str(detail["input"]), choices(schema), n=1, cutoff=0.5)
    return f"allowed: {accepted(schema)}" + (f"; did you mean {close[0]}?" if close else "")


def _shown_input(name: str, value: Any) -> str:
    if isinstance(value, SecretStr) or any(word in name for word in SECRET_WORDS):
        return MASK
    return re.sub(r"://[^/]*@", f"://{MASK}@", repr(value))


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return MASK
    return str(value) if isinstance(value, Path) else value

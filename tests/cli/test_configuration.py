import doctest
import json
import re
from pathlib import Path

import pytest

from inventory.rules import rules_from
from restockd.configuration import GROUPS, MASK, Settings, known, load, variable
from restockd.settings import Broker, Rules
from restockd.wiring import rules_of
from schemas import accepted
from schemas.errors import InvalidSettings

pytestmark = pytest.mark.usefixtures("place")


def _set(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"RESTOCKD_{name}", value)


def test_without_any_source_everything_has_its_default_and_is_embedded() -> None:
    configuration = load()
    assert configuration.settings == Settings()
    assert configuration.settings.broker.embedded
    assert configuration.settings.clickhouse.embedded
    assert {setting.origin for setting in configuration.explained()} == {"default"}


def test_stronger_sources_win_and_each_value_knows_its_own(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "restockd.toml").write_text(
        '[broker]\naddress = "file:1"\ntopic_prefix = "file."\n[worker]\nmax_wait_ms = 7\n[topics]\npartitions = 2\n'
    )
    (place / ".env").write_text(
        "COMPOSE_PROJECT_NAME=x\nRESTOCKD_BROKER__ADDRESS=dotenv:2\nRESTOCKD_WORKER__MAX_WAIT_MS=8\n"
    )
    _set(monkeypatch, BROKER__ADDRESS="environment:3", TOPICS__PARTITIONS="")
    configuration = load(given={"rules": {"cycle_service_level": 0.9}})
    found = {setting.name: (setting.shown, setting.origin) for setting in configuration.explained()}
    assert found["broker.address"] == ("environment:3", "the environment RESTOCKD_BROKER__ADDRESS")
    assert found["broker.topic_prefix"] == ("file.", "restockd.toml")
    assert found["worker.max_wait_ms"] == (8, ".env RESTOCKD_WORKER__MAX_WAIT_MS")
    assert found["topics.partitions"] == (2, "restockd.toml")
    assert found["rules.cycle_service_level"] == (0.9, "the command line")
    assert found["topics.replication"] == (1, "default")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BROKER__ADRESS", "k:1", ["RESTOCKD_BROKER__ADRESS", "did you mean RESTOCKD_BROKER__ADDRESS?"]),
        ("NONSENSE", "1", ["unknown setting RESTOCKD_NONSENSE in the environment", "config show"]),
        ("BROKER", '{"address": "k:1"}', ["unknown setting RESTOCKD_BROKER "]),
        ("BROKER__ADDRESS", "localhost", ["broker.address = 'localhost'", "'embedded' or host:port"]),
        ("BROKER__ADDRESS", "k:99999", ["broker.address = 'k:99999'"]),
        ("BROKER__SECURITY_PROTOCOL", "tls", ["broker.security_protocol = 'tls'", "'plaintext', 'ssl'"]),
        ("BROKER__SECURITY_PROTOCOL", "sasl_ssl", ["needs sasl_username and sasl_password"]),
        ("BROKER__SSL_KEY_FILE", "/key", ["ssl_certificate_file and ssl_key_file go together"]),
        (
            "WORKER__BATCH_MAX_RECORDS",
            "0",
            ["worker.batch_max_records = '0'", "at least 1 and at most 1000000"],
        ),
        ("WORKER__BATCH_MAX_RECORDS", "many", ["worker.batch_max_records = 'many'", "allowed: a whole number"]),
        ("WORKER__METRICS_PORT", "70000", ["at most 65535"]),
        ("RULES__CYCLE_SERVICE_LEVEL", "1", ["rules.cycle_service_level = '1'", "at most 0.9999"]),
        ("RULES__LEAD_TIME_DAYS", "nan", ["rules.lead_time_days = 'nan'", "a number, at least 0 and at most 3650"]),
        ("RULES__ORDER_COST", "inf", ["rules.order_cost = 'inf'", "a number, at least 0"]),
        ("RULES__CONFORMAL", "perhaps", ["rules.conformal = 'perhaps'", "allowed: true or false"]),
        ("RULES__SHADOW_POLICY", "quantil", ["rules.shadow_policy = 'quantil'", "did you mean quantile_base_stock?"]),
        ("RULES__SHADOW_SERVICE_LEVELS", "0.9;1.2", ["'0.9;1.2'", "numbers from 0.01 to 0.9999 by commas"]),
        ("RULES__VERSION", "v" * 65, ["rules.version", "at most 64 characters"]),
        ("RELEASES__AT", "6:00", ["releases.at = '6:00'", "an hour as HH:MM"]),
        ("BROKER__TOPIC_PREFIX", "a b", ["broker.topic_prefix = 'a b'", "letters, digits"]),
        ("RULES__TRANSFER_HOLDOUT_SHARE", "0.6", ["rules.transfer_holdout_share = '0.6'", "at most 0.5"]),
        ("CLICKHOUSE__ADDRESS", "clickhouse:8123", ["clickhouse.address", "http[s]://host:port"]),
        ("CLICKHOUSE__DATABASE", "a; drop", ["clickhouse.database"]),
        ("CLICKHOUSE__PASSWORD_FILE", "/does/not/exist", ["password_file /does/not/exist cannot be read"]),
    ],
)
def test_a_wrong_setting_stops_at_start_and_names_itself(
    name: str, value: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, **{name: value})
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("value", ["", "\0", "-1", "1e999", "not at all", [], {}, None, True])
def test_no_refusal_shows_how_settings_are_checked(name: str, value: object) -> None:
    """Whatever stands there is taken, or refused by name with what is allowed: no pattern, no type of the library."""
    group, _, field = name.partition(".")
    refused = _refusal(group, field, value)
    if refused:
        assert all(line.startswith(group) for line in refused.splitlines())
        assert field in refused
        assert not re.search(r"Input should|String should|literal\[|\^|pydantic|\\d", refused), refused


def _refusal(group: str, field: str, value: object) -> str:
    try:
        load(given={group: {field: value}})
    except InvalidSettings as refused:
        return str(refused)
    return ""


SHADOW = {"shadow_policy": "quantile_base_stock"}
PROMOTED = SHADOW | {"shadow_promotes": True}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (SHADOW | {"shadow_fill_rate": 0.9}, ["shadow_fill_rate = 0.9", "takes rules.shadow_service_level"]),
        (SHADOW | {"shadow_order_cover_days": 3}, ["shadow_order_cover_days = 3", "the policy quantile_base_stock"]),
        (
            {"shadow_policy": "fill_rate_base_stock", "shadow_service_level": 0.9},
            ["shadow_service_level = 0.9", "takes rules.shadow_fill_rate"],
        ),
        ({"shadow_policy": "periodic_min_max"}, ["rules.shadow_policy = 'periodic_min_max'", "or leave it empty"]),
        (
            {"policy": "min_max", "shadow_policy": "min_max", "shadow_service_level": 0.9, "shadow_promotes": True}
            | {"shadow_service_levels": "0.98,0.95"},
            ["rules.shadow_service_levels = '0.98,0.95'", "the policy in force itself"],
        ),
    ],
)
def test_what_means_nothing_is_refused_with_the_reason(rules: dict[str, object], words: list[str]) -> None:
    with pytest.raises(InvalidSettings) as caught:
        load(given={"rules": rules})
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    "rules",
    [
        SHADOW,
        PROMOTED | {"shadow_fill_margin": 0.1},
        PROMOTED | {"shadow_service_levels": "0.9,0.98", "shadow_weeks": 9},
        {"shadow_policy": "periodic_min_max", "shadow_order_cover_days": 3},
        {"shadow_policy": "fill_rate_base_stock", "shadow_fill_rate": 0.9},
    ],
)
def test_what_means_something_is_taken(rules: dict[str, object]) -> None:
    values = load(given={"rules": rules}).settings.rules.values()
    assert {name: values[name] for name in rules} == rules


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        (
            {"shadow_policy": "", "shadow_promotes": True, "shadow_weeks": 9, "shadow_fill_rate": 0.9},
            "rules.shadow_fill_rate, rules.shadow_promotes, rules.shadow_weeks wait for rules.shadow_policy",
        ),
        ({"shadow_service_level": 0.9}, "rules.shadow_service_level waits for rules.shadow_policy"),
        (
            SHADOW | {"shadow_promotes": False, "shadow_service_levels": "0.9", "shadow_weeks": 9},
            "rules.shadow_service_levels, rules.shadow_weeks wait for rules.shadow_promotes",
        ),
        (SHADOW | {"shadow_fill_margin": 0.1}, "rules.shadow_fill_margin waits for rules.shadow_promotes"),
        (PROMOTED | {"shadow_weeks": 9}, "rules.shadow_weeks waits for rules.shadow_service_levels"),
    ],
)
def test_what_is_switched_off_keeps_its_settings_and_decisions_do_not_hear_of_them(
    place: Path, told: dict[str, object], waits: str
) -> None:
    """As it was when it is switched on again; rules that differ only in what waits are one version."""
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items())
    (place / "restockd.toml").write_text(f"[rules]\n{lines}")
    settings = load().settings
    assert {name: getattr(settings.rules, name) for name in told} == told
    assert settings.rules.shadow_waits == waits
    heard = settings.rules.values()
    waiting = [name.removeprefix("rules.") for name in re.findall(r"rules\.\w+", waits)][:-1]
    assert {name: heard[name] for name in waiting} == {name: Rules().values()[name] for name in waiting}
    without = load(given={"rules": {name: Rules().values()[name] for name in waiting}}).settings
    assert rules_of(without).version == rules_of(settings).version


def test_what_waits_contradicts_nothing() -> None:
    """Beside a policy that takes no fill rate it would be refused, and challengers that are in force already too."""
    assert _refusal("rules", "shadow_fill_rate", 0.9) == ""
    held = {"policy": "min_max", "shadow_policy": "min_max", "shadow_service_level": 0.9}
    assert load(given={"rules": held | {"shadow_service_levels": "0.95"}}).settings.rules.shadow_waits != ""


@pytest.mark.parametrize("rules", [{}, SHADOW, PROMOTED, {"policy": "min_max"}])
def test_nothing_waits_where_a_policy_is_played_or_nothing_is_set(rules: dict[str, object]) -> None:
    assert load(given={"rules": rules}).settings.rules.shadow_waits == ""


def test_blanks_between_service_levels_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do they make other rules."""
    _set(monkeypatch, RULES__SHADOW_POLICY="min_max", RULES__SHADOW_PROMOTES="true")
    _set(monkeypatch, RULES__SHADOW_SERVICE_LEVELS=" 0.9,  0.98 ")
    assert load().settings.rules.shadow_service_levels == "0.9,0.98"


@pytest.mark.parametrize("name", sorted(set(Rules.model_fields) - {"version", "future_tolerance_seconds"}))
def test_what_settings_take_the_log_takes(name: str) -> None:
    """A rule that cannot be used there is left out of it in silence, so none may be taken here."""
    schema = Rules.model_json_schema()["properties"][name]
    bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    edges = [schema[bound] + (1e-9 if bound.startswith("exclusiveMin") else 0) for bound in bounds if bound in schema]
    for value in edges + schema.get("enum", []):
        assert getattr(rules_from("v", {name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [("CLICKHOUSE__ADDRESS", "http://user:hunter2@ch:8123"), ("BROKER__ADDRESS", "sasl://user:hunter2@k:1")],
)
def test_a_secret_in_a_wrong_value_is_masked(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **{name: value})
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_a_secret_comes_from_a_file_and_is_never_shown(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "secret").write_text("hunter2\n")
    (place / "restockd.toml").write_text('[clickhouse]\npassword = "weaker"\n')
    _set(monkeypatch, CLICKHOUSE__PASSWORD_FILE="secret")
    configuration = load()
    password = configuration.settings.clickhouse.password
    assert password is not None
    assert password.get_secret_value() == "hunter2"
    shown = {setting.name: setting for setting in configuration.explained()}["clickhouse.password"]
    assert (shown.shown, shown.origin) == (MASK, "the environment RESTOCKD_CLICKHOUSE__PASSWORD_FILE")
    assert "hunter2" not in repr(configuration)


def test_a_secret_given_twice_by_one_source_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "secret").write_text("hunter2")
    _set(monkeypatch, CLICKHOUSE__PASSWORD="hunter3", CLICKHOUSE__PASSWORD_FILE="secret")
    with pytest.raises(InvalidSettings, match="both set") as caught:
        load()
    assert "hunter3" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[broker]\nadress = 1", "unknown setting broker.adress \\(from .*\\); did you mean broker.address?"),
        ("[brokers]\naddress = 1", "unknown setting brokers"),
        ("broker = 3", "broker: "),
        ("[broker", "other.toml: "),
    ],
)
def test_a_wrong_file_names_itself_or_the_setting(content: str, words: str, place: Path) -> None:
    (place / "other.toml").write_text(content)
    with pytest.raises(InvalidSettings, match=words):
        load(Path("other.toml"))


def test_an_unknown_setting_in_dotenv_is_refused(place: Path) -> None:
    (place / ".env").write_text("RESTOCKD_BROKER__TOPIC_PREFX=a\n")
    with pytest.raises(InvalidSettings, match=r"RESTOCKD_BROKER__TOPIC_PREFX in \.env; did you mean"):
        load()


def test_a_file_named_but_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, CONFIG_FILE="nowhere.toml")
    with pytest.raises(InvalidSettings, match=r"nowhere\.toml does not exist"):
        load()


def test_every_default_is_valid_and_can_be_set_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in load().explained():
        if setting.shown is not None:
            monkeypatch.setenv(variable(setting.name), str(setting.shown))
    assert load().settings == Settings()


def test_groups_are_the_fields_of_the_settings() -> None:
    assert {name: field.annotation for name, field in Settings.model_fields.items()} == dict(GROUPS)
    assert len(known()) == len(set(known()))


def test_security_becomes_librdkafka_options() -> None:
    broker = Broker.model_validate(
        {"security_protocol": "sasl_ssl", "ssl_ca_file": "/ca", "sasl_username": "u", "sasl_password": "p"}
    )
    assert broker.client_options() == {
        "security.protocol": "sasl_ssl",
        "ssl.ca.location": "/ca",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "u",
        "sasl.password": "p",
    }
    assert Broker().client_options() == {"security.protocol": "plaintext"}


def test_rules_are_numbers_strings_and_switches_ready_for_the_log() -> None:
    values = Rules().values()
    assert values["cycle_service_level"] == 0.95
    assert "version" not in values
    assert json.loads(json.dumps(values)) == values


def test_the_examples_of_what_is_accepted_are_true() -> None:
    ran = doctest.testmod(accepted)
    assert (ran.failed, ran.attempted > 0) == (0, True)

import json
from pathlib import Path

import pytest

from restockd.configuration import GROUPS, MASK, Settings, known, load, variable
from restockd.settings import Broker, Rules
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
        ("WORKER__BATCH_MAX_RECORDS", "0", ["worker.batch_max_records = '0'", "greater than or equal to 1"]),
        ("WORKER__BATCH_MAX_RECORDS", "many", ["worker.batch_max_records = 'many'", "valid integer"]),
        ("WORKER__METRICS_PORT", "70000", ["less than or equal to 65535"]),
        ("RULES__CYCLE_SERVICE_LEVEL", "1", ["rules.cycle_service_level = '1'", "less than 1"]),
        ("RULES__TRANSFER_HOLDOUT_SHARE", "0.6", ["rules.transfer_holdout_share = '0.6'", "less than or equal to 0.5"]),
        ("RULES__LEAD_TIME_DAYS", "nan", ["rules.lead_time_days"]),
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

from importlib.metadata import version

import pytest

from restockd import __version__
from tests.cli.conftest import Run


def test_version(restockd: Run) -> None:
    assert restockd("--version").out == f"restockd {__version__}\n"


def test_the_version_is_that_of_the_installed_package() -> None:
    assert version("restockd") == __version__


def test_help_lists_the_commands(restockd: Run) -> None:
    shown = restockd("--help").out
    assert all(command in shown for command in ("config", "topics", "kafka", "doctor", "sql", "stock", "orders"))


def test_config_show_masks_secrets_and_says_where_values_come_from(restockd: Run) -> None:
    shown = restockd("config", "show", "--json", RESTOCKD_CLICKHOUSE__PASSWORD="hunter2")
    assert shown.code == 0
    assert "hunter2" not in shown.out + shown.err
    assert shown.json["clickhouse.password"] == {
        "value": "********",
        "origin": "the environment RESTOCKD_CLICKHOUSE__PASSWORD",
        "variable": "RESTOCKD_CLICKHOUSE__PASSWORD",
    }
    table = restockd("config", "show", RESTOCKD_CLICKHOUSE__PASSWORD="hunter2").out
    assert "hunter2" not in table
    assert "clickhouse.password" in table


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "words"),
    [
        (["config", "show"], {"RESTOCKD_TOPICS__PARTITIONS": "none"}, 2, "restockd: topics.partitions = 'none'"),
        (["config", "show"], {"RESTOCKD_TYPO": "1"}, 2, "restockd: unknown setting RESTOCKD_TYPO"),
        (["--config", "nowhere.toml", "config", "show"], {}, 2, "restockd: the settings file nowhere.toml"),
        (["topics", "ensure"], {}, 1, "restockd: topics: the embedded broker has none that stay"),
        (["topics", "ensure", "--broker", "nonsense"], {}, 2, "restockd: broker.address = 'nonsense'"),
        (["nonsense"], {}, 2, "No such command"),
    ],
)
def test_an_error_is_one_clear_text_and_a_code(
    arguments: list[str], environment: dict[str, str], code: int, words: str, restockd: Run
) -> None:
    outcome = restockd(*arguments, **environment)
    assert outcome.code == code
    assert words in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""

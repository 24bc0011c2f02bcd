"""The ERP and the receivers of alerts from the command line: checked, tried, named when they are not there."""

import pytest

from tests.channels.conftest import receiver  # noqa: F401 - a fixture
from tests.channels.receiver import Receiver
from tests.cli.conftest import Run

TRYTON = {
    "RESTOCKD_ERP__KIND": "tryton",
    "RESTOCKD_ERP__ADDRESS": "http://127.0.0.1:1",
    "RESTOCKD_ERP__DATABASE": "erp",
    "RESTOCKD_ERP__USER": "restockd",
    "RESTOCKD_ERP__PASSWORD": "connector-pass-1",
}


def _receivers(url: str) -> dict[str, str]:
    return {
        "RESTOCKD_ALERTS__ALERTMANAGER_URL": url,
        "RESTOCKD_ALERTS__WEBHOOK_URL": f"{url}/hook",
        "RESTOCKD_ALERTS__WEBHOOK_SECRET": "a-secret-of-ours",
        "RESTOCKD_ALERTS__SLACK_URL": f"{url}/services/T/B/hidden",
    }


def test_a_trial_reaches_every_receiver(restockd: Run, receiver: Receiver) -> None:  # noqa: F811
    outcome = restockd("alerts", "test", **_receivers(receiver.url))
    assert outcome.code == 0, outcome.err
    assert [message.path for message in receiver.confirmed] == ["/api/v2/alerts", "/hook", "/services/T/B/hidden"]
    assert receiver.confirmed[0].json[0]["labels"]["alertname"] == "trial"
    assert "hidden" not in outcome.out


def test_a_receiver_that_does_not_take_it_is_named(restockd: Run, receiver: Receiver) -> None:  # noqa: F811
    receiver.behave = lambda message: 403 if message.path == "/hook" else "ok"
    outcome = restockd("alerts", "test", **_receivers(receiver.url))
    assert outcome.code == 1
    assert "FAIL  webhook" in outcome.out
    assert "403" in outcome.out
    assert "ok    slack" in outcome.out


def test_a_trial_can_be_read_by_machines(restockd: Run, receiver: Receiver) -> None:  # noqa: F811
    receiver.behave = lambda message: 403 if message.path == "/hook" else "ok"
    outcome = restockd("alerts", "test", "--json", **_receivers(receiver.url))
    assert outcome.code == 1
    assert [(one["channel"], one["taken"]) for one in outcome.json] == [
        ("alertmanager", True),
        ("webhook", False),
        ("slack", True),
    ]


def test_without_receivers_the_settings_are_named(restockd: Run) -> None:
    outcome = restockd("alerts", "test")
    assert (outcome.code, "alerts.slack_url" in outcome.err) == (2, True)


def test_an_erp_that_is_not_there_is_named_with_what_to_do(restockd: Run) -> None:
    outcome = restockd("erp", "check", **TRYTON)
    assert outcome.code == 1
    assert "Tryton at http://127.0.0.1:1" in outcome.err
    assert "Is trytond running" in outcome.err
    assert "connector-pass-1" not in outcome.err
    nothing = restockd("erp", "check")
    assert (nothing.code, "RESTOCKD_ERP__KIND" in nothing.err) == (2, True)


def test_the_doctor_looks_at_both(restockd: Run, receiver: Receiver) -> None:  # noqa: F811
    outcome = restockd("doctor", "--json", **TRYTON, **_receivers(receiver.url))
    found = {check["name"]: check for check in outcome.json["checks"]}
    assert outcome.code == 1
    assert found["ERP"]["outcome"] == "fail"
    assert found["ERP"]["advice"]
    assert found["alerts: slack"]["outcome"] == found["alerts: webhook"]["outcome"] == "ok"
    gone = restockd("doctor", "--json", RESTOCKD_ALERTS__ALERTMANAGER_URL="http://127.0.0.1:1")
    (check,) = [check for check in gone.json["checks"] if check["name"] == "alerts: alertmanager"]
    assert (check["outcome"], "alerts.alertmanager_url" in check["advice"]) == ("fail", True)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"RESTOCKD_ERP__KIND": "tryton"}, "erp: kind tryton needs an address"),
        ({**TRYTON, "RESTOCKD_ERP__PASSWORD": ""}, "erp: kind tryton needs a database, a user and a password"),
        ({**TRYTON, "RESTOCKD_ERP__ADDRESS": "http://me:pw@host"}, "erp: kind tryton needs an address"),
        ({"RESTOCKD_ALERTS__WEBHOOK_URL": "http://host/x"}, "alerts: webhook_url needs a webhook_secret"),
        ({"RESTOCKD_ALERTS__SLACK_URL": "hooks.slack.com/services/x"}, "alerts: slack_url is no http"),
        ({"RESTOCKD_ALERTS__ALERTMANAGER_URL": "host:9093"}, "alerts.alertmanager_url"),
    ],
)
def test_settings_that_cannot_be_used_are_named(restockd: Run, given: dict[str, str], named: str) -> None:
    outcome = restockd("config", "show", **given)
    assert outcome.code == 2
    assert named in outcome.err
    assert "services/x" not in outcome.err


def test_secrets_are_masked(restockd: Run) -> None:
    shown = restockd("config", "show", "--json", **TRYTON, **_receivers("http://127.0.0.1:1"))
    assert shown.code == 0
    for secret in ("connector-pass-1", "a-secret-of-ours", "hidden"):
        assert secret not in shown.out

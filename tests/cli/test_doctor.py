from collections import namedtuple
from pathlib import Path

import pytest

from restockd import checks
from restockd.configuration import Settings
from restockd.settings import Topics
from restockd.topic_plan import TopicFinding, compare, wanted
from schemas import topics
from schemas.reference import Device, Lane, Location
from schemas.references import References
from tests.cli.conftest import Outcome, Run

NOW_MS = 1_700_000_000_000.0


def _by_name(outcome: Outcome) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in outcome.json["checks"]}


def test_an_embedded_installation_is_healthy(restockd: Run) -> None:
    outcome = restockd("doctor", "--json")
    assert outcome.code == 0, outcome.out
    assert outcome.json["healthy"]
    assert {"python", "packages", "disk", "local Kafka", "broker", "ClickHouse"} <= set(_by_name(outcome))


def test_what_is_down_is_named_with_what_to_do(restockd: Run) -> None:
    down = {"RESTOCKD_BROKER__ADDRESS": "127.0.0.1:1", "RESTOCKD_CLICKHOUSE__ADDRESS": "http://127.0.0.1:1"}
    outcome = restockd("doctor", "--json", **down)
    assert outcome.code == 1
    found = _by_name(outcome)
    for name in ("broker", "ClickHouse"):
        assert found[name]["outcome"] == "fail"
        assert "127.0.0.1:1" in found[name]["found"]
        assert found[name]["advice"]
    assert outcome.err == ""


def test_settings_of_a_shadow_that_is_switched_off_are_told(restockd: Run) -> None:
    """By the doctor, and by a worker that starts, before it looks for anything else."""
    waiting = {"RESTOCKD_RULES__SHADOW_PROMOTES": "true", "RESTOCKD_CLICKHOUSE__ADDRESS": "embedded"}
    outcome = restockd("doctor", "--json", **waiting)
    assert outcome.code == 0
    found = _by_name(outcome)["shadow"]
    assert found["outcome"] == "warn"
    assert found["found"] == "rules.shadow_promotes waits for rules.shadow_policy"
    assert found["advice"] == "Set that, or leave the others out."
    started = restockd("worker", RESTOCKD_BROKER__ADDRESS="127.0.0.1:1", **waiting)
    assert f'"event": "{found["found"]}"' in started.err
    assert '"level": "warning"' in started.err
    assert "shadow" not in restockd("worker", RESTOCKD_BROKER__ADDRESS="127.0.0.1:1").err


def test_missing_topics_fail_and_created_ones_are_well(restockd: Run, kafka_address: str) -> None:
    here = {
        "RESTOCKD_BROKER__ADDRESS": kafka_address,
        "RESTOCKD_BROKER__TOPIC_PREFIX": "doctor.",
        "RESTOCKD_WORKER__ROLE": "intake",
    }
    before = restockd("doctor", "--json", **here)
    assert before.code == 1
    assert _by_name(before)["topics"]["advice"] == "Run `restockd topics ensure`."
    restockd("topics", "ensure", **here)
    after = restockd("doctor", "--json", **here)
    assert after.code == 0
    assert _by_name(after)["topics"]["outcome"] == "ok"
    assert _by_name(after)["broker clock"]["found"] == "nothing appended yet"
    assert _by_name(after)["reference data"]["outcome"] == "ok"
    assert "ok    topics" in restockd("doctor", **here).out


def test_settings_that_a_worker_would_refuse_are_named(restockd: Run) -> None:
    outcome = restockd("doctor", "--json", RESTOCKD_BROKER__ADDRESS="127.0.0.1:1")
    found = _by_name(outcome)["worker"]
    assert (outcome.code, found["outcome"]) == (1, "fail")
    assert "would refuse: clickhouse.address is 'embedded'" in found["found"]
    assert "restockd clickhouse start" in found["advice"]


def test_settings_that_a_worker_takes_are_well(restockd: Run) -> None:
    given = {"RESTOCKD_BROKER__ADDRESS": "127.0.0.1:1", "RESTOCKD_CLICKHOUSE__ADDRESS": "http://127.0.0.1:1"}
    assert _by_name(restockd("doctor", "--json", **given))["worker"]["outcome"] == "ok"


def test_names_that_no_reference_data_explain_are_a_warning() -> None:
    references = References()
    assert checks.reference_data(references).outcome == "ok"
    references.add(Location(location="ALPHA"))
    references.add(Lane(origin="ALPAH", destination="ALPHA"))
    found = checks.reference_data(references)
    assert (found.outcome, found.found) == (
        "warn",
        "lane ALPAH|ALPHA: origin 'ALPAH' is not known; did you mean ALPHA?",
    )
    for number in range(7):
        references.add(Device(device=f"r{number}", kind="reader", location="NONE"))
    assert checks.reference_data(references).found.endswith(" and 3 more")


@pytest.mark.parametrize(("free_gb", "outcome"), [(0.5, "fail"), (3, "warn"), (50, "ok")])
def test_disk_space(free_gb: float, outcome: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = namedtuple("usage", "total used free")(0, 0, free_gb * 1e9)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert checks.disk(tmp_path / "not" / "there").outcome == outcome


@pytest.mark.parametrize(
    ("newest_ms", "outcome"), [(None, "ok"), (NOW_MS - 9_000, "ok"), (NOW_MS + 1_000, "ok"), (NOW_MS + 5_000, "fail")]
)
def test_a_broker_that_stamps_the_future_has_a_wrong_clock(newest_ms: float | None, outcome: str) -> None:
    assert checks.broker_clock(newest_ms, NOW_MS).outcome == outcome


@pytest.mark.parametrize(("ahead", "outcome"), [(0.1, "ok"), (-0.1, "ok"), (3.0, "fail"), (-3.0, "fail")])
def test_clickhouse_s_clock_may_differ_a_little(ahead: float, outcome: str) -> None:
    assert checks.clickhouse_clock(ahead).outcome == outcome


def test_a_topic_that_differs_is_a_warning() -> None:
    state = wanted([topics.POS], Topics(), "")[0]
    right = compare([state], {state.name: state})
    assert checks.topic_state(right).outcome == "ok"
    differing = checks.topic_state([TopicFinding(state, "differs", ("has 1 partitions, not 4",))])
    assert differing.outcome == "warn"
    assert "readings.pos has 1 partitions, not 4" in differing.found


def test_a_package_that_is_missing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(checks, "version", missing)
    assert checks.packages().outcome == "fail"
    assert "make setup" in checks.packages().advice


def test_checks_of_the_defaults_need_no_network() -> None:
    assert [check.outcome for check in checks.kafka(Settings())] == ["ok"]

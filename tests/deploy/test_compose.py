"""docker-compose.yml without an engine: everything it names exists, nothing is open to the network."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from restockd.configuration import known, variable

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRETS_README = (ROOT / "deploy/secrets/README.md").read_text(encoding="utf-8")
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))


def _mounted(service: dict[str, Any]) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", ())]


def test_everything_restockd_runs_with_is_there() -> None:
    assert set(SERVICES) == {
        *("kafka", "clickhouse", "topics", "worker", "console", "prometheus", "grafana", "erp", "alerts")
    }


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_or_built_here(name: str) -> None:
    service = SERVICES[name]
    tag = service["image"].rpartition(":")[2]
    assert "build" in service or re.fullmatch(r"v?\d+\.\d+(\.\d+)?", tag)


@pytest.mark.parametrize("name", SERVICES)
def test_files_volumes_secrets_networks_and_services_it_names_exist(name: str) -> None:
    service = SERVICES[name]
    for source in _mounted(service):
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    if "build" in service:
        assert (ROOT / service["build"]["dockerfile"]).exists()


@pytest.mark.parametrize("name", SERVICES)
def test_what_others_wait_for_can_become_ready(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        ready = (
            "healthcheck" in SERVICES[other]
            if wait["condition"] == "service_healthy"
            else SERVICES[other]["restart"] == "no"
        )
        assert ready, f"{name} waits for {other}"


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_stands_in_the_file(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if "PASSWORD" in key:
            assert key.endswith("_FILE")
            assert str(value).startswith("/run/secrets/")


@pytest.mark.parametrize("name", COMPOSE["secrets"])
def test_every_secret_is_a_file_outside_git_whose_making_is_described(name: str) -> None:
    assert COMPOSE["secrets"][name]["file"] == f"./deploy/secrets/{name}"
    assert f"`{name}`" in SECRETS_README
    assert "/deploy/secrets/*" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_settings_it_gives_are_settings_of_ours() -> None:
    allowed = {variable(name) for name in known()}
    for service in SERVICES.values():
        assert {key for key in service.get("environment", {}) if key.startswith("RESTOCKD_")} <= allowed


def test_the_worker_scales_and_ours_run_without_rights() -> None:
    assert "container_name" not in SERVICES["worker"]
    assert "ports" not in SERVICES["worker"]
    for name in ("topics", "worker", "console", "erp", "alerts"):
        assert SERVICES[name]["read_only"]
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_prometheus_scrapes_every_worker_where_it_listens() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    discovery = config["scrape_configs"][0]["dns_sd_configs"][0]
    assert discovery == {"names": ["worker"], "type": "A", "port": 9464}
    assert all((ROOT / "deploy/prometheus" / file).exists() for file in config["rule_files"])


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_dashboards_use_data_sources_that_are_provisioned(file: Path) -> None:
    provisioned = yaml.safe_load(
        (ROOT / "deploy/grafana/provisioning/datasources/restockd.yml").read_text(encoding="utf-8")
    )
    sources = {source["uid"]: source["type"] for source in provisioned["datasources"]}
    panels = json.loads(file.read_text(encoding="utf-8"))["panels"]
    assert panels
    assert all(sources[panel["datasource"]["uid"]] == panel["datasource"]["type"] for panel in panels)
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_home_dashboard_exists() -> None:
    home = Path(SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert home.name in {file.name for file in DASHBOARDS}


def test_kafka_is_the_version_that_tests_run_on() -> None:
    from restockd.kafka_jars import version

    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version()}"


class TestImage:
    """deploy/Dockerfile."""

    text = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")

    def test_it_installs_only_what_the_lock_has_a_hash_for(self) -> None:
        installs = [line for line in self.text.splitlines() if "pip install" in line]
        assert all("--require-hashes" in line or "--no-index" in line for line in installs)
        assert len(installs) == 2

    def test_it_does_not_run_as_root(self) -> None:
        last_stage = self.text.rpartition("FROM ")[2]
        assert re.search(r"^USER [1-9]\d*$", last_stage, re.MULTILINE)

    def test_the_python_of_the_image_is_supported(self) -> None:
        wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
        assert set(re.findall(r"^FROM python:(\d+\.\d+)", self.text, re.MULTILINE)) == {wanted.removeprefix(">=")}

    def test_every_package_of_ours_gets_into_the_build(self) -> None:
        allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        packages = {init.parent.name for init in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
        assert packages <= {line.removeprefix("!") for line in allowed}

"""Who may ask, and what every answer carries."""

import base64

import pytest
from starlette.testclient import TestClient

from console.app import application
from console.guard import HEADERS
from sinks.clickhouse.settings import ClickHouseSettings

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize(
    "address", ["/", "/api/stock", "/static/console.css", "/nothing", "/stock?number=0", "/health"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    kept = "private, max-age=86400" if address.startswith("/static/") else "no-store"
    assert answer.headers["cache-control"] == kept
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8088", "127.0.0.1.evil.example", "", "[", "10.0.0.1"])
def test_a_name_of_somebody_else_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/api/stock", headers={"Host": host})
    assert answer.status_code == 403
    assert "rows" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1", "[::1]:8088", "LOCALHOST"])
def test_names_of_this_machine_are_served(client: TestClient, host: str) -> None:
    assert client.get("/api/tasks", headers={"Host": host}).status_code == 200


def test_there_are_no_pages_of_documentation_that_load_from_elsewhere(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
    assert "/api/stock" in client.get("/api/openapi.json").json()["paths"]


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"])
def test_only_static_files_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


class TestToken:
    """Where other machines are let in."""

    @pytest.fixture
    def far(self, filled: ClickHouseSettings) -> TestClient:
        return TestClient(application(lambda: filled, TOKEN), base_url="http://console.example")

    @pytest.mark.parametrize(
        "given",
        [
            f"Bearer {TOKEN}",
            "Basic " + base64.b64encode(f"anybody:{TOKEN}".encode()).decode(),
        ],
    )
    def test_it_opens(self, far: TestClient, given: str) -> None:
        assert far.get("/", headers={"Authorization": given}).status_code == 200

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "Bearer",
            "Bearer ",
            f"Bearer {TOKEN}x",
            f"Token {TOKEN}",
            "Basic !!!",
            "Basic /w==",
            "Basic " + base64.b64encode(b"anybody:").decode(),
            "Basic " + base64.b64encode(TOKEN.encode()).decode(),
            "Bearer é",
        ],
    )
    def test_anything_else_does_not(self, far: TestClient, given: str) -> None:
        for address in ("/", "/api/stock", "/static/console.css"):
            answer = far.get(address, headers={"Authorization": given.encode()})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")

    def test_health_is_open_for_those_who_watch(self, far: TestClient) -> None:
        assert far.get("/health").json()["status"] == "ok"

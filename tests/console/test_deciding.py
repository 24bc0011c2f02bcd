"""Approving and rejecting in a browser: what is sent, and all that is refused before anything is."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from console.app import application
from schemas.errors import Unavailable
from schemas.readings.orders import BY_BUDGET, Approval
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.settings import ClickHouseSettings
from tests.console.conftest import LOCAL, reorder, transfer, write

ORDER, TRANSFER = "/orders/order-5", "/transfers/move-2"


class Tray:
    """A desk that keeps what was handed in; ``down`` is why it takes nothing."""

    def __init__(self) -> None:
        self.taken: list[Approval] = []
        self.down: Unavailable | None = None

    def check(self) -> None:
        if self.down:
            raise self.down

    def send(self, verdict: Approval) -> None:
        self.check()
        self.taken.append(verdict)


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def browser(filled: ClickHouseSettings, tray: Tray) -> Iterator[TestClient]:
    with TestClient(application(lambda: filled, desk=tray), base_url=LOCAL, follow_redirects=False) as opened:
        yield opened


def form(browser: TestClient, address: str) -> dict[str, str]:
    """The fields of the page's form as they are filled in."""
    page = browser.get(address).text
    return dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))


def test_the_form_says_what_is_decided(browser: TestClient) -> None:
    fields = form(browser, ORDER)
    assert fields.pop("token")
    assert fields == {"revision": "2", "quantity": "24", "by": "", "note": ""}
    page = browser.get(ORDER).text
    assert 'method="post" action="/orders/order-5"' in page
    assert "position 3 at or below reorder point 17" in page


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (
            {"answer": "accept", "by": " Ada "},
            Approval(order_id="order-5", verdict="accept", by="Ada", sku="SHIRT-M", revision=2),
        ),
        (
            {"answer": "accept", "by": "Ada", "quantity": "12", "note": "spring ends"},
            Approval(order_id="order-5", verdict="modify", by="Ada", quantity=12, sku="SHIRT-M", revision=2,
                     reason="Ada: spring ends"),
        ),
        (
            {"answer": "reject", "by": "Ada", "quantity": "nonsense", "note": "no"},
            Approval(order_id="order-5", verdict="reject", by="Ada", sku="SHIRT-M", revision=2, reason="Ada: no"),
        ),
    ],
    ids=["accepted", "changed", "rejected"],
)  # fmt: skip
def test_a_verdict_goes_out_with_the_revision_that_was_seen(
    browser: TestClient, tray: Tray, given: dict[str, str], verdict: Approval
) -> None:
    answer = browser.post(ORDER, data=form(browser, ORDER) | given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders/order-5?sent=2")
    assert tray.taken == [verdict]


def test_a_transfer_nobody_has_answered_can_be_decided(browser: TestClient, tray: Tray) -> None:
    answer = browser.post(TRANSFER, data=form(browser, TRANSFER) | {"answer": "reject", "by": "Ada"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/transfers/move-2?sent=1")
    (verdict,) = tray.taken
    assert (verdict.order_id, verdict.verdict, verdict.revision) == ("move-2", "reject", 1)


def test_what_was_sent_is_shown_as_sent_and_not_as_done(browser: TestClient) -> None:
    page = browser.get(f"{ORDER}?sent=2").text
    assert "Sent; it waits for the fold to take it." in page
    assert "<form" not in page
    assert '<span class="badge pending">' in page
    assert "Passed over: the order was changed to revision 2" in browser.get(f"{ORDER}?sent=1").text
    assert "The order is approved by now" in browser.get("/orders/order-1?sent=1").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"quantity": "-3"}, "quantity: &#39;-3&#39; is no whole number from 1 to 24"),
        ({"quantity": "1.5"}, "quantity: &#39;1.5&#39; is no whole number from 1 to 24"),
        ({"quantity": "0"}, "quantity: &#39;0&#39; is no whole number from 1 to 24"),
        ({"quantity": ""}, "quantity: &#39;&#39; is no whole number from 1 to 24"),
        ({"quantity": "²"}, "quantity: &#39;²&#39; is no whole number from 1 to 24"),
        ({"quantity": "9" * 7000}, "is no whole number from 1 to 24"),
        ({"quantity": "25"}, "quantity: &#39;25&#39; is more than the 24 asked for"),
        ({"by": "  "}, "by: &#39;&#39; must say who decides"),
        ({"by": f"{BY_BUDGET}spring"}, "by: &#39;budget:spring&#39; is how budgets are named"),
        ({"by": "A" * 61}, "is longer than 60 characters"),
        ({"note": "n" * 131}, "is longer than 130 characters"),
        ({"note": "a\x00b"}, "note: &#39;a\\x00b&#39; has control characters in it"),
    ],
)
def test_bad_input_is_named_and_nothing_is_sent(
    browser: TestClient, tray: Tray, given: dict[str, str], said: str
) -> None:
    answer = browser.post(ORDER, data=form(browser, ORDER) | {"answer": "accept", "by": "Ada"} | given)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Nothing was sent" in answer.text
    assert tray.taken == []


def test_what_was_typed_stays_to_be_corrected(browser: TestClient) -> None:
    given = {"answer": "accept", "by": "<b>Ada", "quantity": "25", "note": '"why'}
    page = browser.post(ORDER, data=form(browser, ORDER) | given).text
    assert 'name="by" required maxlength="60" autocomplete="name" value="&lt;b&gt;Ada"' in page
    assert 'value="25"' in page
    assert 'value="&#34;why"' in page


def test_what_was_amended_since_is_refused(engine: ClickHouseSettings, tray: Tray) -> None:
    archive = Archive(replace(engine, database="amended"))
    archive.open()
    write(archive, [reorder("order-1", 1, "pending"), transfer("move-1", 1, "proposed")])
    with TestClient(application(lambda: archive.settings, desk=tray), base_url=LOCAL) as opened:
        order, move = form(opened, "/orders/order-1"), form(opened, "/transfers/move-1")
        write(archive, [reorder("order-1", 2, "pending", quantity=30), transfer("move-1", 2, "amended", quantity=3)])
        for address, fields, now in (("/orders/order-1", order, 30), ("/transfers/move-1", move, 3)):
            answer = opened.post(address, data=fields | {"answer": "accept", "by": "Ada"})
            assert answer.status_code == 409
            assert f"you saw revision 1, it is revision 2 of {now} units by now" in answer.text
            assert f'value="{now}"' in answer.text
    archive.close()
    assert tray.taken == []


def test_a_transfer_above_the_limit_waits_for_a_person(engine: ClickHouseSettings, tray: Tray) -> None:
    archive = Archive(replace(engine, database="limited"))
    archive.open()
    write(archive, [transfer("move-1", 1, "pending")])
    with TestClient(application(lambda: archive.settings, desk=tray), base_url=LOCAL) as opened:
        assert "approve or reject" in opened.get("/transfers").text
        fields = form(opened, "/transfers/move-1")
        assert opened.post("/transfers/move-1", data=fields | {"answer": "accept", "by": "Ada"}).status_code == 200
    archive.close()
    assert [(one.order_id, one.verdict, one.revision) for one in tray.taken] == [("move-1", "accept", 1)]


@pytest.mark.parametrize("address", ["/orders/order-1", "/orders/order-3", "/transfers/move-1"])
def test_what_does_not_wait_has_no_form_and_is_refused(browser: TestClient, tray: Tray, address: str) -> None:
    assert "<form" not in browser.get(address).text
    answer = browser.post(address, data=form(browser, ORDER) | {"answer": "reject", "by": "Ada"})
    assert answer.status_code == 409
    assert "can be decided" in answer.text
    assert tray.taken == []


def test_what_is_not_there_cannot_be_decided(browser: TestClient) -> None:
    fields = form(browser, ORDER) | {"answer": "reject", "by": "Ada"}
    assert browser.post("/orders/nothing", data=fields).status_code == 404
    assert browser.post("/transfers/order-5", data=fields).status_code == 404


def test_without_a_broker_the_page_says_so_and_has_no_form(browser: TestClient, tray: Tray) -> None:
    fields = form(browser, ORDER) | {"answer": "accept", "by": "Ada"}
    tray.down = Unavailable("approvals", "no demo runs", "Start one.")
    page = browser.get(ORDER).text
    assert "<form" not in page
    assert "no demo runs" in page
    assert "<strong>What to do:</strong> Start one." in page
    late = browser.post(ORDER, data=fields)
    assert late.status_code == 503
    assert "approvals: no demo runs. Start one." in late.text


def test_a_console_without_a_desk_only_shows(client: TestClient) -> None:
    page = client.get(ORDER).text
    assert "<form" not in page
    assert "restockd approve ID" in page


class TestForgery:
    """Another page in the same browser must not decide."""

    @pytest.fixture
    def fields(self, browser: TestClient) -> dict[str, str]:
        return form(browser, ORDER) | {"answer": "accept", "by": "Ada"}

    @pytest.mark.parametrize("token", ["", "x", "é"])
    def test_a_form_needs_the_token_of_this_console(
        self, browser: TestClient, tray: Tray, fields: dict[str, str], token: str
    ) -> None:
        answer = browser.post(ORDER, data=fields | {"token": token})
        assert answer.status_code == 403
        assert "open the order or transfer again" in answer.text
        assert tray.taken == []

    def test_every_console_has_a_token_of_its_own(
        self, filled: ClickHouseSettings, tray: Tray, fields: dict[str, str]
    ) -> None:
        other = TestClient(application(lambda: filled, desk=tray), base_url=LOCAL)
        assert other.post(ORDER, data=fields).status_code == 403
        assert tray.taken == []

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9", "http://["])
    def test_another_origin_is_refused(
        self, browser: TestClient, tray: Tray, fields: dict[str, str], origin: str
    ) -> None:
        assert browser.post(ORDER, data=fields, headers={"Origin": origin}).status_code == 403
        assert tray.taken == []

    def test_our_own_origin_is_served(self, browser: TestClient, tray: Tray, fields: dict[str, str]) -> None:
        assert browser.post(ORDER, data=fields, headers={"Origin": LOCAL}).status_code == 303
        assert len(tray.taken) == 1

    def test_a_name_of_somebody_else_is_refused(self, browser: TestClient, tray: Tray, fields: dict[str, str]) -> None:
        answer = browser.post(ORDER, data=fields, headers={"Host": "evil.example", "Origin": "http://evil.example"})
        assert answer.status_code == 403
        assert tray.taken == []

    def test_reading_decides_nothing(self, browser: TestClient, tray: Tray, fields: dict[str, str]) -> None:
        assert browser.get(ORDER, params=fields).status_code == 200
        assert tray.taken == []

    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            (b"{}", "application/json", 415),
            (b"a=" + b"x" * 20_000, "application/x-www-form-urlencoded", 413),
            (b"a=%ff", "application/x-www-form-urlencoded", 400),
            (b"a=1&" * 40, "application/x-www-form-urlencoded", 400),
            (b"\xff", "application/x-www-form-urlencoded", 400),
        ],
    )
    def test_what_is_no_form_of_ours_is_refused(self, browser: TestClient, body: bytes, kind: str, status: int) -> None:
        assert browser.post(ORDER, content=body, headers={"Content-Type": kind}).status_code == status

    def test_an_answer_is_yes_or_no(self, browser: TestClient, fields: dict[str, str], tray: Tray) -> None:
        assert browser.post(ORDER, data=fields | {"answer": "hold"}).status_code == 400
        assert tray.taken == []

    def test_where_a_token_is_asked_for_it_is_asked_for_here(self, filled: ClickHouseSettings, tray: Tray) -> None:
        far = TestClient(application(lambda: filled, "correct-horse-battery", tray), base_url="http://console.example")
        assert far.post(ORDER, data={"answer": "accept"}).status_code == 401

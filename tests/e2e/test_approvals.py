"""People's verdicts through the whole system, on both brokers: in the console, and on the command line."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from restockd import stack as stacks
from restockd.cli import EXIT_BAD_SETTINGS, run
from restockd.commands.console import desk_of
from restockd.configuration import Settings
from restockd.draining import drain
from restockd.running_broker import findable, running_broker
from restockd.stack import Stack
from restockd.verdict_desk import VerdictDesk
from schemas.errors import Unavailable
from sinks.clickhouse import queries
from streams.settings import BrokerSettings
from tests.e2e.conftest import Configure
from tests.e2e.sold_out import reference, tell, trade

STYLES = ("changed", "twice", "rejected")


def _eventually(stack: Stack, what: Callable[[dict[str, dict[str, Any]]], bool]) -> dict[str, dict[str, Any]]:
    """The orders by style, once it is true of them."""
    deadline = time.monotonic() + 60.0
    while True:
        stack.check()
        orders = {row["style"]: row for row in queries.orders(stack.database, "all")}
        if what(orders):
            return orders
        assert time.monotonic() < deadline, [(row["style"], row["status"], row["reason"]) for row in orders.values()]
        time.sleep(0.2)


def _variables(settings: Settings) -> dict[str, str]:
    """Where it all is, for those who are started beside it."""
    return {
        "RESTOCKD_BROKER__ADDRESS": settings.broker.address,
        "RESTOCKD_BROKER__TOPIC_PREFIX": settings.broker.topic_prefix,
        "RESTOCKD_WORKER__DATA_DIR": str(settings.worker.data_dir),
    }


@contextmanager
def _console() -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "restockd", "console", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", process.stderr.readline())
        assert address is not None
        with httpx.Client(base_url=address.group(), timeout=60.0) as browser:
            yield browser
    finally:
        process.kill()
        process.communicate()


def _form(browser: httpx.Client, address: str) -> dict[str, str]:
    page = browser.get(address).raise_for_status().text
    return dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))


@pytest.mark.timeout(600)
def test_what_waits_is_decided_in_the_console_and_on_the_command_line(
    broker_address: str, configure: Configure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = configure(broker_address)
    rules = settings.rules.model_copy(update={"approval_limit": 100.0})
    settings = settings.model_copy(update={"rules": rules})
    for name, value in _variables(settings).items():
        monkeypatch.setenv(name, value)
    with stacks.running(settings, 1, lambda _: None) as stack, _console() as browser:
        tell(stack, reference(STYLES))
        tell(stack, trade(STYLES))
        orders = _eventually(stack, lambda found: [row["status"] for row in found.values()] == ["pending"] * 3)
        ids = {style: row["order_id"] for style, row in orders.items()}

        changed = f"/orders/{ids['changed']}"
        given = _form(browser, changed) | {"answer": "accept", "by": "Ada", "quantity": "7", "note": "a trial"}
        sent = browser.post(changed, data=given)
        assert sent.status_code == 303
        row = _eventually(stack, lambda found: found["changed"]["status"] == "approved")["changed"]
        assert (row["quantity"], row["reason"]) == (7, "Ada: a trial")
        assert "The order is approved by now" in browser.get(sent.headers["location"]).text

        twice = f"/orders/{ids['twice']}"
        given = _form(browser, twice) | {"answer": "accept", "by": "Ada"}
        assert {browser.post(twice, data=given).status_code for _ in range(2)} <= {303, 409}
        assert run(["reject", ids["rejected"][:8], "--by", "Bob", "--note", "not again"]) == 0
        assert f"sent: reject all {orders['rejected']['quantity']} rejected-m" in capsys.readouterr().out
        orders = _eventually(
            stack, lambda found: (found["twice"]["status"], found["rejected"]["status"]) == ("approved", "rejected")
        )
        drain(stack, 60.0, lambda _: None)
        assert orders["rejected"]["reason"] == "Bob: not again"
        history = queries.order_history(stack.database, ids["twice"])
        assert len({row["occurred_at"] for row in history}) == 1, "the stores' clock stands at their last sale"
        states = [row["status"] for row in history]
        assert states.count("approved") == 1, "the second of the same revision was passed over"

        for name, problem in ((ids["twice"], "is approved"), ("nothing", "there is no order or transfer")):
            assert run(["approve", name]) == EXIT_BAD_SETTINGS
            assert problem in capsys.readouterr().err
        assert queries.dead_letters_by_reason(stack.database) == []


def test_of_a_demo_that_has_ended_nothing_is_decided(configure: Configure) -> None:
    settings = configure("embedded")
    broker = BrokerSettings("127.0.0.1:1", embedded_identity="gone")
    with findable(settings, broker):
        assert running_broker(settings) == broker
    assert running_broker(settings) is None
    with pytest.raises(Unavailable, match="no demo runs") as nobody:
        VerdictDesk(settings).check()
    assert "restockd demo" in nobody.value.advice


@pytest.mark.parametrize(
    ("approvals", "host", "decides"),
    [
        ("auto", "127.0.0.1", True),
        ("auto", "::1", True),
        ("auto", "0.0.0.0", False),
        ("on", "0.0.0.0", True),
        ("off", "127.0.0.1", False),
    ],
)
def test_who_may_decide_is_said_where_others_reach_the_console(
    configure: Configure, approvals: str, host: str, *, decides: bool
) -> None:
    settings = configure("embedded")
    console = settings.console.model_copy(update={"approvals": approvals})
    desk = desk_of(settings.model_copy(update={"console": console}), host)
    assert isinstance(desk, VerdictDesk) is decides
    if not decides:
        with pytest.raises(Unavailable, match="this console only shows"):
            desk.check()

"""What each receiver is sent, by the rules of that receiver."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import stamina
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat

from agents.deliverer import Wanted
from schemas.facts import Alert
from sinks.channels import slack
from sinks.channels.alertmanager import Alertmanager, posts
from sinks.channels.port import News
from tests.channels.conftest import CHANNELS, NOON, SECRET, Delivery, alert
from tests.channels.receiver import Receiver, in_turn
from tests.docs.blocks import ROOT, named_block

LATER = NOON + timedelta(hours=1)


def _posts(*news: News) -> list[dict[str, Any]]:
    return list(posts(news, holds_until=LATER, now=NOON + timedelta(minutes=5)))


def test_alertmanager_knows_an_alert_by_what_never_changes() -> None:
    (first,) = _posts(News(alert(1, 0, probability=0.7, money_at_risk_per_hour=3.5)))
    (second,) = _posts(News(alert(1, 9, probability=0.9)))
    assert first["labels"] == second["labels"]
    assert first["labels"] == {"alertname": "stockout", "severity": "error", "location": "S01", "sku": "sku-1"}
    assert first["annotations"]["money_at_risk_per_hour"] == "3.5 EUR"
    assert (first["startsAt"], first["endsAt"]) == (NOON, LATER)


def test_alertmanager_is_told_the_end() -> None:
    (ended,) = _posts(News(alert(1, 3, state="resolved"), alert(1)))
    assert ended["endsAt"] == NOON + timedelta(minutes=3)


def test_a_changed_severity_ends_the_alert_with_the_old_label() -> None:
    old, new = _posts(News(alert(1, 1, severity="critical"), alert(1)))
    assert (old["labels"]["severity"], old["endsAt"]) == ("error", NOON + timedelta(minutes=5))
    assert (new["labels"]["severity"], new["endsAt"]) == ("critical", LATER)


@pytest.mark.usefixtures("at_once")
async def test_alertmanager_hears_again_of_what_fires_and_after_a_restart_at_once(receiver: Receiver) -> None:
    channel = Alertmanager(receiver.url, timedelta(hours=1), 1.0)
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1), alert(2), alert(3, state="resolved"))
    await delivery.write()
    delivery.now += 29 * 60
    await delivery.write()
    assert len(receiver.messages) == 1
    delivery.now += 2 * 60
    await delivery.write()
    again = [one["labels"]["sku"] for one in receiver.messages[1].json]
    assert again == ["sku-1", "sku-2"]
    restarted = Delivery(channel)
    restarted.log = delivery.log
    restarted.resume(committed=3)
    await restarted.fetch(0)
    await restarted.write()
    assert [one["labels"]["sku"] for one in receiver.messages[2].json] == ["sku-1", "sku-2"]
    await channel.close()


async def test_a_webhook_is_a_signed_cloud_event(receiver: Receiver) -> None:
    channel = CHANNELS["webhook"](receiver.url)
    told = alert(1, 2, summary='Jeans <32> & "more" sold out')
    await channel.send([News(told)], NOON)
    (message,) = receiver.messages
    headers = {name.lower(): value for name, value in message.headers.items()}
    assert headers["webhook-id"] == headers["idempotency-key"] == "fact-1-2"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + message.content
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    told_how: dict[str, Any] = {}
    exec(named_block(ROOT / "docs/alerts.md", "check_signature"), told_how)  # noqa: S102 - our own documentation
    assert told_how["is_ours"](headers, message.content, SECRET.encode())
    assert not told_how["is_ours"](headers, message.content + b" ", SECRET.encode())
    assert not told_how["is_ours"](headers | {"webhook-id": "another"}, message.content, SECRET.encode())
    event = from_structured(HTTPMessage(headers, message.content), JSONFormat())
    assert (event.get_id(), event.get_type(), event.get_subject()) == (
        "fact-1-2",
        "restockd.alert.v1",
        told.fingerprint,
    )
    assert msgspec.convert(event.get_data(), Alert) == told
    await channel.close()


def test_slack_is_told_in_lines_that_cannot_be_misread() -> None:
    many = [alert(1, summary="<!channel> & co"), alert(2, 1, state="resolved"), alert(3, money_at_risk_per_hour=2.0)]
    told = slack.message(many)
    assert told["text"] == "2 firing, 1 resolved: &lt;!channel&gt; &amp; co, ..."
    assert [block["text"]["text"] for block in told["blocks"]] == [
        ":large_orange_circle: &lt;!channel&gt; &amp; co",
        ":white_check_mark: fact-2-1 (resolved)",
        ":large_orange_circle: fact-3-0 (2.00 EUR an hour)",
    ]


def test_a_full_digest_is_within_slacks_limit() -> None:
    longest = [alert(number, summary="&" * 500, money_at_risk_per_hour=1e6) for number in range(slack.Slack.most)]
    blocks = slack.message(longest)["blocks"]
    assert len(blocks) <= 50
    assert max(len(block["text"]["text"]) for block in blocks) <= 3_000


async def test_a_pause_that_is_asked_for_is_kept(receiver: Receiver) -> None:
    receiver.behave, receiver.retry_after = in_turn(429), "1"
    with stamina.set_testing(False):
        delivery = Delivery(CHANNELS["slack"](receiver.url), Wanted(messages_per_minute=60_000, gather_seconds=0.01))
        delivery.resume()
        await delivery.hear(alert(1))
        assert await delivery.write() == 1
    first, second = receiver.messages
    assert 0.9 <= second.at - first.at <= 5.0
    await delivery.deliverer.close()

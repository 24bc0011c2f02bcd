"""What every channel keeps, told by a receiver that fails: nothing lost, nothing confirmed twice, order kept."""

import asyncio
import random
import re
from collections import defaultdict

import msgspec
import pytest
import stamina

from agents.deliverer import Wanted
from schemas.errors import Unavailable
from sinks.channels.port import Channel, News
from tests.channels.conftest import CHANNELS, NOON, Delivery, alert
from tests.channels.receiver import LOST, OK, RESET, SLOW, Message, Receiver, in_turn

pytestmark = pytest.mark.usefixtures("at_once")
_FACT = re.compile(r"fact-(\d+)-(\d+)")


def told(messages: list[Message]) -> list[tuple[int, int]]:
    """Alert and step of everything in these messages, in order, each once a message."""
    found = [dict.fromkeys(_FACT.findall(message.content.decode())) for message in messages]
    return [(int(number), int(step)) for each in found for number, step in each]


async def test_nothing_is_lost_doubled_or_turned_round(channel: Channel, receiver: Receiver) -> None:
    chance = random.Random(7)
    receiver.behave = lambda _: chance.choices([OK, 500, 503, RESET, SLOW], [10, 3, 2, 3, 1])[0]
    delivery = Delivery(channel)
    delivery.resume()
    steps: dict[int, int] = defaultdict(int)
    for _ in range(60):
        number = chance.randrange(12)
        steps[number] += 1
        state = "resolved" if chance.random() < 0.3 else "firing"
        await delivery.hear(alert(number, steps[number], state=state))
        if chance.random() < 0.5:
            await delivery.write()
    await delivery.write()
    confirmed = told(receiver.confirmed)
    last = dict(confirmed)
    assert last == dict(steps)
    assert len(confirmed) == len(set(confirmed))
    for number in steps:
        mine = [step for one, step in confirmed if one == number]
        assert mine == sorted(mine)
    assert delivery.committed == 60
    assert delivery.waits == len(receiver.messages) - len(receiver.confirmed) > 0


async def test_a_receiver_that_is_gone_is_waited_for(channel: Channel, receiver: Receiver) -> None:
    receiver.stop()
    with stamina.set_testing(False):
        delivery = Delivery(channel)
        delivery.resume()
        await delivery.hear(alert(1))
        writing = asyncio.create_task(delivery.write())
        while not delivery.waits:
            await asyncio.sleep(0.02)
        assert delivery.committed == 0
        receiver.start()
        assert await asyncio.wait_for(writing, 20.0) == 1
    assert told(receiver.confirmed) == [(1, 0)]


async def test_what_changed_meanwhile_is_told_as_it_stands(channel: Channel, receiver: Receiver) -> None:
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1), alert(2), alert(1, 1, severity="critical"), alert(1, 2, state="resolved"))
    assert await delivery.write() == 4
    assert sorted(told(receiver.confirmed)) == [(1, 2), (2, 0)]


async def test_a_lost_confirmation_may_double_and_can_be_told(channel: Channel, receiver: Receiver) -> None:
    """At least once: the same state comes again, recognisable as the same."""
    receiver.behave = in_turn(LOST)
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1))
    await delivery.write()
    assert told(receiver.messages) == [(1, 0), (1, 0)]
    assert told(receiver.confirmed) == [(1, 0)]


async def test_redelivery_within_one_process_is_not_told_again(channel: Channel, receiver: Receiver) -> None:
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1), alert(1, 1))
    await delivery.write()
    await delivery.hear(alert(1, 2, state="resolved"))
    await delivery.write()
    delivery.deliverer.drop([("alerts", 0)])
    assert delivery.resume(committed=0) == 0  # the commit was refused by a rebalance
    await delivery.fetch(0)
    assert await delivery.write() == 3
    assert told(receiver.messages) == [(1, 1), (1, 2)]


async def test_nothing_older_is_told_before_all_was_read_again(channel: Channel, receiver: Receiver) -> None:
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1), alert(1, 1, state="resolved"))
    await delivery.write()
    delivery.deliverer.drop([("alerts", 0)])
    delivery.resume(committed=0)
    everything, delivery.log = delivery.log, delivery.log[:1]
    await delivery.fetch(0)
    await delivery.write()
    delivery.log = everything
    await delivery.fetch(1)
    await delivery.write()
    assert told(receiver.messages) == [(1, 1)]


async def test_nor_while_it_waits_for_the_receiver(channel: Channel, receiver: Receiver) -> None:
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1), alert(1, 1, state="resolved"))
    await delivery.write()
    receiver.behave = lambda _: 503
    await delivery.hear(alert(2))
    with stamina.set_testing(False):
        writing = asyncio.create_task(delivery.write())
        while not delivery.waits:
            await asyncio.sleep(0.02)
        delivery.deliverer.drop([("alerts", 0)])
        delivery.resume(committed=0)
        everything, delivery.log = delivery.log, delivery.log[:1]
        await delivery.fetch(0)
        receiver.behave = in_turn()
        await asyncio.wait_for(writing, 20.0)
    assert told(receiver.confirmed) == [(1, 1)]
    delivery.log = everything
    await delivery.fetch(1)
    assert await delivery.write() == 3
    assert told(receiver.confirmed) == [(1, 1), (2, 0)]


async def test_after_a_restart_it_goes_on_where_it_committed(channel: Channel, receiver: Receiver) -> None:
    first = Delivery(channel)
    first.resume()
    await first.hear(alert(1), alert(2))
    committed = await first.write()
    await first.hear(alert(2, 1, state="resolved"), alert(3))
    second = Delivery(channel)
    second.log = first.log
    assert second.resume(committed) == 0
    await second.fetch(0)
    assert await second.write() == 4
    news = [pair for pair in told(receiver.confirmed) if pair != (1, 0)]
    assert news == [(2, 0), (2, 1), (3, 0)]


async def test_who_listens_for_the_first_time_hears_what_is_wrong_and_not_what_was(
    channel: Channel, receiver: Receiver
) -> None:
    delivery = Delivery(channel)
    delivery.log = [msgspec.json.encode(one) for one in (alert(1), alert(2), alert(1, 1, state="resolved"))]
    delivery.resume()
    await delivery.fetch(0)
    assert await delivery.write() == 3
    assert told(receiver.confirmed) == [(2, 0)]


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_key_or_address_drops_nothing(channel: Channel, receiver: Receiver, status: int) -> None:
    receiver.behave = in_turn(status, status)
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1))
    assert await delivery.write() == 1
    assert (delivery.waits, told(receiver.confirmed)) == (2, [(1, 0)])


async def test_an_alert_the_receiver_refuses_is_a_dead_letter_and_keeps_no_other_back(
    channel: Channel, receiver: Receiver
) -> None:
    receiver.behave = lambda message: 400 if b"fact-2-" in message.content else OK
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(alert(1), alert(2), alert(3))
    assert await delivery.write() == 3
    assert sorted(told(receiver.confirmed)) == [(1, 0), (3, 0)]
    (letter,) = delivery.publisher.dead()
    assert (letter["reason"], letter["field"], letter["value"]) == ("refused", "status", "400")
    assert (letter["topic"], letter["offset"]) == ("alerts", 1)


async def test_rubbish_on_the_topic_is_a_dead_letter(channel: Channel, receiver: Receiver) -> None:
    delivery = Delivery(channel)
    delivery.resume()
    await delivery.hear(b"{", alert(1))
    assert await delivery.write() == 2
    assert [letter["reason"] for letter in delivery.publisher.dead()] == ["malformed"]


async def test_a_burst_is_told_at_the_channels_pace(channel: Channel, receiver: Receiver) -> None:
    delivery = Delivery(channel, Wanted(messages_per_minute=6, gather_seconds=0.01))
    delivery.resume()
    await delivery.hear(*[alert(number) for number in range(50)])
    await delivery.write()
    await delivery.write()
    assert len(receiver.messages) == 1
    assert delivery.committed == min(channel.most, 50)
    for step in (1, 2, 3):
        await delivery.hear(*[alert(number, step) for number in range(50)])
    for _ in range(60):
        delivery.now += 10.0
        await delivery.write()
    assert delivery.committed == 200
    assert len(receiver.messages) == 1 + -(-50 // channel.most)
    assert dict(told(receiver.confirmed)) == dict.fromkeys(range(50), 3)


async def test_only_what_is_wanted_and_the_end_of_what_was_told(channel: Channel, receiver: Receiver) -> None:
    wanted = Wanted("error", frozenset({"S01"}), 60_000, 0.01)
    delivery = Delivery(channel, wanted)
    delivery.resume()
    await delivery.hear(alert(1), alert(2, severity="warning"), alert(3, location="S02"))
    await delivery.write()
    await delivery.hear(alert(1, 1, severity="warning"), alert(2, 1, severity="warning", state="resolved"))
    await delivery.write()
    await delivery.hear(alert(1, 2, severity="warning", state="resolved"))
    assert await delivery.write() == 6
    assert told(receiver.confirmed)[-1] == (1, 2)
    assert {number for number, _ in told(receiver.confirmed)} == {1}


async def test_silence_is_bounded_and_named(channel: Channel, receiver: Receiver) -> None:
    receiver.behave = in_turn(SLOW)
    with pytest.raises(Unavailable, match=r"no answer within 0\.3 s") as down:
        await channel.send([News(alert(1))], NOON)
    assert down.value.component == channel.component
    assert down.value.advice


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_no_secret_is_named(name: str, receiver: Receiver) -> None:
    made = CHANNELS[name](receiver.url)
    assert "services" not in made.component
    assert "secret" not in made.component

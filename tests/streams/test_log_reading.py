"""Reading a stretch of a log again, on both brokers."""

from schemas.topics import OBSERVATIONS
from streams.log_reading import stretch
from streams.publisher import Outgoing, Publisher
from streams.settings import BrokerSettings
from tests.streams.conftest import create_topic


async def test_a_stretch_is_its_messages_and_no_others(broker: BrokerSettings) -> None:
    create_topic(broker, OBSERVATIONS)
    name, publisher = broker.name(OBSERVATIONS), Publisher(broker, linger_ms=0)
    await publisher.publish([Outgoing(name, b"%d" % number, None, 1) for number in range(2_500)])
    publisher.close()
    assert list(stretch(broker, name, 1, 7, 2_400)) == [(number, b"%d" % number) for number in range(7, 2_400)]
    assert list(stretch(broker, name, 1, 2_499, 2_500)) == [(2_499, b"2499")]
    assert list(stretch(broker, name, 1, 5, 5)) == []

"""Reading a stretch of one partition again, without a group."""

from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaError, TopicPartition

from schemas.errors import Unavailable
from streams.settings import BrokerSettings

_TIMEOUT_SECONDS = 30.0
_AT_ONCE = 1_000


def stretch(broker: BrokerSettings, topic: str, partition: int, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of the records from ``start`` to before ``end`` of a topic without holes.

    They must have been written already. Raises ``Unavailable`` if the broker does not answer or has some no more.
    """
    options = {"group.id": "restockd-reading", "enable.auto.commit": False, "auto.offset.reset": "error"}
    consumer = Consumer(broker.client({**options, "log_level": 2}))
    consumer.assign([TopicPartition(topic, partition, start)])
    try:
        position = start
        while position < end:
            messages = consumer.consume(min(_AT_ONCE, end - position), _TIMEOUT_SECONDS)
            if not messages:
                raise Unavailable("Kafka", f"no answer while reading {topic}[{partition}]")
            for message in messages:
                error = message.error()
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise Unavailable("Kafka", f"cannot read {topic}[{partition}] ({error.str()})")
                position = (message.offset() or 0) + 1
                if error is None and position <= end:
                    yield position - 1, message.value() or b""
    finally:
        consumer.close()

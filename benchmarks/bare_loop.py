"""The least one can do: librdkafka and orjson in a loop, stock in a dictionary that no crash survives."""

import json
import signal
import sys
from collections import defaultdict

import orjson
from confluent_kafka import Consumer, Producer

from benchmarks.baskets import LOW_STOCK_UNITS, OPENING_UNITS
from benchmarks.job import Job


def run(job: Job) -> None:
    """Count until the last mark; a message says when each mark was reached."""
    consumer = Consumer({"bootstrap.servers": job.address, "group.id": job.group, "auto.offset.reset": "earliest"})
    consumer.subscribe([job.source])
    producer = Producer({"bootstrap.servers": job.address, "linger.ms": 5, "acks": "all"})
    stock: defaultdict[tuple[str, str], int] = defaultdict(lambda: OPENING_UNITS)
    marks, handled = list(job.marks), 0
    while marks:
        for message in consumer.consume(1_000, 0.1):
            if message.error() is None:
                handled += _handle(orjson.loads(message.value() or b"{}"), stock, producer, job.target)
        producer.poll(0)
        if handled >= marks[0]:
            producer.flush()
            producer.produce(job.target, orjson.dumps({"done": marks.pop(0)}), partition=0)
            producer.flush()
            consumer.commit()
    consumer.close()
    signal.pause()  # until told to end, so that its processor time can be read


def _handle(basket: dict[str, object], stock: dict[tuple[str, str], int], producer: Producer, target: str) -> int:
    store = str(basket["store"])
    lines: list[dict[str, object]] = basket["lines"]  # type: ignore[assignment]  # the naive program checks nothing
    for line in lines:
        at = (store, str(line["item_id"]))
        stock[at] += 1 if line["type"] == "return" else -1
        if stock[at] == LOW_STOCK_UNITS:
            producer.produce(target, orjson.dumps({"store": store, "sku": at[1], "stock": stock[at]}), key=store)
    return len(lines)


if __name__ == "__main__":
    run(Job(**json.loads(sys.argv[1])))

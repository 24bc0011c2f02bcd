"""What the state remembers is bounded, and a checkpoint costs what changed."""

from inventory import state
from inventory.seen import SEGMENT_KEYS, Seen, retraction_key
from schemas.observations import Tick
from tests.inventory.logs import DAY, RECORDED, START, Log


def test_keys_are_forgotten_by_arrival_and_their_segments_used_again() -> None:
    seen, chunks = Seen(), {}
    for day in range(40):
        for number in range(SEGMENT_KEYS):
            assert seen.add(day * SEGMENT_KEYS + number + 1, day)
        seen.forget_before(day - 2)
        written = seen.encode_changed()
        assert len(written) <= 2
        chunks.update(written)
        if day % 7 == 3:
            seen = Seen.decode(chunks)
    assert len(seen) == 3 * SEGMENT_KEYS
    assert len(chunks) <= 5
    assert Seen.decode(chunks).canonical() == seen.canonical()
    assert not seen.add(40 * SEGMENT_KEYS, 40)
    assert seen.add(1, 40)


def test_a_decoded_memory_goes_on_in_the_same_segment() -> None:
    seen = Seen()
    for key in range(10):
        seen.add(key, 1)
    chunks = seen.encode_changed()
    again = Seen.decode(chunks)
    again.add(10, 1)
    assert list(again.encode_changed()) == list(chunks)


def test_nothing_changed_nothing_written() -> None:
    seen = Seen()
    seen.add(1, 1)
    seen.encode_changed()
    assert not seen.add(1, 2)
    seen.forget_before(10**15)
    assert seen.encode_changed() == {}
    assert 1 in seen


def test_retraction_keys_are_others() -> None:
    assert retraction_key(5) != 5
    assert retraction_key(retraction_key(5)) == 5
    assert 0 <= retraction_key(2**64 - 1) < 2**64


def test_the_day_ends_and_old_keys_go(log: Log) -> None:
    log.tell(*(log.sale(1, key=n + 1) for n in range(SEGMENT_KEYS)))
    log.tell(Tick(START + DAY), recorded_at_ms=RECORDED)
    assert len(log.state.seen) == SEGMENT_KEYS
    log.tell(Tick(START + 2 * DAY), recorded_at_ms=RECORDED + 8 * DAY)
    assert len(log.state.seen) == 0


def test_only_changed_buckets_are_written(log: Log) -> None:
    styles = [f"style-{number}" for number in range(40)]
    log.tell(*(log.sale(sku=style, style=style) for style in styles))
    first = state.encode_changed(log.state)
    assert {name for name in first if name.startswith("skus-")} == {
        f"skus-{state.bucket_of(style):02d}" for style in styles
    }
    assert list(state.encode_changed(log.state)) == ["core"]
    log.tell(log.sale(sku="style-3", style="style-3"))
    assert sorted(state.encode_changed(log.state)) == [
        "core",
        "demand-told",
        "seen-000000",
        f"skus-{state.bucket_of('style-3'):02d}",
    ]


def test_a_busy_sku_stays_small(log: Log) -> None:
    """A year of hourly sales: what is stored of the SKU does not grow after the first days."""
    sizes = []
    for day in range(120):
        log.tell(*(log.sale(1, START + day * DAY + hour * 3_600_000) for hour in range(24)))
        log.tell(log.moved("receipt", 24, START + day * DAY))
        chunks = state.encode_changed(log.state)
        sizes.append(max(len(value) for name, value in chunks.items() if name.startswith("skus-")))
    assert max(sizes[60:]) <= 1.2 * max(sizes[10:40])

"""How readers put what they heard into JSON: restockd's neutral batch, Impinj and Zebra."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from simulators.chain.outbox import rfc3339


class Read(NamedTuple):
    """One tag heard; ``antenna`` from 1."""

    epc: str
    antenna: int
    rssi_dbm: float
    seen_at_ms: int


def neutral(reader: str, reads: Sequence[Read]) -> dict[str, Any]:
    """A neutral batch of reads."""
    times = _written_once(rfc3339)
    return {
        "reader": reader,
        "reads": [
            {"epc": read.epc, "antenna": read.antenna, "rssi_dbm": read.rssi_dbm, "seen_at": times(read.seen_at_ms)}
            for read in reads
        ],
    }


def event(reader: str, what: str, at_ms: int, section: str = "", tags_heard: int = 0) -> dict[str, Any]:
    """A neutral batch that says what the reader did."""
    said = {"event": what, "at": rfc3339(at_ms), "section": section, "tags_heard": tags_heard}
    return {"reader": reader, "reads": [], "events": [said]}


def impinj(reader: str, reads: Sequence[Read]) -> list[dict[str, Any]]:
    """What an Impinj R700 posts to a webhook: EPCs in base64, signal in hundredths of a dBm."""
    times = _written_once(lambda ms: rfc3339(ms).replace("+00:00", "Z"))
    return [
        {
            "timestamp": times(read.seen_at_ms),
            "hostname": reader,
            "eventType": "tagInventory",
            "tagInventoryEvent": {
                "epc": b64encode(bytes.fromhex(read.epc)).decode(),
                "antennaPort": read.antenna,
                "peakRssiCdbm": round(read.rssi_dbm * 100),
            },
        }
        for read in reads
    ]


def zebra(reader: str, reads: Sequence[Read]) -> list[dict[str, Any]]:
    """What Zebra's IoT Connector sends in SIMPLE mode: an offset without a colon."""
    times = _written_once(_zebra_time)
    return [
        {
            "type": "SIMPLE",
            "timestamp": times(read.seen_at_ms),
            "data": {
                "eventNum": number,
                "format": "epc",
                "idHex": read.epc.lower(),
                "antenna": read.antenna,
                "peakRssi": round(read.rssi_dbm),
                "reads": 1,
                "hostName": reader,
            },
        }
        for number, read in enumerate(reads, 1)
    ]


def _zebra_time(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}+0000"


def _written_once(write: Callable[[int], str]) -> Callable[[int], str]:
    """``write``, with each distinct time written once: the reads of a message share few."""
    written: dict[int, str] = {}

    def time(at_ms: int) -> str:
        text = written.get(at_ms)
        if text is None:
            text = written[at_ms] = write(at_ms)
        return text

    return time

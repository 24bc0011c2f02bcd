"""The log of an embedded broker in files: each message once, whatever was written how often."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.errors import BrokenLog
from streams import kept_log
from streams.cluster import TopicIdentity
from streams.kept_log import KeptLog, identity_of, kept

LOG = TopicIdentity("observations", "one/observations", 4)


@dataclass
class Written:
    offset: int
    value: bytes | None
    timestamp: int = 0
    key: bytes | None = None


def test_what_was_appended_is_there_by_partition(tmp_path: Path) -> None:
    log = KeptLog(tmp_path / "log", LOG)
    log.append(0, [Written(0, b"a"), Written(1, b"")])
    log.append(3, [Written(0, b"\x00" * 5000)])
    log.append(0, [Written(2, None)])
    assert list(kept(tmp_path / "log", 0)) == [(0, b"a"), (1, b""), (2, b"")]
    assert list(kept(tmp_path / "log", 3)) == [(0, b"\x00" * 5000)]
    assert list(kept(tmp_path / "log", 1)) == []
    assert identity_of(tmp_path / "log") == LOG


def test_a_worker_that_folds_again_keeps_nothing_twice(tmp_path: Path) -> None:
    KeptLog(tmp_path, LOG).append(0, [Written(0, b"a"), Written(1, b"b"), Written(2, b"c")])
    again = KeptLog(tmp_path, LOG)
    again.append(0, [Written(1, b"b"), Written(2, b"c"), Written(3, b"d")])
    assert [value for _, value in kept(tmp_path, 0)] == [b"a", b"b", b"c", b"d"]


@pytest.mark.parametrize("lost", [1, 3, 10, -3, -1])
def test_half_a_message_is_none_and_is_written_over(tmp_path: Path, lost: int) -> None:
    """``lost`` bytes of the last block are missing, or so many of its first are there."""
    log, file = KeptLog(tmp_path, LOG), tmp_path / "0000.log"
    log.append(0, [Written(0, b"whole")])
    whole = file.stat().st_size
    log.append(0, [Written(1, b"cut")])
    content = file.read_bytes()
    file.write_bytes(content[:-lost] if lost > 0 else content[: whole - lost])
    assert list(kept(tmp_path, 0)) == [(0, b"whole")]
    KeptLog(tmp_path, LOG).append(0, [Written(1, b"cut"), Written(2, b"next")])
    assert list(kept(tmp_path, 0)) == [(0, b"whole"), (1, b"cut"), (2, b"next")]


def test_a_partition_is_kept_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_log, "MOST_BYTES", 10)
    log = KeptLog(tmp_path, LOG)
    for offset in range(3):
        log.append(0, [Written(offset, b"message")])
    assert list(kept(tmp_path, 0)) == [(0, b"message")]


def test_the_log_of_another_broker_takes_its_place(tmp_path: Path) -> None:
    KeptLog(tmp_path, LOG).append(2, [Written(0, b"old")])
    other = TopicIdentity("observations", "two/observations", 1)
    KeptLog(tmp_path, other).append(0, [Written(0, b"new")])
    assert identity_of(tmp_path) == other
    assert (list(kept(tmp_path, 2)), list(kept(tmp_path, 0))) == ([], [(0, b"new")])


def test_where_there_is_none_nobody_s_log_is_kept(tmp_path: Path) -> None:
    assert identity_of(tmp_path / "nowhere") is None
    assert list(kept(tmp_path / "nowhere", 0)) == []


def test_a_file_that_was_changed_says_so(tmp_path: Path) -> None:
    KeptLog(tmp_path, LOG).append(0, [Written(0, b"message")])
    file = tmp_path / "0000.log"
    file.write_bytes(file.read_bytes()[:-4] + b"abcd")
    with pytest.raises(BrokenLog, match=r"0000\.log is damaged"):
        list(kept(tmp_path, 0))

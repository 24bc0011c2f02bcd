"""What calls to ClickHouse raise, and what people may ask."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from schemas.errors import InvalidSettings, Unavailable
from schemas.facts import DeadLetter
from sinks.clickhouse import queries
from sinks.clickhouse.adhoc import ask
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.client import Database, QueryRefused
from sinks.clickhouse.settings import ClickHouseSettings
from tests.sinks.conftest import batch, fact_id, level, movement, record, records
from tests.sinks.examples import EXAMPLES


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_clickhouse_down_names_address_and_advice(closed_port: int) -> None:
    archive = Archive(ClickHouseSettings(port=closed_port))
    with pytest.raises(Unavailable) as raised:
        archive.open()
    assert raised.value.component == f"ClickHouse at http://127.0.0.1:{closed_port}"
    assert "connection refused" in str(raised.value)
    assert "Start it" in raised.value.advice


def test_writing_while_it_is_down_raises_and_the_same_batch_lands_later(archive: Archive, closed_port: int) -> None:
    same = records([movement(1)])
    with pytest.raises(Unavailable):
        Archive(replace(archive.settings, port=closed_port)).write("stock.movements", 0, same)
    assert archive.write("stock.movements", 0, same).rows == 1


def test_every_call_has_a_deadline(silent_port: int) -> None:
    database = Database(ClickHouseSettings(port=silent_port, timeout_seconds=1.0))
    began = time.monotonic()
    with pytest.raises(Unavailable, match="no answer within 1 seconds"):
        database.rows("SELECT 1")
    assert time.monotonic() - began < 5


def test_a_question_that_takes_too_long_is_ended(engine: ClickHouseSettings) -> None:
    database = Database(replace(engine, database="default", timeout_seconds=1.0))
    began = time.monotonic()
    with pytest.raises(Unavailable):
        database.rows("SELECT count() FROM numbers(1e13) WHERE NOT ignore(sipHash64(number))")
    assert time.monotonic() - began < 5


def test_a_server_without_our_database_says_so(engine: ClickHouseSettings) -> None:
    with pytest.raises(Unavailable, match="it has no database 'nowhere'"):
        Database(replace(engine, database="nowhere")).rows("SELECT 1")


def test_wrong_sql_is_refused_in_clickhouses_words(database: Database) -> None:
    with pytest.raises(QueryRefused, match=r"ClickHouse at http://[\d.:]+: .*nowhere.*\(UNKNOWN_TABLE\)$"):
        database.rows("SELECT * FROM nowhere")


def test_the_password_is_never_shown(closed_port: int) -> None:
    settings = ClickHouseSettings(port=closed_port, password="hunter2")
    with pytest.raises(Unavailable) as raised:
        Database(settings).rows("SELECT 1")
    assert "hunter2" not in f"{settings!r} {settings} {raised.value!r} {raised.value}"


def test_addresses(closed_port: int) -> None:
    assert ClickHouseSettings(host="::1", port=1).url == "http://[::1]:1"
    assert ClickHouseSettings(host="ch.example", port=8443, secure=True).url == "https://ch.example:8443"
    assert [ClickHouseSettings(host=h).is_loopback for h in ("127.0.0.1", "::1", "localhost", "10.0.0.1", "ch")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_threads_may_share_a_database(database: Database, archive: Archive) -> None:
    archive.write_many([batch([level(n, n, 1, sku=f"sku-{n}") for n in range(20)])])
    failures = list[str]()

    def look(n: int) -> None:
        rows = queries.stock(database, sku=f"sku-{n}")
        if [row["on_hand"] for row in rows] != [n]:
            failures.append(f"sku-{n}: {rows}")

    threads = [threading.Thread(target=look, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


EVIL = ["' OR '1'='1", "'; DROP TABLE stock_latest; --", "\\' OR 1 --", "{sku:String}", "S1\x00", "%", "`"]


@pytest.mark.parametrize("text", EVIL)
def test_injected_sql_finds_nothing_and_harms_nothing(archive: Archive, text: str) -> None:
    database = archive.database
    archive.write_many([batch([level(1, 5, 1)]), batch([movement(2)])])
    assert queries.stock(database, location=text) == []
    assert queries.stock(database, sku=text) == []
    assert queries.orders(database, state=text, location=text) == []
    assert queries.transfers(database, state=text, location=text) == []
    assert queries.tasks(database, location=text) == []
    assert queries.order_history(database, text) == []
    assert queries.movements(database, text, text) == queries.dead_letters(database, text) == []
    assert len(queries.stock(database)) == 1


@pytest.mark.parametrize("text", EVIL)
def test_odd_names_are_stored_and_found_again(archive: Archive, text: str) -> None:
    archive.write_many([batch([level(1, 5, 1, location=text)])])
    assert [row["location"] for row in queries.stock(archive.database, location=text)] == [text]


def test_every_query_answers_on_an_empty_database(database: Database) -> None:
    assert queries.stock(database) == queries.orders(database) == queries.transfers(database) == []
    assert queries.alerts(database) == queries.tasks(database) == queries.latency(database) == []
    assert queries.negative_book(database) == queries.conservation_gaps(database) == []
    assert queries.dead_letters(database) == queries.dead_letters_by_reason(database) == []
    assert queries.sales_by_day(database) == queries.sales_by_hour(database) == queries.movements(database) == []
    assert (queries.net_units_total(database), queries.dead_letter_units_total(database)) == (0, 0.0)
    assert set(queries.table_counts(database).values()) == {0}


def test_dead_letters_are_counted_by_reason(archive: Archive) -> None:
    import msgspec

    from tests.sinks.examples import EXAMPLES

    (letter,) = [example for example in EXAMPLES if type(example).__name__ == "DeadLetter"]
    other = msgspec.structs.replace(letter, fact_id="00000000-0000-0000-0000-0000000000ff", offset=7, units=None)
    archive.write_many([batch([letter, other])])
    # Read again by intake, which stamps it anew: still one letter.
    again = msgspec.json.encode(msgspec.structs.replace(letter, recorded_at=letter.occurred_at))
    archive.write("dead.letters", 0, [record(50, again)])
    (row,) = queries.dead_letters_by_reason(archive.database)
    assert (row["topic"], row["reason"], row["letters"], row["units"], row["letters_of_unknown_units"]) == (
        "readings.pos", "unknown_item", 2, 2.5, 1,
    )  # fmt: skip
    assert row["units_spoken_of"] == 2.5
    assert queries.dead_letter_units_total(archive.database) == 2.5
    assert len(queries.dead_letters(archive.database, "unknown_item")) == 2


def test_units_that_came_and_went_do_not_cancel_out_and_unknown_ones_are_not_none(archive: Archive) -> None:
    letter = next(fact for fact in EXAMPLES if isinstance(fact, DeadLetter))
    changed = msgspec.structs.replace
    letters = [changed(letter, fact_id=fact_id(900 + n), units=units) for n, units in enumerate((4.0, -4.0, None))]
    letters.append(changed(letter, fact_id=fact_id(910), reason="truncated", units=None))
    archive.write_many([batch(letters)])
    found = {row["reason"]: row for row in queries.dead_letters_by_reason(archive.database)}
    one = found[letter.reason]
    assert (one["letters"], one["units"], one["units_spoken_of"], one["letters_of_unknown_units"]) == (3, 0.0, 8.0, 1)
    assert found["truncated"]["units_spoken_of"] is None


def test_people_ask_and_get_rows(archive: Archive) -> None:
    archive.write_many([batch([level(n, n, 1, sku=f"sku-{n}") for n in range(5)])])
    answer = ask(archive.database, "SELECT sku, on_hand FROM stock_now ORDER BY sku -- by name;\n;", max_rows=2)
    assert answer.columns == ["sku", "on_hand"]
    assert answer.types == ["String", "Int64"]
    assert (answer.rows, answer.is_complete) == ([["sku-0", 0], ["sku-1", 1]], False)
    assert ask(archive.database, "WITH 1 AS a SELECT a").is_complete
    assert ask(archive.database, "SHOW TABLES LIKE 'tasks'").rows == [["tasks"]]
    assert ask(archive.database, "SELECT toUInt64(18446744073709551615)").rows == [[2**64 - 1]]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE tasks",
        "INSERT INTO tasks (sku) VALUES ('x')",
        "TRUNCATE TABLE tasks",
        "SET readonly = 0",
        "SELECT 1; DROP TABLE tasks",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT 1 INTO OUTFILE 'x'",
        "SELECT 1 FORMAT CSV",
        "WITH 1 AS x INSERT INTO tasks (sku) SELECT 'x'",
        "KILL QUERY WHERE 1",
        "SELEC",
        "",
    ],
)
def test_people_cannot_change_anything(archive: Archive, sql: str) -> None:
    with pytest.raises(QueryRefused):
        ask(archive.database, sql)
    assert queries.table_counts(archive.database)["tasks"] == 0


def test_what_layers_of_clickhouse_add_is_said_once() -> None:
    from clickhouse_connect.driver.exceptions import DatabaseError

    from sinks.clickhouse.client import _translation

    layers = "Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format Foo. (UNKNOWN_FORMAT). (UNKNOWN_FORMAT)"
    refused = DatabaseError(f"error: {layers}. (UNKNOWN_FORMAT) (version 26.1)", code=73)
    assert str(_translation(refused, ClickHouseSettings())).endswith(": Unknown format Foo. (UNKNOWN_FORMAT)")
    plain = DatabaseError("Code: 47. DB::Exception: Unknown x (of A). (UNKNOWN_IDENTIFIER)", code=47)
    assert str(_translation(plain, ClickHouseSettings())).endswith(": Unknown x (of A). (UNKNOWN_IDENTIFIER)")


def test_a_wrong_password_is_a_wrong_setting() -> None:
    from clickhouse_connect.driver.exceptions import DatabaseError

    from sinks.clickhouse.client import _translation

    refused = DatabaseError(
        "Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)", code=516
    )
    assert isinstance(_translation(refused, ClickHouseSettings()), InvalidSettings)

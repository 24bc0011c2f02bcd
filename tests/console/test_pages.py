"""The pages over known facts."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from console.rendering import _ENVIRONMENT, MENU, STATIC

EVIL = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
ADDRESSES = [
    *(entry.path for entry in MENU),
    "/orders/order-1",
    "/transfers/move-1",
    "/transfers/move-2",
    "/orders?state=all",
    "/stock?only=negative",
]


def text(client: TestClient, address: str) -> str:
    """What is read on a page: no tags, single spaces."""
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text.partition("<main>")[2]))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_renders(client: TestClient, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count('aria-current="page"') == 1


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.label)
def test_every_page_renders_before_the_first_fact(new_client: TestClient, entry: tuple[str, str]) -> None:
    assert new_client.get(entry[0]).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_polling_answers_only_what_changes(client: TestClient, address: str) -> None:
    whole = client.get(address).text
    part = client.get(address, headers={"HX-Request": "true"})
    assert f'hx-get="{address.replace("&", "&amp;")}" hx-trigger="every 2s"' in whole
    assert "<html" not in part.text
    assert "<form" not in part.text
    assert part.headers["vary"] == "HX-Request"


@pytest.mark.parametrize(
    "address", [*ADDRESSES, f"/stock?sku={EVIL}", f"/sales?sku={EVIL}", f"/orders?location={EVIL}"]
)
def test_nothing_that_is_shown_becomes_markup(client: TestClient, address: str) -> None:
    assert "<script>" not in client.get(address).text


def test_names_that_look_like_markup_are_shown_as_they_are(client: TestClient) -> None:
    for address in ("/stock", "/orders", "/dead-letters"):
        assert ESCAPED in client.get(address).text
    attack = client.get('/stock?sku="><img src=x onerror=alert(1)>').text
    assert "<img src=x" not in attack
    assert client.get(f"/orders/{EVIL}").status_code == 404
    assert EVIL not in client.get(f"/orders/{EVIL}").text


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_asked_of_other_hosts_and_nothing_is_inline(client: TestClient, address: str) -> None:
    page = client.get(address).text
    assert re.findall(r'(?:src|href|action|hx-get|data-source)="(?!/)[^"]*"', page) == []
    assert "://" not in page
    assert " style=" not in page
    assert re.search(r"<style|<script(?! defer src=)|\son\w+=", page) is None


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_file_a_page_names_is_served(client: TestClient, address: str) -> None:
    files = re.findall(r'(?:src|href)="(/static/[^"]*)"', client.get(address).text)
    assert files
    assert {client.get(file).status_code for file in files} == {200}


def test_vendored_files_carry_their_licences() -> None:
    vendored = {file.name.partition("-")[0] for file in (STATIC / "vendor").iterdir()}
    assert vendored == {"htmx", "uPlot"}
    assert all((STATIC / "vendor" / f"{name}-LICENSE.txt").stat().st_size > 400 for name in vendored)


def test_the_overview_reads_right(client: TestClient) -> None:
    read = text(client, "/")
    for words in (
        "Units on hand 41 2 locations · 3 SKUs",
        "Negative book 1 1 of 4 have none left",
        "Open orders 3 54 units · 1 to approve",
        "Newest orders 1 to approve · all",
        "Open transfers 1",
        "Open alerts 2 1 severe",
        "Dead letters 3",
        "Stock movements 4 archived in the last hour",
        "Reading to reorder 250 ms 99 % within 250 ms",
    ):
        assert words in read


def test_negative_stock_stands_out(client: TestClient) -> None:
    page = client.get("/stock").text
    assert page.count('<tr class="negative">') == 1
    assert "−2" in page
    assert "sales floor 3" in page


def test_a_filter_stays_in_the_form(client: TestClient) -> None:
    page = client.get("/stock?location=S1&sku=SHIRT&only=out").text
    assert 'name="sku" value="SHIRT"' in page
    assert '<option value="S1" selected>S1 · Berlin &amp; Mitte</option>' in page
    assert '<option value="out" selected>' in page


def test_orders_say_why(client: TestClient) -> None:
    read = text(client, "/orders")
    assert "Position 3 ≤ reorder point 17; up to 25 takes 22, ordered 24." in read
    assert "1.25 a day, lead time 9 days" in read
    assert "96.00 EUR" in read


def test_surplus_says_by_when_and_which_markdown(client: TestClient) -> None:
    read = text(client, "/surplus?location=S1")
    assert "2026-03-07 286 180.1 1 % 50 % 10.5 unsold, 1,910.79 EUR more 60 % 3,601.60 EUR" in read
    assert "within a year" in text(client, "/surplus?location=S2")
    assert "Nothing is unlikely to sell." in text(client, "/surplus?location=S9")


def test_budgets_say_what_is_left_and_who_waits(client: TestClient, new_client: TestClient) -> None:
    read = text(client, "/budgets")
    assert "spent 1,000.00 EUR 960.00 EUR 10 orders 40.00 EUR 1 96.00 EUR, earning 120.00 EUR" in read
    assert "order-4 spring S1 SHIRT-M 24 96.00 EUR 120.00 EUR" in read
    assert "nothing limits what is bought" in text(new_client, "/budgets")


def test_an_order_shows_inputs_and_history(client: TestClient) -> None:
    read = text(client, "/orders/order-1")
    assert "Reorder point 17 safety stock 5.5" in read
    assert "3 on hand + 0 on order − 0 reserved" in read
    assert "Taken back at 25 position without this order" in read
    assert "12 units are enough with 50 % 17 units are enough with 95 %" in read
    assert "12 days are enough with 95 %" in read
    assert "ordered 3.25 EUR nothing 41.00 EUR" in read
    assert "probability enough 0.9619" in read
    assert "price not known" in read
    assert "Suppliers" not in read  # none were compared
    assert "1.25 a day variance 2.00, 30 days observed" in read
    assert read.index("proposed 24 revision 1") < read.index("approved 24 by the buyer")


def test_an_order_says_why_what_would_cost_less_was_not_chosen(client: TestClient) -> None:
    said = "What is expected to cost less does so until a next order is there"
    assert said in text(client, "/orders/order-6")
    assert said not in text(client, "/orders/order-1"), "the order costs least there"


def test_an_order_shows_what_came_of_it(client: TestClient) -> None:
    read = text(client, "/orders/order-6")
    assert "received 20 of 24 EA of SHIRT-M for S1 from ACME, 80.00 EUR" in read
    assert "proposed 24 revision 1" in read
    assert "received 20 of 24 received by the ERP: 20 of 24 units came" in read
    assert "SHIRT-M SHIRT 20 of 24 80.00 EUR" in text(client, "/orders?state=received")


def test_a_transfer_says_why_it_is_what_it_is_by_now(client: TestClient) -> None:
    """It waited for a person, who made five of ten of it; then it came."""
    read = text(client, "/transfers/move-3")
    assert "S2 runs out. 5 instead of 10 since revision 2: changed by ana" in read
    assert "received 5 units of SHIRT-M" in read
    assert read.count("waits for a person") == 1, "in the history alone"
    assert "waits for a person" not in text(client, "/transfers?state=received")


def test_a_transfer_shows_inputs_alternatives_outcome_and_history(client: TestClient) -> None:
    assert 'href="/transfers/move-1"' in client.get("/transfers?state=all").text
    assert "S1 runs out" in text(client, "/transfers?state=received"), "why it was decided, not what was answered last"
    read = text(client, "/transfers/move-1")
    assert "5 units of SHIRT-M from S2 to S1 , gain 60.00 EUR for 4.50 EUR" in read
    assert "for 4.50 EUR S1 runs out. 5 instead of 7 since revision 2: 5 units are best by now Transfer move-1" in read
    assert "Free at S1 0 2 to come by itself within the horizon" in read
    assert "Runs out at some time in it 97 % once these units are there 4 %" in read
    assert "Free at S2 38 of 40 on hand; keeps 12" in read
    assert (
        "Share of the gain counted on 100 % 73.00 EUR of 73.00 EUR: what can be believed after 1.0 days of demand"
        in read
    )
    assert "Costs 7.50 EUR units 2.50 EUR, of the trip 5.00 EUR, shared by 2 SKUs" in read
    assert read.index("move and buy 65.50 EUR") < read.index("buy 9.50 EUR") < read.index("wait 0.00 EUR")
    assert "the same from S3, after costs 21.25 EUR" in read
    assert "Earned after costs 23.50 EUR expected 55.50 EUR of 5 units" in read
    assert "Sold that would not have been 3.5 of 6.0 asked for at S1 in 6 days" in read
    history = [f"{one} {units}" for one, units in (("proposed", 7), ("amended", 5), ("received", 5))]
    assert sorted(history, key=read.rindex) == history
    assert client.get("/transfers/move-9").status_code == 404


@pytest.mark.parametrize(
    ("judged", "days", "told"),
    [
        (0.0, 1.0, "what can be believed after 1.0 days of demand; no transfer of late was judged yet"),
        (0.01, 1.0, "what can be believed after 1.0 days of demand; no transfer of late was judged yet"),
        (
            4.25,
            9.5,
            "what 4.2 transfers judged before it earned of that, and what can be believed after 9.5 days of demand",
        ),
        (
            None,
            2.0,
            "what transfers judged before it earned of that, and what can be believed after 2.0 days of demand",
        ),
        (None, None, "what transfers judged before it earned of that, and what can be believed"),
    ],
)
def test_a_share_says_what_it_rests_on(judged: float | None, days: float | None, told: str) -> None:
    """In the first days that is how young forecasts are, and nothing else."""
    macros: Any = _ENVIRONMENT.get_template("macros.html").module
    assert str(macros.counted_on({"input_transfers_judged": judged, "input_days_observed": days})) == told


def test_a_transfer_that_was_never_computed_shows_its_history(client: TestClient) -> None:
    read = text(client, "/transfers/move-2")
    assert ESCAPED in read
    assert "What it was computed from" not in read
    assert "What came of it" not in read
    assert "History" in read


def test_dead_letters_by_reason(client: TestClient) -> None:
    read = text(client, "/dead-letters?reason=unknown_item")
    assert "unknown item readings.pos 2 3" in read
    assert "invalid json readings.pos 1 unknown" in read
    assert "partition 1, offset 7" in read
    assert "offset 9" not in read


def test_sales_in_numbers_beside_the_chart(client: TestClient) -> None:
    page = client.get("/sales?location=S1&hours=24").text
    assert 'data-source="/api/sales?location=S1&amp;hours=24"' in page
    read = text(client, "/sales")
    assert "Sold 11 units in 4 hours" in read
    assert "Revenue 260 EUR" in read  # 5x10 + 4x50 + 2x10 - 1x10


def test_orders_stand_in_the_order_they_were_decided_in(client: TestClient) -> None:
    """Order 1 was approved after order 2 was decided, and decided before it."""
    read = text(client, "/orders")
    assert read.index("2026-03-07 13:00") < read.index("2026-03-07 12:00")
    assert "14:00" not in read


def test_a_zone_that_gave_more_than_it_had_took_it_from_another(client: TestClient) -> None:
    read = text(client, "/stock?location=S1")
    assert "back room 0 sales floor −2" in read


def test_a_page_beyond_the_last_is_the_last(client: TestClient) -> None:
    assert text(client, "/stock?number=9") == text(client, "/stock")
    assert "No stock fits this filter." in client.get("/stock?number=9&sku=nothing").text


def test_what_is_held_out_says_why_nothing_is_moved(client: TestClient) -> None:
    shown = text(client, "/transfers")
    assert "Held out Planned and judged, but not sent" in shown
    assert "61.50" in shown.partition("Held out")[2]
    assert "2026-03-14 12:00 held-1" in shown, "the id by which explain tells what came of it"
    assert "Held out" not in text(client, "/transfers?location=S9")


def test_alerts_can_be_narrowed_to_a_kind_and_each_leads_to_what_is_known(client: TestClient) -> None:
    both, one = text(client, "/alerts"), text(client, "/alerts?kind=shelf_gap")
    assert "critical S1" in both
    assert "shelf_gap &amp; more" in one
    assert "critical S1" not in one
    assert "No alert of this kind is open." in text(client, "/alerts?kind=none")
    assert 'href="/alerts/shelf_gap"' in client.get("/alerts").text
    read = text(client, "/alerts/shelf_gap")
    for words in (
        "shelf_gap &amp; more warning",
        "Kind shelf gap",
        "State firing",
        "Where S1",
        "SKU JEANS-L",
        "What was said",
    ):
        assert words in read
    assert client.get("/alerts/nothing").status_code == 404


def test_money_that_would_read_as_nothing_is_left_out(client: TestClient) -> None:
    assert "0.00 EUR an hour at risk" not in text(client, "/alerts")

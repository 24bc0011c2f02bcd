"""What was told of goods and places: replaced, withdrawn, forgotten, and kept in the order it was told."""

import pytest

from inventory.demand import notices
from inventory.demand.memory import decode, encode, recall
from inventory.demand.notices import Notice, Notices

PRICE = Notice("price", 40.0, 10, 12, "paris", "", "jeans-32")
PROMOTION = Notice("promotion", 0.2, 10, 12, "", "jeans")
RAIN = Notice("rain", 3.0, 10, 10, "paris")


def told(*several: Notice) -> Notices:
    known = Notices()
    for notice in several:
        known.tell(notice)
    return known


def test_goods_told_again_are_what_was_told_last_and_places_add_up() -> None:
    known = told(PRICE, PROMOTION, RAIN, PRICE._replace(value=30.0, last_day=20), RAIN._replace(value=5.0))
    assert known.of_goods() == [PROMOTION, PRICE._replace(value=30.0, last_day=20)]
    assert known.of_places().on(10, "paris") == {"rain": 4.0}


def test_it_is_withdrawn_by_ending_before_it_begins() -> None:
    assert told(PRICE, PROMOTION, PRICE._replace(last_day=9)).of_goods() == [PROMOTION]


def test_other_places_days_and_goods_are_something_else() -> None:
    others = [PRICE._replace(location="lyon"), PRICE._replace(first_day=11), PRICE._replace(sku="jeans-34")]
    assert told(PRICE, *others).of_goods() == [PRICE, *others]


def test_what_is_over_is_forgotten() -> None:
    known = told(PRICE, PROMOTION._replace(last_day=30), RAIN)
    known.forget_before(13)
    assert known.of_goods() == [PROMOTION._replace(last_day=30)]
    assert not known.of_places()


def test_of_too_many_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_MOST", 3)
    days = [PRICE._replace(first_day=day, last_day=day) for day in range(5)]
    rains = [RAIN._replace(first_day=day, last_day=day) for day in range(5)]
    known = told(*days, *rains)
    assert known.of_goods() == days[2:]
    assert [known.of_places().on(day, "paris") for day in (1, 2)] == [{}, {"rain": 3.0}]


def test_saved_and_taken_up_again_it_goes_on_in_the_same_order() -> None:
    known, again = told(PRICE, PROMOTION, RAIN), Notices()
    recall(again, decode(encode(known)))
    for one in (known, again):
        one.tell(PRICE._replace(value=1.0))
    assert again.of_goods() == known.of_goods() == [PROMOTION, PRICE._replace(value=1.0)]
    assert again.of_places().on(10, "paris") == {"rain": 3.0}

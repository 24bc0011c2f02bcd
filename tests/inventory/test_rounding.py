"""Rounding and sharing out: laws, hand arithmetic and brute force."""

import itertools
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from inventory.replenishment.distribution import Distribution, counts, poisson
from inventory.replenishment.rounding import Lots, Rounding, economic, orderable
from tests.inventory.rationing import Claim, ration

RULES: tuple[Rounding, ...] = ("up", "down", "nearest")


def some_lots() -> some.SearchStrategy[Lots]:
    cap = some.none() | some.integers(0, 80)
    return some.builds(Lots, some.integers(0, 30), some.integers(1, 13), cap)


def can_be_ordered(quantity: int, lots: Lots) -> bool:
    if quantity == 0:
        return True
    capped = lots.most_units is None or quantity <= lots.most_units
    return quantity % lots.pack_units == 0 and quantity >= lots.minimum_order_units and capped


@given(some.integers(-5, 120), some_lots(), some.sampled_from(RULES))
def test_every_rule_gives_what_can_be_ordered_and_no_less_for_more_need(
    need: int, lots: Lots, rounding: Rounding
) -> None:
    quantity = orderable(need, lots, rounding)
    assert can_be_ordered(quantity, lots)
    assert quantity <= orderable(need + 1, lots, rounding)


@given(some.integers(1, 120), some_lots())
def test_the_rules_choose_as_they_are_named(need: int, lots: Lots) -> None:
    every = [quantity for quantity in range(200) if can_be_ordered(quantity, lots)]
    assert orderable(need, lots, "up") == min((q for q in every if q >= need), default=every[-1])
    assert orderable(need, lots, "down") == max(q for q in every if q <= need)
    nearest = min(every, key=lambda quantity: (abs(quantity - need), -quantity))
    assert orderable(need, lots, "nearest") == nearest


def worth_of(demand: Distribution, overage: float) -> Callable[[int], float]:
    """A margin of 1 less the overage for a unit sold, the overage lost for one that is not."""
    return lambda units: demand.shortage(0) - demand.shortage(units) - overage * units


@given(some_lots(), some.floats(0.1, 30.0), some.floats(1.0, 4.0), some.floats(0.01, 0.99))
def test_the_economic_quantity_earns_most_of_all_that_can_be_ordered(
    lots: Lots, mean: float, ratio: float, overage: float
) -> None:
    """Worth of q units: sum of P(D >= j) - overage; concave, so the best of all multiples."""
    demand = counts(mean, mean * ratio)
    quantity = economic(worth_of(demand, overage), lots, demand.most)
    assert can_be_ordered(quantity, lots)
    chances = demand.survival.tolist()

    def worth(units: int) -> float:
        return sum(chances[:units]) - overage * units

    reach = min(len(chances) + lots.first, 2000)
    best = max(worth(q) for q in range(0, reach, lots.pack_units) if can_be_ordered(q, lots))
    assert worth(quantity) == pytest.approx(best, abs=1e-9)


def test_an_economic_order_by_hand() -> None:
    """Poisson(3): P(D >= 1..4) = .950, .801, .577, .353; at an overage of .4 a pack of 2 pays twice (.930 >= .8)."""
    three = poisson(3)
    assert economic(worth_of(three, 0.4), Lots(pack_units=2), three.most) == 4
    assert economic(worth_of(three, 0.47), Lots(pack_units=2), three.most) == 2
    dear = economic(worth_of(three, 0.4), Lots(minimum_order_units=8), three.most)
    assert dear == 0, "2.97 of 8 sell, 3.2 must"


def _concave(gains: list[float]) -> tuple[float, ...]:
    return tuple(sorted(gains, reverse=True))


def some_claims(lot: int = 1) -> some.SearchStrategy[list[Claim]]:
    gains = some.lists(some.floats(-2, 9), max_size=5).map(_concave)
    return some.lists(gains, min_size=1, max_size=4).map(
        lambda drawn: [Claim(f"store-{place}", gains, lot) for place, gains in enumerate(drawn)]
    )


def _worth(claims: list[Claim], units: tuple[int, ...]) -> float:
    return sum(sum(claim.gains[:number]) for claim, number in zip(claims, units, strict=True))


def _best(claims: list[Claim], limit: int) -> float:
    choices = [range(0, len(claim.gains) + 1, claim.lot) for claim in claims]
    return max(_worth(claims, units) for units in itertools.product(*choices) if sum(units) <= limit)


@given(some_claims(), some.integers(0, 14))
def test_rationing_is_the_best_of_all_ways_to_share(claims: list[Claim], available: int) -> None:
    given_units = ration(available, claims)
    assert sum(given_units.values()) <= available
    units = tuple(given_units[claim.key] for claim in claims)
    assert _worth(claims, units) == pytest.approx(_best(claims, available))


@given(some_claims(lot=2), some.integers(0, 14))
def test_rationing_equal_packs_is_exact_too(claims: list[Claim], available: int) -> None:
    given_units = ration(available, claims)
    assert all(number % 2 == 0 for number in given_units.values())
    units = tuple(given_units[claim.key] for claim in claims)
    assert _worth(claims, units) == pytest.approx(_best(claims, available))


def test_floors_go_first_and_a_holdback_stays() -> None:
    claims = [Claim("a", (9.0, 8.0, 7.0, 6.0)), Claim("b", (1.0, 0.5), floor=1)]
    assert ration(4, claims) == {"a": 3, "b": 1}
    assert ration(4, claims, holdback_share=0.25) == {"a": 2, "b": 1}


def test_a_tie_goes_to_the_lower_key_whatever_the_order_of_claims() -> None:
    claims = [Claim(key, (2.0, 2.0)) for key in "bca"]
    assert ration(3, claims) == ration(3, claims[::-1]) == {"a": 2, "b": 1, "c": 0}


def test_rationing_lost_sales_serves_the_most_customers() -> None:
    """Two stores, Poisson 2 and 4, three units: the third is worth P(D >= .) .762 at the second, .594 at the first."""
    claims = [Claim(name, _reach(poisson(mean))) for name, mean in (("small", 2), ("large", 4))]
    assert ration(3, claims) == {"large": 2, "small": 1}
    assert ration(4, claims) == {"large": 3, "small": 1}
    assert math.isclose(claims[1].gains[2], 1 - math.exp(-4) * (1 + 4 + 8))


def _reach(demand: Distribution) -> tuple[float, ...]:
    return tuple(demand.survival.tolist())

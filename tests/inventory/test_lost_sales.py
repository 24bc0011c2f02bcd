"""Orders under lost sales: the newsvendor, the exact single-order rule beside, and every plan tried by hand."""

import numpy as np
import pytest

from inventory.replenishment.distribution import Distribution, counts
from inventory.replenishment.lost_sales import Costs, order_quantities, probabilities
from inventory.replenishment.policies.projected_inventory import order_quantity, projected

COSTS = Costs(holding=0.2, shortage=1.0)


def _ordered(on_hand: int, arrivals: list[int], mean: list[float], variance: list[float]) -> int:
    units = np.array([on_hand]), np.array([arrivals], dtype=np.int64).reshape(1, len(arrivals))
    return int(order_quantities(*units, np.array([mean]), np.array([variance]), COSTS)[0])


@pytest.mark.parametrize(
    ("on_hand", "mean", "variance"), [(0, 3.0, 3.0), (5, 12.0, 40.0), (1, 0.3, 0.4), (30, 2.0, 2.5)]
)
def test_one_order_is_that_of_the_projected_inventory(on_hand: int, mean: float, variance: float) -> None:
    demand = counts(mean, variance)
    *_, stock = projected(on_hand, [demand, demand], [2, 4])
    exact = order_quantity(demand, stock, COSTS.critical_ratio)
    assert _ordered(on_hand, [2, 4], [mean] * 3, [variance] * 3) == exact


def _cost(first: int, demands: list[Distribution]) -> float:
    """Two periods, the second order the newsvendor's: written out with the distributions of the policies."""
    *_, stock = projected(0, demands[:1], [first])
    second = order_quantity(demands[1], stock, COSTS.critical_ratio)
    *_, left = projected(0, demands, [first, second])
    sold = first + second - left.mean
    lost = sum(demand.mean for demand in demands) - sold
    return COSTS.holding * (stock.mean + left.mean) + COSTS.shortage * lost


@pytest.mark.parametrize("means", [(4.0, 0.5), (4.0, 4.0), (0.6, 0.1)])
def test_looking_ahead_finds_the_cheapest_first_order(means: tuple[float, float]) -> None:
    demands = [counts(mean, 2.0 * mean) for mean in means]
    best = min(range(30), key=lambda units: _cost(units, demands))
    assert _ordered(0, [], list(means), [2.0 * mean for mean in means]) == best


def test_less_is_ordered_where_what_is_left_would_lie() -> None:
    """Hardly any demand follows: a unit left over lies for all of the eight periods."""
    lies, sells = [5.0, *[0.01] * 8], [5.0] * 9
    alone = _ordered(0, [], [5.0], [5.0])
    assert _ordered(0, [], lies, lies) < _ordered(0, [], sells, sells) <= alone


def test_no_demand_orders_nothing_and_arrays_of_any_width_agree() -> None:
    assert _ordered(0, [0, 0], [0.0] * 3, [0.0] * 3) == 0
    on_hand, mean = np.array([0, 3, 500]), np.array([[2.0] * 3, [40.0] * 3, [300.0] * 3])
    arrivals = np.array([[1, 1], [30, 0], [100, 90]])
    together = order_quantities(on_hand, arrivals, mean, 2.0 * mean, COSTS)
    single = [_ordered(int(on_hand[row]), arrivals[row].tolist(), [*mean[row]], [*2.0 * mean[row]]) for row in range(3)]
    assert together.tolist() == single


def test_more_than_it_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="4096 units at most"):
        _ordered(5000, [], [1.0], [1.0])


def test_probabilities_are_those_of_the_policies() -> None:
    exact = counts(3.0, 7.0).pmf[:20]
    assert probabilities(np.array(3.0), np.array(7.0), 60)[:20] == pytest.approx(exact, abs=1e-9)

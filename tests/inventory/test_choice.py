"""What to mix: by hand, and that the better one, or the better mixture, is found."""

import numpy as np
import pytest

from inventory.demand.choice import Choice, pinball, towards

ONE = np.zeros(1, dtype=np.intp)


def test_pinball_by_hand() -> None:
    """3 came: 1 was told at 0.5, cost 0.5 * 2; 4 at 0.9, cost 0.1 * 1."""
    assert pinball(np.array([[1.0, 4.0]]), np.array([0.5, 0.9]), np.array([3.0])) == pytest.approx([0.55])


def test_equal_until_something_was_lost() -> None:
    choice = Choice(3, 2)
    choice.grow(4)
    assert choice.weights(np.zeros(4, dtype=np.intp)) == pytest.approx(np.full((3, 4), 1 / 3))
    choice.learn(np.zeros((3, 1)), ONE, ONE)
    assert choice.weights(np.zeros(4, dtype=np.intp)) == pytest.approx(np.full((3, 4), 1 / 3))


def test_weights_by_hand() -> None:
    """Once 0.9 and 1.1, 0.1 from their mean, and so 30 times of its class: 31 * 0.2 apart, by chance 0.1 sqrt(31)."""
    choice = Choice(2, 1)
    choice.grow(1)
    choice.learn(np.array([[0.9], [1.1]]), ONE, ONE)
    first, second = choice.weights(ONE)[:, 0]
    assert np.log(first / second) == pytest.approx(4.0 * np.sqrt(31.0), rel=1e-4)
    assert first + second == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [0.01, 1.0, 300.0])
def test_units_of_any_size_are_weighed_alike(scale: float) -> None:
    choice, random = Choice(2, 1), np.random.default_rng(3)
    choice.grow(1)
    for loss in random.gamma(4.0, 0.25, (40, 2, 1)):
        choice.learn(scale * loss, ONE, ONE)
    same = Choice(2, 1)
    same.grow(1)
    for loss in np.random.default_rng(3).gamma(4.0, 0.25, (40, 2, 1)):
        same.learn(loss, ONE, ONE)
    assert choice.weights(ONE) == pytest.approx(same.weights(ONE), rel=1e-4)


def test_what_chance_brings_moves_little() -> None:
    """Two that cost the same but for chance: in a thousand series no weight is near 0 or 1."""
    n, random = 1000, np.random.default_rng(5)
    choice, series, classes = Choice(2, 1), np.arange(n), np.zeros(n, dtype=np.intp)
    choice.grow(n)
    for loss in random.gamma(4.0, 0.25, (60, 2, n)):
        choice.learn(loss, classes, series)
    weights = choice.weights(classes)[0]
    assert np.quantile(weights, [0.1, 0.9]) == pytest.approx([0.1, 0.9], abs=0.08)


def test_a_new_series_follows_its_class_and_not_another() -> None:
    choice = Choice(2, 2)
    choice.grow(3)
    classes, chosen = np.array([0, 1], dtype=np.intp), np.array([0, 1], dtype=np.intp)
    for _ in range(50):
        choice.learn(np.array([[1.0, 2.0], [2.0, 1.0]]), classes, chosen)
    choice.grow(4)
    weights = choice.weights(np.array([0, 1, 0, 1], dtype=np.intp))
    assert weights[0, 2] > 0.99
    assert weights[1, 3] > 0.99


def test_a_series_of_its_own_kind_is_seen_through_its_class() -> None:
    """All of the class do better with the first, one always with the second: its weight moves there."""
    choice = Choice(2, 1)
    choice.grow(50)
    series, classes = np.arange(50), np.zeros(50, dtype=np.intp)
    loss = np.tile([[1.0], [1.02]], (1, 50))
    loss[:, 0] = [1.5, 0.5]
    for _ in range(60):
        choice.learn(loss, classes, series)
    weights = choice.weights(classes)
    assert weights[1, 0] > 0.9
    assert weights[1, 1] < 0.5


def test_the_better_one_is_found_again_after_a_change() -> None:
    choice = Choice(2, 1)
    choice.grow(1)
    for loss in [[[1.0], [2.0]]] * 40 + [[[2.0], [1.0]]] * 60:
        choice.learn(np.array(loss), ONE, ONE)
    assert choice.weights(ONE)[1, 0] > 0.9


def test_towards_by_hand() -> None:
    """3 came, the median was told as 2: loss 0.5, and half a unit less for each one more."""
    found = towards(np.array([[[1.0]], [[2.0]], [[4.0]]]), np.array([[2.0]]), np.array([0.5]), np.array([3.0]))
    assert found[:, 0] == pytest.approx([1.0, 0.5, -0.5])


def test_two_that_err_to_opposite_sides_are_mixed() -> None:
    """Always 8 and always 14 of a demand about 10: alone the first is better, and a third of the other is best."""
    choice, random = Choice(2, 1), np.random.default_rng(7)
    choice.grow(1)
    told, chance, mixtures = np.array([[[8.0]], [[14.0]]]), np.array([0.5]), []
    for units in random.poisson(10.0, 600):
        mixed = (choice.weights(ONE)[:, 0, None, None] * told).sum(axis=0)
        choice.learn(towards(told, mixed, chance, np.array([float(units)])), ONE, ONE)
        mixtures.append(mixed[0, 0])
    assert np.mean(mixtures[300:]) == pytest.approx(10.0, abs=0.6)
    assert np.std(mixtures[300:]) < 1.5


def test_a_series_on_one_side_of_all_forecasts_is_given_the_nearest() -> None:
    """Sums of slopes are negative then; weights stay weights."""
    choice = Choice(2, 1)
    choice.grow(1)
    told, chance = np.array([[[1.0]], [[3.0]]]), np.array([0.5])
    for _ in range(50):
        mixed = (choice.weights(ONE)[:, 0, None, None] * told).sum(axis=0)
        choice.learn(towards(told, mixed, chance, np.array([9.0])), ONE, ONE)
    weights = choice.weights(ONE)[:, 0]
    assert weights.sum() == pytest.approx(1.0)
    assert weights[1] > 0.9

"""Signals on category and store: planted effects found, noise left alone, gaps survived."""

import math
from collections.abc import Callable, Mapping

import msgspec
import numpy as np
import pytest

from inventory.demand.signals import Key, Signals
from inventory.demand.signals.regression import Regression

STORES, CATEGORIES, NOISE, SHOCK = 10, 2, 0.2, 0.05
Truth = Callable[[Key, Mapping[str, float]], float]


def _features(random: np.random.Generator, day: int) -> dict[str, float]:
    return {
        "temperature": 15.0 + 10.0 * math.sin(day / 58.0) + random.normal(0.0, 4.0),
        "promotion": bool(random.random() < 0.1),
        "moon": random.normal(),
    }


def _run(truth: Truth, days: int, seed: int) -> tuple[Signals, float]:
    """A learner beside a forecast whose level follows sales (28 days), and its squared error over the forecast's."""
    random, learner, missed, total = np.random.default_rng(seed), Signals(), 0.0, 0.0
    level: dict[Key, float] = {}
    for day in range(days):
        weather, shock = _features(random, day), random.normal(0.0, SHOCK)
        for store in range(STORES):
            for category in range(CATEGORIES):
                key = Key(f"store {store}", f"category {category}")
                features = weather | {"promotion": bool(random.random() < 0.1), "local": random.normal()}
                happened = truth(key, features) + shock + random.normal(0.0, NOISE)
                log_ratio = happened - level.get(key, 0.0)
                level[key] = level.get(key, 0.0) + log_ratio / 28.0
                if day >= 56:
                    missed += (log_ratio - sum(learner.effect(key, features).values())) ** 2
                    total += log_ratio**2
                learner.learn(day, key, features, log_ratio, 100.0)
    return learner, missed / total


def _weather(key: Key, features: Mapping[str, float]) -> float:
    """Per sd of 8 degrees: +8 % in one category, -4 % in the other; promotions +40 % (log)."""
    slope = 0.08 if key.category == "category 0" else -0.04
    return slope * (features["temperature"] - 15.0) / 8.0 + 0.4 * features["promotion"]


def _between(
    learner: Signals, category: str, one: dict[str, float], other: dict[str, float], store: str = "store 0"
) -> float:
    told = [sum(learner.effect(Key(store, category), features).values()) for features in (one, other)]
    return told[0] - told[1]


def test_signals_that_say_something_make_forecasts_better() -> None:
    learner, share = _run(_weather, 250, seed=1)
    promotions, days_of_weather = 0.1 * 0.9 * 0.4**2, 0.25 * (0.08**2 + 0.04**2) / 2.0  # a quarter of it within 28 days
    explained, unexplained = promotions + days_of_weather, NOISE**2 + SHOCK**2
    assert share < 1.0 - 0.9 * explained / (explained + unexplained)
    assert _between(learner, "category 0", {"promotion": True}, {}) == pytest.approx(0.4, abs=0.05)
    assert _between(learner, "category 0", {"temperature": 23.0}, {"temperature": 15.0}) == pytest.approx(
        0.08, abs=0.03
    )
    assert _between(learner, "category 1", {"temperature": 23.0}, {"temperature": 15.0}) == pytest.approx(
        -0.04, abs=0.03
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_signals_that_say_nothing_do_no_harm(seed: int) -> None:
    _, share = _run(lambda *_: 0.0, 250, seed)
    assert share < 1.01


def test_a_store_differs_from_the_chain_only_with_evidence() -> None:
    def truth(key: Key, features: Mapping[str, float]) -> float:
        return (0.45 if key.store == "store 3" else 0.15) * features["local"]

    learner, _ = _run(truth, 250, seed=4)
    assert _between(learner, "category 0", {"local": 1.0}, {"local": 0.0}, "store 3") == pytest.approx(0.45, abs=0.1)
    assert _between(learner, "category 0", {"local": 1.0}, {"local": 0.0}, "new") == pytest.approx(
        0.18, abs=0.05
    )  # the mean of the ten


def test_what_is_missing_or_unknown_breaks_nothing() -> None:
    random, gaps = np.random.default_rng(5), np.random.default_rng(6)
    learner, key = Signals(), Key("store", "category")
    for day in range(400):
        features = _features(random, day)
        happened = 0.1 * (features["temperature"] - 15.0) / 8.0 + random.normal(0.0, 0.1)
        seen = {name: value for name, value in features.items() if gaps.random() < 0.7}
        learner.learn(day, key, seen | {"moon": math.nan, f"once {day}": 1.0}, happened, 20.0)
        learner.learn(day, key, {"temperature": math.inf}, math.nan, 20.0)
    assert learner.effect(key, {}).keys() <= {"promotion"}  # set of late, and not set now
    assert learner.effect(Key("new", "new"), {"never heard of": 1.0, "temperature": math.nan}) == {}
    degrees = [learner.effect(key, {"temperature": value})["temperature"] for value in (15.0, 23.0, 9999.0)]
    assert degrees[1] - degrees[0] == pytest.approx(0.1, abs=0.03)
    assert degrees[1] < degrees[2] < 0.7
    assert len(msgspec.msgpack.encode(learner.plain())) < 200_000


def test_names_come_and_go_and_memory_does_not_grow() -> None:
    """A new campaign every week or so, for three years; a holiday once a year; a promotion that goes on."""
    random, learner, keys = np.random.default_rng(10), Signals(), [Key(f"store {at}", "category") for at in range(4)]
    sizes = []
    for day in range(1100):
        holiday = {"holiday": True} if day % 365 == 100 else {}
        for key in keys:
            features = {f"campaign {day // 8}": True, "promotion": bool(random.random() < 0.2)} | holiday
            happened = 0.3 * features["promotion"] + 0.8 * bool(holiday) + random.normal(0.0, 0.1)
            learner.learn(day, key, features, happened, 50.0)
        if day % 100 == 99:
            sizes.append(len(msgspec.msgpack.encode(learner.plain())))
    assert max(sizes[3:]) < 1.1 * sizes[2] < 200_000
    assert _between(learner, "category", {"promotion": True}, {}) == pytest.approx(0.3, abs=0.04)
    assert _between(learner, "category", {"holiday": True}, {}) == pytest.approx(0.8, abs=0.25)
    assert "campaign 3" not in learner.effect(keys[0], {"campaign 3": True})


def test_what_is_forgotten_leaves_the_rest_as_it_was() -> None:
    random, regression = np.random.default_rng(11), Regression(0.1)
    for _ in range(50):
        shared = random.normal()
        regression.learn({"kept": shared, "gone": shared + random.normal()}, 0.1 * shared, 4.0)
    before = regression.parts({"kept": 1.0})
    regression.forget("gone")
    assert regression.parts({"kept": 1.0, "gone": 1.0}) == {"kept": pytest.approx(before["kept"]), "gone": 0.0}


def test_names_may_come_in_any_order_and_contributions_sum_to_the_effect() -> None:
    learner, _ = _run(_weather, 60, seed=7)
    key, features = Key("store 1", "category 1"), {"temperature": 3.0, "promotion": True, "local": -2.0}
    told = learner.effect(key, features)
    assert told == learner.effect(key, dict(reversed(features.items())))
    base = {name: learner.effect(key, {name: value})[name] for name, value in features.items()}
    assert told.keys() == base.keys()
    assert sum(told.values()) == pytest.approx(sum(base.values()), abs=1e-12)


def test_a_learner_goes_on_from_its_saved_state_to_the_last_bit() -> None:
    learner, _ = _run(_weather, 70, seed=8)
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(learner.plain()))
    copy, random = Signals.restored(saved), np.random.default_rng(9)
    for day in range(70, 90):
        features = _features(random, day) | {"new": 1.0 * day}
        for one in (learner, copy):
            one.learn(day, Key("store 2", "category 0"), features, 0.1 * features["moon"], 30.0)
    assert copy.plain() == learner.plain()

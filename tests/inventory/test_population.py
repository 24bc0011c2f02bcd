"""Counting tags nobody listed: vectors, laws of the estimate, and recovery of simulated places."""

import doctest
from math import log, sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from inventory.stock import population
from inventory.stock.population import Experience, Heard, Lesson, Walk, chao, estimate, fit, learn, observe, strays_in

TAGS = 200


def _walk(random: Random, rate: float, passes: int = 2, tags: int = TAGS) -> Walk:
    """Every tag is heard by every pass with the same chance, 1 to 60 reads around -65 dBm."""
    walk = Walk([{} for _ in range(passes)])
    for at_pass in range(passes):
        for tag in range(tags):
            if random.random() < rate:
                for _ in range(random.randint(1, 60)):
                    observe(walk, f"tag {tag}", 1, round(random.gauss(-65, 3)), at_pass)
    return walk


def _add_strays(walk: Walk, random: Random, count: int) -> set[str]:
    """Weak tags, read once or twice."""
    strays = {f"stray {number}" for number in range(count)}
    for epc in sorted(strays):
        observe(walk, epc, random.randint(1, 2), random.randint(-74, -71))
    return strays


def _taught(rate: float, walks: int = 6) -> Experience:
    experience = Experience()
    for seed in range(walks):
        learn(experience, "shop", _walk(Random(100 + seed), rate), TAGS)
    return experience


def test_the_doctest_of_horvitz_and_thompson_holds() -> None:
    function = population.horvitz_thompson
    test = doctest.DocTestParser().get_doctest(function.__doc__ or "", {function.__name__: function}, "", None, 0)
    assert doctest.DocTestRunner().run(test) == (0, 1)


def test_horvitz_and_thompson_by_hand() -> None:
    """pi = 1 - 0.2^2 = 0.96."""
    assert population.horvitz_thompson(19, 0.8, 2) == pytest.approx((19 / 0.96, sqrt(19 * 0.04) / 0.96))


def test_chao_by_hand() -> None:
    """Three passes hear 6 tags: 3 once, 2 twice, 1 always: 6 + 2/3 * 3 * 2 / (2 * 3)."""
    walk = Walk()
    for at_pass, heard in enumerate(("abdf", "bcf", "def")):
        for epc in heard:
            observe(walk, epc, 1, -60, at_pass)
    assert chao(walk) == pytest.approx(6 + 2 / 3)


def test_one_pass_tells_chao_nothing() -> None:
    walk = _walk(Random(1), 0.5, passes=1)
    assert chao(walk) == len(walk.passes[0])


def test_a_place_that_hears_nothing_holds_nothing_for_all_we_know() -> None:
    assert estimate(Experience(), "shop", Walk()) == (0, 0.0, 0, 0)


_reads = st.lists(
    st.tuples(st.sampled_from("abcdefghij"), st.integers(1, 50), st.integers(-80, -30), st.integers(0, 12)), max_size=60
)


@settings(max_examples=60, deadline=None)
@given(_reads, st.booleans(), st.randoms(use_true_random=False))
def test_never_fewer_than_were_heard_in_any_order(
    reads: list[tuple[str, int, int, int]], taught: bool, random: Random
) -> None:
    experience = _EXPERIENCE if taught else Experience()
    walk, shuffled = Walk(), Walk()
    for epc, count, rssi, at_pass in reads:
        observe(walk, epc, count, rssi, at_pass)
    for epc, count, rssi, at_pass in random.sample(reads, len(reads)):
        observe(shuffled, epc, count, rssi, at_pass)
    found = estimate(experience, "shop", walk)
    heard = {epc for epc, *_ in reads}
    assert len(heard) <= found.low <= found.median <= found.high
    assert found.mean >= len(heard)
    assert estimate(experience, "shop", shuffled) == found


_EXPERIENCE = _taught(0.7, walks=2)


@pytest.mark.parametrize("rate", [0.4, 0.6, 0.8, 0.95])
def test_a_place_where_all_tags_are_alike_is_counted_within_its_interval(rate: float) -> None:
    """The 95 % interval may be missed by one walk in twenty; two of twelve happen in one draw of nine."""
    experience = _taught(rate)
    found = [estimate(experience, "shop", _walk(Random(seed), rate)) for seed in range(12)]
    assert sum(one.low <= TAGS <= one.high for one in found) >= 10
    assert np.mean([one.median for one in found]) == pytest.approx(TAGS, rel=0.03)


def test_without_experience_the_interval_is_wide() -> None:
    walk = _walk(Random(2), 0.6, passes=1)
    new, known = estimate(Experience(), "shop", walk), estimate(_taught(0.6), "shop", walk)
    assert new.high - new.low > 2 * (known.high - known.low)
    assert new.low <= TAGS <= new.high


def test_repeats_teach_where_the_number_is_not_known() -> None:
    """Where all tags are alike, four passes of 0.6 hear 97 % and Chao's bound is the number."""
    experience = Experience()
    for seed in range(6):
        learn(experience, "shop", _walk(Random(seed), 0.6, passes=4))
    assert estimate(experience, "shop", _walk(Random(50), 0.6, passes=1)).median == pytest.approx(TAGS, rel=0.1)


def test_a_single_pass_past_an_unknown_number_teaches_nothing() -> None:
    experience = Experience()
    learn(experience, "shop", _walk(Random(1), 0.6, passes=1))
    assert experience.lessons == []


def test_every_number_of_passes_is_a_lesson() -> None:
    """Windows of two of three passes hear {a, b} and {b}; of one pass {a}, {b}, {b}."""
    walk, experience = Walk(), Experience()
    for at_pass, epc in enumerate("abb"):
        observe(walk, epc, 1, -60, at_pass)
    learn(experience, "shop", walk, 4)
    assert [(lesson.passes, lesson.heard) for lesson in experience.lessons] == [(1, 1), (2, 1.5), (3, 2)]
    assert {lesson.known for lesson in experience.lessons} == {4}


def test_weak_reads_mean_that_more_was_missed() -> None:
    lessons = [Lesson("shop", 1, heard, rssi, 3.5, 100) for heard, rssi in ((90, -62), (80, -64), (60, -67), (50, -68))]
    experience = Experience(lessons * 3)
    strong, weak = Walk([{}]), Walk([{}])
    for tag in range(50):
        observe(strong, str(tag), 33, -62)
        observe(weak, str(tag), 33, -68)
    assert estimate(experience, "shop", strong).median < 65
    assert estimate(experience, "shop", weak).median > 85


def test_the_fit_is_the_mode_of_the_penalised_likelihood() -> None:
    """An independent search, at the fitted scatter."""
    random = Random(4)
    lessons = [
        Lesson(place, passes, random.randint(40, 95), random.uniform(-68, -62), random.uniform(3, 4), 100)
        for place in ("a", "b")
        for passes in (1, 2, 3)
    ]
    found = fit(lessons)

    def loss(weights: np.ndarray) -> float:
        prior, sd = np.array([0.5, 0.45, 0.2, 0.35, 0, 0]), np.array([1, 0.25, 0.15, 0.5, 1, 1])
        total = 0.5 * float((((weights - prior) / sd) ** 2).sum())
        for one in lessons:
            signs = [1, log(one.passes), one.rssi_dbm + 66, one.log_reads - 3.5, one.place == "a", one.place == "b"]
            missed = float(np.exp(-np.exp(np.dot(weights, signs))))
            total -= (one.heard * log(1 - missed) + (100 - one.heard) * log(missed)) / found.scatter
        return total

    best = optimize.minimize(loss, np.array([0.5, 0.45, 0.2, 0.35, 0, 0]), method="BFGS")
    assert found.weights == pytest.approx(best.x, abs=1e-3)


def test_strays_are_rejected_once_it_is_known_what_they_look_like() -> None:
    experience, random = Experience(), Random(3)
    for _ in range(4):
        walk = _walk(random, 0.8)
        strays = _add_strays(walk, random, 30)
        learn(experience, "shop", walk, TAGS, strays)
    walk = _walk(random, 0.8)
    assert strays_in(Experience(), walk) == set()
    clean = estimate(experience, "shop", walk)
    strays = _add_strays(walk, random, 30)
    rejected = strays_in(experience, walk)
    assert len(strays & rejected) >= 27
    assert len(rejected - strays) <= 0.03 * TAGS
    assert estimate(experience, "shop", walk).median == pytest.approx(clean.median, rel=0.03)


def test_a_place_without_strays_rejects_nothing() -> None:
    walk = _walk(Random(9), 0.8)
    _add_strays(walk, Random(9), 30)
    assert strays_in(_taught(0.8), walk) == set()


def test_memory_is_bounded() -> None:
    walk, experience = Walk(), Experience()
    for number in range(500):
        observe(walk, "tag", 1, -60, number)
    assert len(walk.passes) == population.MOST_PASSES
    assert sum(one["tag"].reads for one in walk.passes) == 500
    for _ in range(population.MOST_LESSONS):
        learn(experience, "shop", walk, 1)
    assert len(experience.lessons) == population.MOST_LESSONS


def test_a_reader_that_tells_no_strength_is_heard_all_the_same() -> None:
    walk = Walk()
    observe(walk, "tag", 3, None)
    assert walk.passes == [{"tag": Heard(3, 3 * -66.0, 3 * 66.0**2, -66.0)}]
    assert estimate(Experience(), "shop", walk).median >= 1

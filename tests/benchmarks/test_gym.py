"""The benchmark on gym-invmgmt: the oracle's figure is what its orders earn, and nobody beats it."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from benchmarks.gym.__main__ import main
from benchmarks.gym.forecast import Forecast, Level, Memory, Slope
from benchmarks.gym.networks import Network, Scenario, scenarios
from benchmarks.gym.play import demand_of, oracle, play
from benchmarks.gym.policies import POLICIES


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
def test_the_oracles_orders_earn_what_it_says(scenario: Scenario) -> None:
    """The product's program and the package's environment agree on every flow and every cost."""
    plan = oracle(scenario, seed=3)
    environment = scenario.environment()
    environment.reset(seed=3)
    earned = sum(environment.step(np.array(orders))[1] for orders in (plan.now, *plan.later[0]))
    assert earned == pytest.approx(plan.profit, abs=1e-3)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("scenario", [Scenario("serial", "shock", True), Scenario("w_network", "stationary", False)])
def test_nobody_beats_the_oracle_and_restockd_comes_close(scenario: Scenario, policy: str) -> None:
    share = play(scenario, POLICIES[policy], seed=4) / oracle(scenario, seed=4).profit
    assert share < 1.0
    if policy == "restockd":
        assert share > 0.7


def test_demand_is_the_same_whoever_plays() -> None:
    scenario = Scenario("serial", "seasonal", False)
    environment = scenario.environment()
    environment.reset(seed=5)
    for _ in range(environment.num_periods):
        environment.step(np.full(len(environment.network.reorder_links), 25.0))
    assert np.array_equal(environment.demand, demand_of(scenario, 5))


def test_a_view_is_the_environments_state() -> None:
    environment = Scenario("network", "stationary", True).environment()
    network = Network(environment)
    environment.reset(seed=1)
    orders = np.arange(1.0, len(network.links) + 1.0)
    for _ in range(4):
        observed, *_ = environment.step(orders)
    view = network.view(observed)
    assert view.period == 4
    assert view.demand.tolist() == environment.demand[3].tolist()
    assert view.on_hand[1] == environment.inventory[4][environment.network.node_map[1]]
    on_way = [sum(arriving) for arriving in view.arriving]
    assert on_way == pytest.approx(environment.pipeline[4].tolist())


@pytest.mark.parametrize("memory", [Level(20.0, 6.0), Slope(20.0, 6.0)], ids=["level", "slope"])
def test_memories_of_steady_demand_stay(memory: Memory) -> None:
    for _ in range(40):
        memory.observe(20.0)
    means, variances = memory.sums(5)
    assert means == pytest.approx([20.0, 40.0, 60.0, 80.0, 100.0], rel=0.01)
    assert variances[-1] > 100.0, "wider than five Poisson periods, since the level may move"


def test_the_spread_of_a_level_is_that_of_exponential_smoothing() -> None:
    """Half-life 1: half of an error is taken; three periods 1 + 1.5^2 + 2^2 = 7.25 times the variance of one."""
    level = Level(20.0, 1.0)
    _, variances = level.sums(3)
    assert variances / variances[0] == pytest.approx([1.0, 3.25, 7.25])


def test_a_slope_is_followed_and_fades() -> None:
    forecast = Forecast(20.0)
    for period in range(25):
        forecast.observe(20.0 + 2.0 * period)
    (one, _), (ten, _) = forecast.moments(1), forecast.moments(10)
    assert 60.0 < one < 70.0
    assert 10 * one < ten < 10 * one + 2.0 * 45


def test_a_spread_is_held_to_the_errors_there_were() -> None:
    """Two periods of 30 where 20 were expected, with a variance of 20: (10^2 / 20 + 1) / 2 = 3 after the first."""
    forecast = Forecast(20.0)
    assert forecast.moments(1)[1] == pytest.approx(20.0, rel=0.01)
    forecast.observe(30.0)
    _, plain = forecast.said[-1]
    for periods in (1, 5, 12):
        assert forecast.moments(periods)[1] == pytest.approx(3.0 * plain[periods - 1], rel=0.01)
    mean, _ = forecast.moments(1)
    forecast.observe(30.0)
    errors = [100 / 20, (30 - mean) ** 2 / plain[0], 0.5 * (60 - 40) ** 2 / forecast.said[0][1][1]]
    _, plain = forecast.said[-1]
    assert forecast.moments(1)[1] == pytest.approx(plain[0] * (1 + sum(errors[:2])) / 3, rel=0.01)
    assert forecast.moments(2)[1] == pytest.approx(plain[1] * (1 + sum(errors)) / 3.5, rel=0.01)


def test_a_spread_of_demand_as_steady_as_said_stays() -> None:
    forecast = Forecast(20.0)
    for _ in range(10):
        forecast.observe(20.0)
    assert forecast.moments(8) == tuple(float(told[7]) for told in forecast.said[-1])


def test_it_tells_shares_by_scenario() -> None:
    app = typer.Typer()
    app.command()(main)
    told = CliRunner().invoke(app, ["--seeds", "1", "--only", "serial, stationary, backlog", "--json"])
    assert told.exit_code == 0, told.output
    shares = json.loads(told.output.splitlines()[-1])["scenarios"]["serial, stationary, backlog"]
    assert set(shares) == {"restockd", "newsvendor", "echelon"}
    assert all(0.0 < share <= 1.0 for share in shares.values())

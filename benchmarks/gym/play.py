"""Episodes: a policy's profit, and the oracle's on the very same demand."""

from typing import Any

import numpy as np

from benchmarks.gym.forecast import Forecast
from benchmarks.gym.networks import Array, Network, Scenario
from benchmarks.gym.policies import Policy
from inventory.replenishment.network import NetworkPlan, plan_network


def play(scenario: Scenario, policy: Policy, seed: int) -> float:
    """Profit of one episode. The policy is given views and forecasts, nothing of the environment."""
    environment = scenario.environment()
    network = Network(environment)
    forecasts = [Forecast(float(_stated(network, link))) for link in network.markets]
    observed, _ = environment.reset(seed=seed)
    profit, over = 0.0, False
    while not over:
        view = network.view(observed)
        if view.period:
            for forecast, units in zip(forecasts, view.demand.tolist(), strict=True):
                forecast.observe(units)
        observed, reward, ended, cut, _ = environment.step(policy(network, view, forecasts))
        profit, over = profit + reward, ended or cut
    return profit


def oracle(scenario: Scenario, seed: int) -> NetworkPlan:
    """The best plan for the demand of this seed."""
    demand = demand_of(scenario, seed)
    environment = scenario.environment()
    network = Network(environment)
    observed, _ = environment.reset(seed=seed)
    view = network.view(observed)
    paths = [(tuple(column),) for column in demand.T.tolist()]
    return plan_network(
        network.product_nodes(view),
        network.product_links(view),
        network.product_markets(view, paths),
        backlog=network.backlog,
    )


def demand_of(scenario: Scenario, seed: int) -> Array:
    """Demand of an episode by period and market; without goodwill it does not depend on the orders."""
    environment = scenario.environment()
    environment.reset(seed=seed)
    nothing = np.zeros(len(environment.network.reorder_links))
    for _ in range(environment.num_periods):
        environment.step(nothing)
    return np.array(environment.demand, dtype=np.float64)


def _stated(network: Network, link: Any) -> float:
    """The mean the network's reference data names."""
    return float(network.graph.edges[link]["dist_param"]["mu"])

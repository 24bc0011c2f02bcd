"""The contestants: each sees the view and the shared forecast, and orders for every link."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.gym.forecast import Forecast
from benchmarks.gym.networks import Array, Network, View
from inventory.replenishment.distribution import counts
from inventory.replenishment.network import PROBABILITIES, futures_of, plan_network

# Chosen among 1, 2, 3 and 5 where nothing is scored: the package's other networks under demand that moves.
BLIND_PERIODS = 2

Policy = Callable[[Network, View, Sequence[Forecast]], Array]


def restockd(network: Network, view: View, forecasts: Sequence[Forecast]) -> Array:
    """Plan to the end of the horizon for the futures of the forecast; place the first orders."""
    left = network.periods - view.period
    futures = [futures_of([forecast.over(periods) for periods in range(1, left + 1)]) for forecast in forecasts]
    plan = plan_network(
        network.product_nodes(view),
        network.product_links(view),
        network.product_markets(view, futures),
        PROBABILITIES,
        backlog=network.backlog,
        blind_periods=BLIND_PERIODS,
    )
    return np.array(plan.now)


def newsvendor(network: Network, view: View, forecasts: Sequence[Forecast]) -> Array:
    """Each link keeps its share of its buyer's demand over its lead time, from stock and what is on its way there."""
    orders = []
    for place, (_, buyer) in enumerate(network.links):
        share = 1.0 / len(_suppliers(network, buyer))
        periods = network.graph.edges[network.links[place]]["L"] + 1
        mean, variance, ratio = _demand_at(network, buyer, forecasts, periods)
        level = counts(share * mean, share * share * variance).quantile(ratio)
        own = view.on_hand[buyer] - _waiting_at(network, view, buyer)
        orders.append(max(level - share * own - sum(view.arriving[place]), 0.0))
    return np.array(orders)


def echelon(network: Network, view: View, forecasts: Sequence[Forecast]) -> Array:
    """Each link keeps its share of demand over the way to the market, from all stock downstream of it."""
    orders = []
    for place, (_, buyer) in enumerate(network.links):
        share = 1.0 / len(_suppliers(network, buyer))
        periods = network.graph.edges[network.links[place]]["L"] + _to_market(network, buyer) + 1
        mean, variance, ratio = _demand_at(network, buyer, forecasts, periods)
        level = counts(share * mean, share * share * variance).quantile(ratio)
        orders.append(max(level - share * _echelon_stock(network, view, buyer) - sum(view.arriving[place]), 0.0))
    return np.array(orders)


POLICIES: dict[str, Policy] = {"restockd": restockd, "newsvendor": newsvendor, "echelon": echelon}


def _suppliers(network: Network, buyer: Any) -> list[int]:
    return [place for place, (_, destination) in enumerate(network.links) if destination == buyer]


def _buyers(network: Network, supplier: Any) -> list[int]:
    return [place for place, (origin, _) in enumerate(network.links) if origin == supplier]


def _demand_at(network: Network, node: Any, forecasts: Sequence[Forecast], periods: int) -> tuple[float, float, float]:
    """Mean, variance and critical ratio of what a node serves: its market, and its share of its buyers' demand."""
    mean = variance = ratio = 0.0
    for place, (seller, _) in enumerate(network.markets):
        if seller == node:
            own = forecasts[place].moments(periods)
            mean, variance = mean + own[0], variance + own[1]
            ratio = max(ratio, network.critical_ratio(place))
    for place in _buyers(network, node):
        buyer = network.links[place][1]
        share = 1.0 / len(_suppliers(network, buyer))
        theirs = _demand_at(network, buyer, forecasts, periods)
        mean, variance = mean + share * theirs[0], variance + share * share * theirs[1]
        ratio = max(ratio, theirs[2])
    return mean, variance, ratio


def _to_market(network: Network, node: Any) -> int:
    """Periods from a node to its market, over its buyers on average."""
    ways: list[int] = [
        network.graph.edges[network.links[place]]["L"] + _to_market(network, network.links[place][1])
        for place in _buyers(network, node)
    ]
    return round(sum(ways) / len(ways)) if ways else 0


def _waiting_at(network: Network, view: View, node: Any) -> float:
    return sum(float(view.waiting[place]) for place, (seller, _) in enumerate(network.markets) if seller == node)


def _echelon_stock(network: Network, view: View, node: Any) -> float:
    """On hand less backlog, what is on its way from here, and this node's share of its buyers' echelons."""
    stock = view.on_hand[node] - _waiting_at(network, view, node)
    for place in _buyers(network, node):
        buyer = network.links[place][1]
        stock += sum(view.arriving[place])
        stock += _echelon_stock(network, view, buyer) / len(_suppliers(network, buyer))
    return stock

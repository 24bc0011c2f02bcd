"""The package's environments, and what one sees of them in the product's terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gym_invmgmt
import numpy as np
import numpy.typing as npt

from inventory.replenishment.network import Link, Market, Node

Array = npt.NDArray[np.float64]

PERIODS = 30
PATTERNS = {
    "stationary": [],
    "trend": ["trend"],
    "seasonal": ["seasonal"],
    "shock": ["shock"],
    "combined": ["trend", "seasonal", "shock"],
}
BUILT_IN = ("network", "serial")
TOPOLOGIES = ("diamond", "assembly", "distribution_tree", "w_network")


@dataclass(frozen=True)
class Scenario:
    """A network, how its demand moves, and whether unmet demand waits."""

    topology: str
    pattern: str
    backlog: bool

    @property
    def name(self) -> str:
        """As it is called in the results."""
        return f"{self.topology}, {self.pattern}, {'backlog' if self.backlog else 'lost sales'}"

    def environment(self, **more: Any) -> Any:
        """A fresh environment; the package's own settings but for the demand pattern and the backlog."""
        told: dict[str, Any] = {
            "demand_config": {"effects": PATTERNS[self.pattern], "base_mu": 20, "use_goodwill": False},
            "num_periods": PERIODS,
            "backlog": self.backlog,
            **more,
        }
        if self.topology in BUILT_IN:
            return gym_invmgmt.CoreEnv(scenario=self.topology, **told)
        folder = Path(gym_invmgmt.__file__).parent / "topologies"
        return gym_invmgmt.make_custom_env(str(folder / f"{self.topology}.yaml"), **told)


def scenarios() -> list[Scenario]:
    """Both registered networks under every pattern; the package's other networks under stationary demand."""
    built_in = [Scenario(name, pattern, waits) for name in BUILT_IN for pattern in PATTERNS for waits in (True, False)]
    return built_in + [Scenario(name, "stationary", waits) for name in TOPOLOGIES for waits in (True, False)]


@dataclass(frozen=True)
class View:
    """What is seen at the start of a period."""

    period: int
    demand: Array
    waiting: Array
    on_hand: dict[Any, float]
    arriving: list[tuple[float, ...]]


class Network:
    """The reference data of an environment, and its observations taken apart."""

    def __init__(self, environment: Any) -> None:
        network = environment.network
        self.backlog = bool(environment.backlog)
        self.periods = int(environment.num_periods)
        self.nodes = [node.item() if hasattr(node, "item") else node for node in network.main_nodes]
        self.links = list(network.reorder_links)
        self.markets = list(network.retail_links)
        self.graph = network.graph
        self.purchased = set(network.rawmat)

    def view(self, observed: Array) -> View:
        """An observation: demand and backlog by market, stock by node, arrivals by link, period, sentiment."""
        markets, nodes = len(self.markets), len(self.nodes)
        stock = observed[2 * markets : 2 * markets + nodes].tolist()
        arriving, place = [], 2 * markets + nodes
        for link in self.links:
            periods = self.graph.edges[link]["L"]
            arriving.append(tuple(observed[place : place + periods].tolist()))
            place += periods
        return View(
            int(observed[-2]),
            observed[:markets],
            observed[markets : 2 * markets],
            dict(zip(self.nodes, stock, strict=True)),
            arriving,
        )

    def product_nodes(self, view: View) -> list[Node]:
        """The nodes with what is on hand."""
        told = []
        for name in self.nodes:
            known = self.graph.nodes[name]
            told.append(
                Node(
                    str(name),
                    view.on_hand[name],
                    known["h"],
                    known.get("C"),
                    known.get("o", 0.0),
                    known.get("v", 1.0),
                )
            )
        return told

    def product_links(self, view: View) -> list[Link]:
        """The links with what is on its way; prices between own locations cancel out."""
        told = []
        for (origin, destination), arriving in zip(self.links, view.arriving, strict=True):
            known = self.graph.edges[origin, destination]
            bought = origin in self.purchased
            told.append(
                Link(
                    None if bought else str(origin),
                    str(destination),
                    known["L"],
                    known["p"] if bought else 0.0,
                    known["g"],
                    arriving,
                )
            )
        return told

    def product_markets(self, view: View, futures: Sequence[tuple[tuple[float, ...], ...]]) -> list[Market]:
        """The markets with the futures to plan for."""
        return [
            Market(
                str(link[0]),
                self.graph.edges[link]["p"],
                self.graph.edges[link]["b"],
                futures[place],
                view.waiting[place],
            )
            for place, link in enumerate(self.markets)
        ]

    def critical_ratio(self, market: int) -> float:
        """Of a period: backlog cost, or the price where the sale is lost, against holding at the store."""
        link = self.markets[market]
        known = self.graph.edges[link]
        short = known["b"] if self.backlog else known["b"] + known["p"]
        return float(short / (short + self.graph.nodes[link[0]]["h"]))

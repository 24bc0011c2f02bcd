"""Policies, one file each: what to order up to, and when, from one case alone."""

from inventory.replenishment.policies.case import Answer, Case, Costs, Policy
from inventory.replenishment.policies.fill_rate_base_stock import FillRateBaseStock
from inventory.replenishment.policies.least_cost import LeastCost
from inventory.replenishment.policies.min_max import MinMax
from inventory.replenishment.policies.newsvendor import Newsvendor
from inventory.replenishment.policies.periodic_min_max import PeriodicMinMax
from inventory.replenishment.policies.projected_inventory import ProjectedInventory
from inventory.replenishment.policies.quantile_base_stock import QuantileBaseStock
from inventory.replenishment.policies.z_formula import ZFormula

AnyPolicy = (
    QuantileBaseStock
    | FillRateBaseStock
    | ProjectedInventory
    | LeastCost
    | MinMax
    | PeriodicMinMax
    | Newsvendor
    | ZFormula
)

__all__ = [
    "Answer",
    "AnyPolicy",
    "Case",
    "Costs",
    "FillRateBaseStock",
    "LeastCost",
    "MinMax",
    "Newsvendor",
    "PeriodicMinMax",
    "Policy",
    "ProjectedInventory",
    "QuantileBaseStock",
    "ZFormula",
]

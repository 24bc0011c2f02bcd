"""Demand in whole units, few or many: whole distributions, learned in one pass, of a period and of sums of periods.

Levels are decayed means, promotions and prices multiply them, and around any level - also one from
another model - the distribution has the shape that series of that size have shown, bent the way the
series itself departs from it. Nothing is assumed to be Poisson or negative binomial, except at first.
"""

from inventory.demand.counts.learner import CountDemand
from inventory.demand.counts.levels import Memory
from inventory.demand.counts.shapes import Shapes
from inventory.demand.counts.uplifts import Uplifts

__all__ = ["CountDemand", "Memory", "Shapes", "Uplifts"]

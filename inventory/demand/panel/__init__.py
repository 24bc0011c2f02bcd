"""Daily demand of many series that add up (items in stores), learned day by day in one pass.

Each aggregate (a department of a store) is forecast by a regression on the calendar whose coefficients
drift; its series get shares of that, learned from several running shares; quantiles come
from rehearsed forecasts and what became of them. Memory does not grow with the days.
"""

from inventory.demand.panel.days import Day
from inventory.demand.panel.forecaster import Forecast, Forecaster
from inventory.demand.panel.hierarchy import Level, Panel, level, panel

__all__ = ["Day", "Forecast", "Forecaster", "Level", "Panel", "level", "panel"]

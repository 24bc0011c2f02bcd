"""What weather, campaigns, events and other signals do to the sales of a category in a store, learned online.

``log(actual / forecast)`` of an aggregate's day is explained by signals: chain-wide, by category, and by category in
store, each level shrunk towards what those above it say. A number that is missing counts as usual, a flag (``bool``)
that is missing is not set, and a new name is taken in with no effect at first.
"""

from inventory.demand.signals.learner import Rules, Signals
from inventory.demand.signals.readings import Key

__all__ = ["Key", "Rules", "Signals"]

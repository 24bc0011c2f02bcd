"""Lead times of all series of the learner at once."""

from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.supply import lead_time_of, supplier_of
from inventory.turn import Turn


class LeadDays(NamedTuple):
    """Of every series, (n,) each: the expected protection interval, and the deviation of the lead time in it."""

    protection: Array
    deviation: Array


def lead_days(turn: Turn) -> LeadDays:
    """By the items' own suppliers and the places, as learned when a day ended last or as stated."""
    state, register = turn.state, turn.state.learner.register
    suppliers = [supplier_of(turn, state.skus[name]) for name in register.items]
    named = {supplier.supplier: supplier for supplier in suppliers}
    row = {name: at for at, name in enumerate(named)}
    mean, deviation = np.zeros((2, len(named), len(register.locations)))
    for name, supplier in named.items():
        if not state.core.rules.learn_lead_times or name not in state.supply.suppliers:
            mean[row[name]], deviation[row[name]] = supplier.lead_time_days, supplier.lead_time_sd_days
            continue
        for column, location in enumerate(register.locations):
            days = lead_time_of(state, supplier, location)
            mean[row[name], column], deviation[row[name], column] = days.mean_days, days.variance_days**0.5
    item, place = (np.array(one, dtype=np.intp) for one in (register.item, register.location))
    own = np.array([row[supplier.supplier] for supplier in suppliers], dtype=np.intp)[item]
    review = np.array([supplier.review_period_days for supplier in suppliers])[item]
    return LeadDays(mean[own, place] + review, deviation[own, place])

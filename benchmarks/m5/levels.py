"""The twelve levels of the competition."""

from benchmarks.m5.files import Ids
from inventory.demand.panel.hierarchy import Level, level


def levels(ids: Ids) -> dict[str, Level]:
    """In the order of the competition: L1 is everything, L12 one item in one store."""
    everything = [""] * len(ids.item)
    by = (
        (everything,),
        (ids.state,),
        (ids.store,),
        (ids.category,),
        (ids.department,),
        (ids.state, ids.category),
        (ids.state, ids.department),
        (ids.store, ids.category),
        (ids.store, ids.department),
        (ids.item,),
        (ids.item, ids.state),
        (ids.item, ids.store),
    )
    return {f"L{at}": level(list(zip(*labels, strict=True))) for at, labels in enumerate(by, 1)}

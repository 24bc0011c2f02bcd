"""How long it takes to decide again about every SKU at every location.

``python -m benchmarks.reevaluate`` makes the stock, demand, open orders and
reference data of a chain (seeded), then decides about every pair anew with the
product's own code, as after a change of the rules: from the state of the core to
the quantities that would be ordered. Making the chain is not timed; the quickest
of three rounds counts, with its processor time beside it. The same decisions are
made one by one too, compared, and timed for comparison.
"""

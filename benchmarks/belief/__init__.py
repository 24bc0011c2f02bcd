"""How good the belief is: a simulated chain whose true stock is kept aside, through the product's own fold.

``python -m benchmarks.belief --json`` plays the published simulator (``simulators.chain``, which shares no code
with the core) for 90 days, with daily and with weekly sweeps, in named cases, and scores every day's end.
"""

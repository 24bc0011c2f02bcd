"""How long transfer plans take: for one SKU at once, and for everything at the end of a day.

``python -m benchmarks.transfers`` folds a log of a seeded chain (reference data, opening stock, a day of sales), then
times the two plans of the fold itself: a rescue of one location among fifty (the median of a hundred sales), and the
plan of a day's end for 500 styles in four sizes at ten stores with lanes between all of them. Making the chain is not
timed.
"""

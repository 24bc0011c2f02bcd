"""The pure core: believed stock, learned demand, decisions. No Kafka, no clock, no I/O.

``fold.step(state, message)`` is the whole of it: a deterministic function of the
observations log. Everything else here is a part of that function.
"""

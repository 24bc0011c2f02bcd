"""The vocabulary: identifiers, readings, observations, facts, topics and errors.

A *reading* is what a device sent, an *observation* is what it means, a *fact*
is what restockd says. Nothing in this package reads a clock or does I/O.
"""

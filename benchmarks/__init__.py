"""Speed beside the peers, in one run, on one machine, with the same input.

``python -m benchmarks.throughput`` starts three programs one after the other on
one real Kafka and sends each the same simulated till baskets:

- ``restockd``: the intake and the fold of restockd in one worker process;
- ``faust``: an ordinary Faust agent with a table, one basket per event;
- ``bare``: confluent-kafka and orjson in a loop, the least one can do.

The numbers say what a machine does on that day and are never asserted by a test:
compare the ratios within a run.
"""

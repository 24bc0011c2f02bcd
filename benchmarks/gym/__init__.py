"""Supply networks of the package gym-invmgmt, played without seeing the future.

``python -m benchmarks.gym`` plays the package's networks under its demand patterns,
backlogged and lost. Everybody sees what the environment shows (demand of the last
period, backlog, stock, arrivals) and the network's reference data, never the
demand to come. Each score is profit as a share of an oracle's, over the same seeds.

The package (0.2.1) ships environments, no oracle and no policies: those of its
authors' paper are not in it. Here they are:

- *oracle*: the linear program of ``inventory.replenishment.network`` told the very
  demand of the episode (an environment of the same seed is asked for it). It is an
  upper bound for every policy, and reaches its figure when its orders are played
  (tested);
- *newsvendor*: a base stock at every link by itself, at the critical ratio of its
  market, over the link's lead time;
- *echelon*: the same on echelon stock (the location and everything downstream) over
  the lead time to the market;
- *restockd*: the plan of ``inventory.replenishment.network`` for several futures of
  the forecast, made anew each period.

All three share one forecast (``forecast``), learned online from stated means, its
spreads held to the errors there were. What is to be chosen is chosen where nothing is
scored: on other seeds of the package's other networks, under demand that moves.
Goodwill is not played: demand then depends on what is served, and there is no
demand to tell an oracle.
"""

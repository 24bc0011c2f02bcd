"""How soon forecasts follow a level that changed for good, beside moving means, in a seeded chain."""

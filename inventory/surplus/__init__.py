"""Units that are unlikely to sell in time, and the markdown that would sell them."""

"""What to buy: inventory position, policies (one file each), rounding, order life-cycle."""

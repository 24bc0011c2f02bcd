"""Policies compared in one world: real demand, simulated stock, lead times, losses and readers."""

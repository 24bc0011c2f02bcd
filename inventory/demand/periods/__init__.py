"""Demand by the period (weeks, months) of many series that share a season; learned in one pass."""

"""Daily demand of many series that add up: learned day by day, one pass."""

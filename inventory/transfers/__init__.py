"""What to move between locations."""

"""What people must know: conditions that are raised, updated and cleared."""

"""Where readings come from when there are no devices: a simulated chain of stores, and replays of files."""
